import type { FromWorker, Progress, Query, ToWorker } from "../protocol.ts";
import { type Found, find } from "./find.ts";
import { follow, othersTurn } from "./follow.ts";
import { TraceIndex } from "./index-of-trace.ts";
import { detailOf, rowOf, waterfallOf } from "./rows.ts";
import { Search } from "./search.ts";
import { totalsOf } from "./totals.ts";

// Reads the file and answers the page's questions, so that the page itself has nothing to do but to draw.

/** What a worker has of its global scope; the types of the page's are others. */
interface Port {
  postMessage(message: FromWorker): void;
  onmessage: ((event: { readonly data: ToWorker }) => void) | null;
}
const port = globalThis as unknown as Port;

// Milliseconds between two pictures of a file that grows.
const pictureEvery = 250;
// A picture of a large file takes its time: so many times as long is left for the reading.
const share = 12;
const searchBytes = 4 * 1024 * 1024;

let index = new TraceIndex();
let asked: { readonly number: number; readonly query: Query; readonly totals: number | undefined } | undefined;
let found: Found | undefined;
let search: Search | undefined;
let drawn = 0;
let took = 0;
let drawing: ReturnType<typeof setTimeout> | undefined;
let toldAt = 0;
let lastRuns = -1;
let lastState: Progress["state"] = "loading";
let answering = 0;

port.onmessage = ({ data }) => {
  if (data.type === "open") void open(data.url);
  else if (data.type === "query") void answer(data);
  else if (data.type === "rows") sendRows(data.number, data.from, data.to);
  else if (data.type === "waterfall") {
    port.postMessage({ type: "waterfall", waterfall: waterfallOf(index, data.root, data.limit) });
  } else port.postMessage({ type: "span", detail: detailOf(index, data.span) });
};

async function open(url: string): Promise<void> {
  await follow(url, index, {
    grown(progress) {
      const now = performance.now();
      const isFirst = lastRuns <= 0 && progress.runs > 0;
      if (isFirst || progress.state !== "loading" || now - toldAt > pictureEvery / 2) {
        toldAt = now;
        port.postMessage({ type: "progress", progress });
      }
      const isRead = lastState === "loading" && progress.state === "live";
      lastRuns = progress.runs;
      lastState = progress.state;
      if (isFirst || isRead) redraw();
      else drawing ??= setTimeout(redraw, Math.max(0, Math.max(pictureEvery, share * took) - (now - drawn)));
    },
    reset() {
      index = new TraceIndex();
      answering++;
      found = search = undefined;
      lastRuns = -1;
      port.postMessage({ type: "reset" });
      return index;
    },
  });
}

function redraw(): void {
  clearTimeout(drawing);
  drawing = undefined;
  if (asked !== undefined) void answer(asked, true);
}

/** Answers a question: at once from the columns; where a text is looked for, bit by bit. */
async function answer(question: NonNullable<typeof asked>, again = false): Promise<void> {
  asked = question;
  const turn = ++answering;
  const { text } = question.query.filter;
  if (text === "") search = undefined;
  else if (search?.text !== text) search = new Search(index, text);
  const current = search;
  let shown = performance.now();
  let changed = again;
  while (current !== undefined && current.left > 0) {
    current.step(searchBytes);
    if (current.left > 0 && performance.now() - shown > pictureEvery) {
      send(changed);
      changed = true;
      shown = performance.now();
    }
    await othersTurn();
    // Another question came meanwhile, or the file has grown.
    if (turn !== answering) return;
  }
  send(changed);
}

function send(changed: boolean): void {
  if (asked === undefined) return;
  const before = changed ? found : undefined;
  const began = performance.now();
  found = find(index, asked.query, search);
  const { places, summary, facets, time, has } = found;
  port.postMessage({
    type: "found",
    number: asked.number,
    changed,
    count: places.length,
    added: before === undefined ? 0 : Math.max(0, places.length - before.places.length),
    searching: search === undefined || index.lines.count === 0 ? 0 : search.left / index.lines.count,
    summary,
    facets,
    time,
    totals: asked.totals === undefined ? undefined : totalsOf(index, has, asked.totals),
  });
  drawn = performance.now();
  took = drawn - began;
}

function sendRows(number: number, from: number, to: number): void {
  const places = found?.places.subarray(from, to) ?? new Int32Array();
  port.postMessage({ type: "rows", number, from, rows: Array.from(places, (place) => rowOf(index, place)) });
}
