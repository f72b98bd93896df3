import {
  everything,
  type FacetName,
  type Filter,
  facetNames,
  type Query,
  type SortKey,
  sortKeys,
} from "../protocol.ts";

/** What the page shows; all of it stands in its address, so that going back and loading again keep it. */
export interface State {
  readonly tab: "runs" | "totals";
  readonly query: Query;
  /** The run that is open. */
  readonly run: number | undefined;
  readonly span: number | undefined;
  /** The last so many milliseconds, where that is what is asked for. */
  readonly last: number | undefined;
}

export const initial: State = {
  tab: "runs",
  query: { filter: everything, sort: "time", descending: true },
  run: undefined,
  span: undefined,
  last: undefined,
};

/** The state that an address names. What makes no sense in it is passed over. */
export function readAddress(hash: string): State {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const lists = Object.fromEntries(facetNames.map((name) => [name, given.getAll(name)])) as unknown as Pick<
    Filter,
    FacetName
  >;
  const filter: Filter = {
    ...lists,
    text: given.get("q") ?? "",
    from: wholeNumber(given.get("from")),
    to: wholeNumber(given.get("to")),
  };
  const [, key, down] = /^(\w+)(-?)$/.exec(given.get("sort") ?? "time-") ?? [];
  const sort = sortKeys.find((name) => name === key) ?? "time";
  return {
    tab: given.get("tab") === "totals" ? "totals" : "runs",
    query: { filter, sort, descending: key !== sort || down === "-" },
    run: wholeNumber(given.get("run")),
    span: wholeNumber(given.get("span")),
    last: wholeNumber(given.get("last")),
  };
}

export function writeAddress({ tab, query: { filter, sort, descending }, run, span, last }: State): string {
  const written = new URLSearchParams();
  const put = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== "") written.append(name, String(value));
  };
  if (tab !== "runs") put("tab", tab);
  put("q", filter.text);
  for (const name of facetNames) for (const value of filter[name]) put(name, value);
  if (last === undefined) {
    put("from", filter.from);
    put("to", filter.to);
  } else put("last", last);
  if (sort !== "time" || !descending) put("sort", sortText(sort, descending));
  put("run", run);
  put("span", span);
  return `#${written}`;
}

export function sortText(sort: SortKey, descending: boolean): string {
  return `${sort}${descending ? "-" : ""}`;
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The state, and who is told when it changes. */
export class Store {
  #state: State;
  readonly #told: ((state: State, before: State) => void)[] = [];

  constructor() {
    this.#state = readAddress(location.hash);
    window.addEventListener("popstate", () => this.#become(readAddress(location.hash)));
  }

  get state(): State {
    return this.#state;
  }

  onChange(tell: (state: State, before: State) => void): void {
    this.#told.push(tell);
  }

  /** Changes it; a change of what is looked at is a step to go back from. */
  change(changes: Partial<State>): void {
    const next = { ...this.#state, ...changes };
    const address = writeAddress(next);
    const isStep = next.tab !== this.#state.tab || (next.run === undefined) !== (this.#state.run === undefined);
    if (address !== writeAddress(this.#state)) {
      if (isStep) history.pushState(null, "", address);
      else history.replaceState(null, "", address);
    }
    this.#become(next);
  }

  filter(changes: Partial<Filter>): void {
    const { query } = this.#state;
    const time = "from" in changes || "to" in changes ? { last: undefined } : {};
    this.change({ query: { ...query, filter: { ...query.filter, ...changes } }, ...time });
  }

  #become(next: State): void {
    const before = this.#state;
    this.#state = next;
    for (const tell of this.#told) tell(next, before);
  }
}
