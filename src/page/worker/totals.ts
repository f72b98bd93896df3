import { type Measure, type ModelTotal, measures, type Totals } from "../protocol.ts";
import type { TraceIndex } from "./index-of-trace.ts";
import { percentiles } from "./percentile.ts";
import { kindNumber, statusNumber } from "./spans.ts";
import { type TimeSteps, timeSteps } from "./time-steps.ts";

const timeBuckets = 48;

/** Adds up the requests of the runs that were found: by model, and by model and time. `width` 0 chooses one that fits. */
export function totalsOf(index: TraceIndex, has: Uint8Array, width: number): Totals {
  const { spans, roots } = index;
  const groups = new Map<number, Group>();
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let span = 0; span < spans.count; span++) {
    if (spans.kind[span] !== kindNumber.request || has[roots.of(span)] !== 1) continue;
    const model = spans.model[span] ?? 0;
    const group = groups.get(model) ?? new Group(spans.models.name(model));
    groups.set(model, group);
    group.spans.push(span);
    const start = spans.start[span] ?? 0;
    if (start < first) first = start;
    if (start > last) last = start;
  }
  const steps = timeSteps(first, last, width, timeBuckets);
  const sorted = [...groups.values()];
  for (const group of sorted) group.add(index, steps);
  sorted.sort((one, other) => other.cost - one.cost || other.spans.length - one.spans.length);
  const series = (measure: Measure) => sorted.map(({ series }) => series[measure]);
  return {
    models: sorted.map((group) => group.total),
    from: steps.from,
    width: steps.width,
    buckets: steps.count,
    series: {
      cost: series("cost"),
      tokens: series("tokens"),
      requests: series("requests"),
      failures: series("failures"),
    },
  };
}

/** The requests of one model. */
class Group {
  readonly model: string;
  readonly spans: number[] = [];
  series: Record<Measure, number[]> = { cost: [], tokens: [], requests: [], failures: [] };
  cost = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #failures = 0;
  #unpriced = 0;
  #durations: readonly number[] = [];

  constructor(model: string) {
    this.model = model;
  }

  get total(): ModelTotal {
    const [median = Number.NaN, slow = Number.NaN] = this.#durations;
    return {
      model: this.model,
      requests: this.spans.length,
      failures: this.#failures,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cost: this.cost,
      unpriced: this.#unpriced,
      median,
      slow,
    };
  }

  add({ spans }: TraceIndex, { from, width, count }: TimeSteps): void {
    for (const measure of measures) this.series[measure] = new Array<number>(count).fill(0);
    const durations = new Float64Array(this.spans.length);
    let ended = 0;
    for (const span of this.spans) {
      const [input, output] = [spans.inputTokens[span] || 0, spans.outputTokens[span] || 0];
      const cost = spans.cost[span] ?? Number.NaN;
      const failed = spans.status[span] === statusNumber.error ? 1 : 0;
      this.#inputTokens += input;
      this.#outputTokens += output;
      this.#failures += failed;
      this.cost += cost || 0;
      if (Number.isNaN(cost) && spans.status[span] !== statusNumber.running) this.#unpriced++;
      const duration = spans.duration[span] ?? Number.NaN;
      if (!Number.isNaN(duration)) durations[ended++] = duration;
      const bucket = Math.floor(((spans.start[span] ?? 0) - from) / width);
      if (!(bucket >= 0 && bucket < count)) continue;
      this.series.requests[bucket]! += 1;
      this.series.failures[bucket]! += failed;
      this.series.tokens[bucket]! += input + output;
      this.series.cost[bucket]! += cost || 0;
    }
    this.#durations = percentiles(durations.slice(0, ended), 0.5, 0.95);
  }
}
