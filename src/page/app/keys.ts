import { byId, make } from "./dom.ts";
import type { List } from "./list.ts";
import type { Store } from "./state.ts";

const keys: readonly (readonly [string, string])[] = [
  ["/", "search"],
  ["↓ ↑ or j k", "next and previous run; in a waterfall the next and previous bar"],
  ["Page ↓ ↑, Home, End", "further"],
  ["Enter", "open the run and go to its waterfall"],
  ["← →", "in a waterfall: out of a step, into it"],
  ["Esc", "close the run, leave the search"],
  ["t", "totals and back"],
  ["?", "this list"],
];

/** The keys that work everywhere, and the list of them. */
export function listenToKeys(store: Store, list: List): void {
  const dialog = byId<HTMLDialogElement>("keys");
  const rows = keys.flatMap(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)]);
  dialog.append(
    make("h2", { id: "keys-title" }, "Keys"),
    make("dl", {}, ...rows),
    make(
      "p",
      { class: "note" },
      "Drag over the bars above the list to choose a stretch of time. All that is shown comes from the file; nothing leaves this machine. The address holds what you chose: it can be opened again while the viewer runs.",
    ),
    make("button", { type: "button", onclick: () => dialog.close() }, "Close"),
  );
  byId("help").addEventListener("click", () => dialog.showModal());
  const search = byId<HTMLInputElement>("search");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const isField = event.target instanceof HTMLInputElement && ["search", "text"].includes(event.target.type);
    if (event.key === "Escape") {
      if (event.target === search) search.blur();
      else if (store.state.run !== undefined) store.change({ run: undefined, span: undefined });
      list.focus();
    } else if (isField || event.target instanceof HTMLSelectElement) return;
    else if (event.key === "/") {
      search.focus();
      search.select();
    } else if (event.key === "?") dialog.showModal();
    else if (event.key === "t") store.change({ tab: store.state.tab === "runs" ? "totals" : "runs" });
    else if (event.key === "j" || event.key === "k") list.move(event.key === "j" ? 1 : -1);
    else return;
    event.preventDefault();
  });
}
