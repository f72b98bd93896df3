import type { FacetName, FacetValue, Query, SortKey, Summary, TimeBuckets } from "../protocol.ts";
import { Facets } from "./facets.ts";
import type { TraceIndex } from "./index-of-trace.ts";
import { percentiles } from "./percentile.ts";
import type { Search } from "./search.ts";
import { statusNumber } from "./spans.ts";
import { timeSteps } from "./time-steps.ts";

/** The runs that a question is answered by, in order, and what they come to. */
export interface Found {
  /** Places among the roots. */
  readonly places: Int32Array;
  /** By place: 1 for a root that was found. */
  readonly has: Uint8Array;
  readonly summary: Summary;
  readonly facets: Readonly<Record<FacetName, readonly FacetValue[]>>;
  readonly time: TimeBuckets;
}

const timeBuckets = 60;

/** Answers a question from what was read so far. */
export function find(index: TraceIndex, { filter, sort, descending }: Query, search: Search | undefined): Found {
  const { roots, spans } = index;
  const facets = new Facets(index, filter);
  const [from, to] = [filter.from ?? Number.NEGATIVE_INFINITY, filter.to ?? Number.POSITIVE_INFINITY];
  const all = new Int32Array(roots.count);
  const has = new Uint8Array(roots.count);
  let count = 0;
  for (let place = 0; place < roots.count; place++) {
    if (search !== undefined && !search.has(place)) continue;
    const start = spans.start[roots.span[place] ?? 0] ?? 0;
    if (start < from || start >= to || !facets.takes(place)) continue;
    has[place] = 1;
    all[count++] = place;
  }
  const places = all.slice(0, count);
  const summary = summaryOf(index, places);
  const time = bucketsOf(index, places);
  order(places, keysOf(index, sort, descending), descending);
  return { places, has, summary, facets: facets.counts, time };
}

function summaryOf({ roots, spans }: TraceIndex, places: Int32Array): Summary {
  const durations = new Float64Array(places.length);
  let [requests, failures, inputTokens, outputTokens, cost, unpriced, ended] = [0, 0, 0, 0, 0, 0, 0];
  for (const place of places) {
    const span = roots.span[place] ?? 0;
    requests += roots.requests[place] ?? 0;
    inputTokens += roots.inputTokens[place] ?? 0;
    outputTokens += roots.outputTokens[place] ?? 0;
    if (spans.status[span] === statusNumber.error) failures++;
    cost += roots.cost(place) || 0;
    if (spans.status[span] !== statusNumber.running && (roots.atLeast(place) || Number.isNaN(roots.cost(place))))
      unpriced++;
    const duration = spans.duration[span] ?? Number.NaN;
    if (!Number.isNaN(duration)) durations[ended++] = duration;
  }
  const [median = Number.NaN, slow = Number.NaN] = percentiles(durations.slice(0, ended), 0.5, 0.95);
  return { runs: places.length, requests, failures, inputTokens, outputTokens, cost, unpriced, median, slow };
}

function bucketsOf({ roots, spans }: TraceIndex, places: Int32Array): TimeBuckets {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const place of places) {
    const start = spans.start[roots.span[place] ?? 0] ?? 0;
    if (start < first) first = start;
    if (start > last) last = start;
  }
  const { from, width, count } = timeSteps(first, last, 0, timeBuckets);
  const [counts, failures] = [new Array<number>(count).fill(0), new Array<number>(count).fill(0)];
  for (const place of places) {
    const span = roots.span[place] ?? 0;
    const bucket = Math.floor(((spans.start[span] ?? 0) - from) / width);
    if (!(bucket >= 0 && bucket < count)) continue;
    counts[bucket]!++;
    if (spans.status[span] === statusNumber.error) failures[bucket]!++;
  }
  return { from, width, counts, failures };
}

/** By place, what it is sorted by. */
function keysOf({ roots, spans }: TraceIndex, sort: SortKey, descending: boolean): Float64Array {
  const unknown = descending ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const column = sort === "duration" ? spans.duration : spans.start;
  const keys = new Float64Array(roots.count);
  for (let place = 0; place < keys.length; place++) {
    const tokens = (roots.inputTokens[place] ?? 0) + (roots.outputTokens[place] ?? 0);
    const own = column[roots.span[place] ?? 0] ?? Number.NaN;
    const value = sort === "tokens" ? tokens : sort === "cost" ? roots.cost(place) : own;
    keys[place] = Number.isNaN(value) ? unknown : value;
  }
  return keys;
}

/** Sorts in place; what has no number is last, and what is equal stays in the order of the file. */
function order(places: Int32Array, keys: Float64Array, descending: boolean): void {
  let isSorted = true;
  for (let at = 1; at < places.length && isSorted; at++) {
    isSorted = (keys[places[at - 1] ?? 0] ?? 0) <= (keys[places[at] ?? 0] ?? 0);
  }
  if (!isSorted) {
    places.sort((one, other) => {
      const [left = 0, right = 0] = [keys[one], keys[other]];
      return left === right ? one - other : left < right ? -1 : 1;
    });
  }
  if (descending) places.reverse();
}
