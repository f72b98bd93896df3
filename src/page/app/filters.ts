import type { FacetName, FacetValue } from "../protocol.ts";
import { byId, make } from "./dom.ts";
import { kindText, markText, modelText, numberText, statusText } from "./format.ts";
import type { Store } from "./state.ts";

type Counts = Readonly<Record<FacetName, readonly FacetValue[]>>;

const groups: readonly (readonly [name: FacetName, title: string])[] = [
  ["status", "Status"],
  ["kind", "Kind"],
  ["model", "Model"],
  ["tool", "Tool"],
  ["mark", "Besides"],
];
const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  status: statusText,
  kind: kindText,
  mark: markText,
};
const shownAtFirst = 8;

/** What a value of a filter is called. */
export function valueText(name: FacetName, value: string): string {
  return words[name]?.[value] ?? (name === "model" ? modelText(value) : value);
}

/** The lists of values to choose from, each with how many runs have it. */
export class Filters {
  readonly #store: Store;
  readonly #groups = new Map<FacetName, HTMLElement>();
  readonly #whole = new Set<FacetName>();
  #counts: Counts | undefined;

  constructor(store: Store) {
    this.#store = store;
    const aside = byId("filters");
    for (const [name, title] of groups) {
      const list = make("div", { class: "values" });
      this.#groups.set(name, list);
      aside.append(make("fieldset", { class: "facet", "data-facet": name }, make("legend", {}, title), list));
    }
    const toggle = byId("filters-toggle");
    toggle.addEventListener("click", () => {
      const open = aside.classList.toggle("open");
      toggle.setAttribute("aria-expanded", String(open));
    });
  }

  show(counts: Counts): void {
    this.#counts = counts;
    for (const [name, list] of this.#groups) this.#fill(name, list, counts[name]);
  }

  #fill(name: FacetName, list: HTMLElement, counted: readonly FacetValue[]): void {
    const chosen: readonly string[] = this.#store.state.query.filter[name];
    const absent = chosen.filter((value) => !counted.some((one) => one.value === value));
    const all = [...counted, ...absent.map((value) => ({ value, count: 0 }))];
    const group = list.parentElement;
    if (group) group.hidden = all.length === 0;
    const focused = list.contains(document.activeElement)
      ? (document.activeElement as HTMLInputElement).value
      : undefined;
    const whole = this.#whole.has(name);
    const shown = all.filter(({ value }, at) => whole || at < shownAtFirst || chosen.includes(value));
    const options = shown.map(({ value, count }) => this.#option(name, value, count, chosen));
    list.replaceChildren(...options);
    if (all.length > shownAtFirst) list.append(this.#more(name, whole, all.length));
    if (focused !== undefined) list.querySelector<HTMLInputElement>(`input[value="${CSS.escape(focused)}"]`)?.focus();
  }

  #option(name: FacetName, value: string, count: number, chosen: readonly string[]): HTMLElement {
    const box = make("input", {
      type: "checkbox",
      value,
      onchange: () => {
        const next = box.checked ? [...chosen, value] : chosen.filter((one) => one !== value);
        this.#store.filter({ [name]: next });
      },
    });
    box.checked = chosen.includes(value);
    const look = name === "status" ? make("span", { class: `dot ${value}` }) : undefined;
    const text = make("span", { class: "name", title: value }, valueText(name, value));
    return make("label", { class: "value" }, box, look, text, make("span", { class: "count" }, numberText(count)));
  }

  #more(name: FacetName, whole: boolean, all: number): HTMLElement {
    const turn = () => {
      if (whole) this.#whole.delete(name);
      else this.#whole.add(name);
      if (this.#counts) this.show(this.#counts);
    };
    return make("button", { type: "button", class: "more", onclick: turn }, whole ? "Fewer" : `All ${all}`);
  }
}
