import { sortKeys } from "../protocol.ts";
import { byId } from "./dom.ts";
import type { Store } from "./state.ts";

// So long after the last key a search begins.
const typing = 120;

/** The search, the time, the order and the tabs. */
export function listenToBar(store: Store): void {
  const search = byId<HTMLInputElement>("search");
  const time = byId<HTMLSelectElement>("time");
  const sort = byId<HTMLSelectElement>("sort");
  let waiting: ReturnType<typeof setTimeout> | undefined;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => store.filter({ text: search.value }), typing);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    clearTimeout(waiting);
    if (search.value !== store.state.query.filter.text) store.filter({ text: search.value });
    byId("grid").focus();
    event.preventDefault();
  });
  time.addEventListener("change", () => {
    const { query } = store.state;
    const filter = { ...query.filter, from: undefined, to: undefined };
    store.change({ query: { ...query, filter }, last: time.value === "" ? undefined : Number(time.value) });
  });
  sort.addEventListener("change", () => {
    const key = sort.value.replace("-", "");
    const by = sortKeys.find((name) => name === key) ?? "time";
    store.change({ query: { ...store.state.query, sort: by, descending: sort.value.endsWith("-") } });
  });
  const show = () => {
    const { query, last } = store.state;
    if (document.activeElement !== search) search.value = query.filter.text;
    const isRange = last === undefined && (query.filter.from !== undefined || query.filter.to !== undefined);
    time.value = isRange ? "range" : last === undefined ? "" : String(last);
  };
  store.onChange(show);
  show();
  for (const name of ["runs", "totals"] as const) {
    const tab = byId(`tab-${name}`);
    tab.addEventListener("click", () => store.change({ tab: name }));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = name === "runs" ? "totals" : "runs";
      store.change({ tab: other });
      byId(`tab-${other}`).focus();
      event.preventDefault();
    });
  }
}
