import { everything, type Progress } from "../protocol.ts";
import { listenToBar } from "./bar.ts";
import { showChips } from "./chips.ts";
import { Detail } from "./detail.ts";
import { byId, make } from "./dom.ts";
import { Filters } from "./filters.ts";
import { numberText } from "./format.ts";
import { listenToKeys } from "./keys.ts";
import { Link } from "./link.ts";
import { List } from "./list.ts";
import { type State, Store, sortText } from "./state.ts";
import { Strip, showSummary } from "./strip.ts";
import { listenToTheme } from "./theme.ts";
import { TotalsView } from "./totals-view.ts";

declare const workerSource: string;

const store = new Store();
const link = new Link(workerSource);
const list = new List(store, link);
const filters = new Filters(store);
const strip = new Strip(store);
const detail = new Detail(store, link);
const ask = () => link.ask(store.state, totals.width);
const totals = new TotalsView(store, ask);
let progress: Progress | undefined;
let count = 0;
let isAnswered = false;

link.on("found", (found) => {
  if (found.number !== link.number) return;
  count = found.count;
  isAnswered = found.searching === 0;
  showSummary(found.summary);
  strip.show(found.time);
  filters.show(found.facets);
  if (found.totals !== undefined) totals.show(found.totals);
  list.found(found.count, found.changed, found.added);
  detail.refresh();
  byId("search").toggleAttribute("data-busy", found.searching > 0);
  sayEmpty();
});
link.on("progress", (message) => {
  progress = message.progress;
  showProgress(message.progress);
  sayEmpty();
});
link.on("reset", () => {
  store.change({ run: undefined, span: undefined });
  ask();
});

store.onChange((state, before) => {
  showTab(state);
  if (state.query !== before.query || state.last !== before.last) showChips(store, state);
  if (state.query !== before.query || state.last !== before.last || state.tab !== before.tab) ask();
  if (state.run !== before.run) {
    detail.load();
    list.refresh();
  } else if (state.span !== before.span) detail.choose();
});

function showTab({ tab, query: { sort, descending } }: State): void {
  for (const name of ["runs", "totals"] as const) {
    const button = byId(`tab-${name}`);
    button.setAttribute("aria-selected", String(tab === name));
    button.tabIndex = tab === name ? 0 : -1;
    const panel = byId(name);
    if (panel.hidden === (tab === name)) {
      panel.hidden = tab !== name;
      if (name === "totals" && tab === name) totals.refresh();
    }
  }
  document.body.classList.toggle("in-totals", tab === "totals");
  byId<HTMLSelectElement>("sort").value = sortText(sort, descending);
}

function showProgress({ read, size, state, unreadable }: Progress): void {
  const part = size === 0 ? 100 : Math.floor((100 * read) / size);
  const words = {
    loading: `Reading ${part} %`,
    live: "Live",
    waiting: "Waiting for the file",
    broken: "The viewer has ended",
  };
  const box = byId("progress");
  box.className = `progress ${state}`;
  const text = words[state];
  const note = unreadable > 0 ? `${numberText(unreadable)} lines could not be read` : "";
  if (box.textContent === `${text}${note}`) return;
  box.replaceChildren(
    make("span", { class: "light" }),
    text,
    note !== "" && state !== "loading" ? make("span", { class: "note" }, note) : "",
  );
}

function sayEmpty(): void {
  list.say(...emptyWords());
}

/** What stands in place of a list without runs. */
function emptyWords(): HTMLElement[] {
  if (count > 0 || progress === undefined) return [];
  if (progress.runs > 0 && !isAnswered) return [make("p", {}, "Looking …")];
  if (progress.runs > 0) {
    return [
      make("h2", {}, "No run fits"),
      make("p", {}, `None of ${numberText(progress.runs)} has all that is asked for.`),
      make("button", { type: "button", onclick: clear }, "Clear the filters"),
    ];
  }
  if (progress.state === "loading") return [make("p", {}, "Reading …")];
  const there = progress.state === "waiting" ? " is not there yet." : " has no run in it yet.";
  const file = make("code", {}, byId("file").textContent ?? "");
  const words = make("p", {}, file, `${there} This page shows runs as soon as they are written:`);
  return [make("h2", {}, "Nothing yet"), words, make("pre", { class: "text" }, example)];
}

const clear = () => store.change({ query: { ...store.state.query, filter: everything }, last: undefined });
const example =
  'import { trace } from "callscope/trace";\n\nwithin({ layers: [trace("traces.jsonl")] }, () => main());';

function nameFile(): void {
  const name = document.documentElement.dataset.file ?? "";
  const file = byId("file");
  file.textContent = name.split(/[\\/]/).at(-1) ?? "";
  file.title = name;
  if (name !== "") document.title = `${file.textContent} · callscope`;
}

async function begin(): Promise<void> {
  listenToTheme();
  listenToBar(store);
  listenToKeys(store, list);
  showTab(store.state);
  showChips(store, store.state);
  ask();
  detail.load();
  const base = new URL("./", location.href);
  link.tell({ type: "open", url: new URL("trace", base).href });
  const name = await fetch(new URL("name", base)).then(
    (answer) => (answer.ok ? answer.text() : ""),
    () => "",
  );
  document.documentElement.dataset.file = name;
  nameFile();
  sayEmpty();
}

void begin();
