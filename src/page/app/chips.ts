import { everything, facetNames } from "../protocol.ts";
import { byId, make } from "./dom.ts";
import { valueText } from "./filters.ts";
import { wholeTimeText } from "./format.ts";
import type { State, Store } from "./state.ts";

/** The filters that are set, each with a button that takes it away. */
export function showChips(store: Store, { query: { filter }, last }: State): void {
  const chip = (text: string, remove: () => void) =>
    make(
      "button",
      { type: "button", class: "chip", onclick: remove, title: "Take this filter away" },
      text,
      make("span", { "aria-hidden": "true" }, "×"),
    );
  const chips = facetNames.flatMap((name) =>
    filter[name].map((value) =>
      chip(valueText(name, value), () =>
        store.filter({ [name]: (filter[name] as readonly string[]).filter((one) => one !== value) }),
      ),
    ),
  );
  if (filter.text !== "") chips.push(chip(`“${filter.text}”`, () => store.filter({ text: "" })));
  if (last === undefined && (filter.from !== undefined || filter.to !== undefined)) {
    const ends = [filter.from, filter.to].map((at) => (at === undefined ? "…" : wholeTimeText(at)));
    chips.push(chip(ends.join(" – "), () => store.filter({ from: undefined, to: undefined })));
  }
  const all = byId("chips");
  if (chips.length > 1) {
    chips.push(
      make("button", { type: "button", class: "chip clear", onclick: () => store.filter(everything) }, "Clear all"),
    );
  }
  all.replaceChildren(...chips);
  all.hidden = chips.length === 0;
}
