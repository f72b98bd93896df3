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
  readonly #options = new Map<string, Option>();
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
    const whole = this.#whole.has(name);
    const shown = all.filter(({ value }, at) => whole || at < shownAtFirst || chosen.includes(value));
    const elements: HTMLElement[] = shown.map(({ value, count }) => {
      const option = this.#optionOf(name, value);
      option.show(count, chosen.includes(value));
      return option.element;
    });
    if (all.length > shownAtFirst) elements.push(this.#more(name, whole, all.length));
    // What is under the pointer or has the focus stays where it is while the file grows.
    const isBusy = list.matches(":hover, :focus-within");
    const isSame = elements.length === list.children.length && elements.every((one, at) => one === list.children[at]);
    if (!isSame && !(isBusy && elements.every((one) => list.contains(one)))) list.replaceChildren(...elements);
  }

  #optionOf(name: FacetName, value: string): Option {
    const key = `${name} ${value}`;
    const known = this.#options.get(key);
    if (known !== undefined) return known;
    const made = new Option(name, value, (checked) => {
      const chosen: readonly string[] = this.#store.state.query.filter[name];
      const others = chosen.filter((one) => one !== value);
      this.#store.filter({ [name]: checked ? [...others, value] : others });
    });
    this.#options.set(key, made);
    return made;
  }

  #more(name: FacetName, whole: boolean, all: number): HTMLElement {
    const text = whole ? "Fewer" : `All ${all}`;
    const known = this.#groups.get(name)?.querySelector<HTMLElement>(".more");
    if (known?.textContent === text) return known;
    const turn = () => {
      if (whole) this.#whole.delete(name);
      else this.#whole.add(name);
      if (this.#counts) this.show(this.#counts);
    };
    return make("button", { type: "button", class: "more", onclick: turn }, text);
  }
}

/** One value to choose. */
class Option {
  readonly element: HTMLElement;
  readonly #box: HTMLInputElement;
  readonly #count = make("span", { class: "count" });

  constructor(name: FacetName, value: string, choose: (checked: boolean) => void) {
    this.#box = make("input", { type: "checkbox", value, onchange: () => choose(this.#box.checked) });
    const look = name === "status" ? make("span", { class: `dot ${value}` }) : undefined;
    const text = make("span", { class: "name", title: value }, valueText(name, value));
    this.element = make("label", { class: "value" }, this.#box, look, text, this.#count);
  }

  show(count: number, checked: boolean): void {
    const text = numberText(count);
    if (this.#count.textContent !== text) this.#count.textContent = text;
    this.#box.checked = checked;
  }
}
