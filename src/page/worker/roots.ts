import { Columns, float64, int32, uint8, uint32 } from "./columns.ts";
import { kindNumber, type Spans, statusNumber } from "./spans.ts";

/** What each run comes to: a row of the list is a root, with all that is inside of it. */
export class Roots extends Columns {
  readonly #spans: Spans;
  span = new Int32Array();
  requests = new Uint32Array();
  tools = new Uint32Array();
  retried = new Uint8Array();
  cached = new Uint8Array();
  streamed = new Uint8Array();
  inputTokens = new Float64Array();
  outputTokens = new Float64Array();
  /** US dollars of the requests whose price is certain. */
  known = new Float64Array();
  unpriced = new Uint32Array();
  /** The first of its models; further ones are in `moreModels`. */
  model = new Int32Array();
  tool = new Int32Array();
  protected readonly columns = {
    span: int32,
    requests: uint32,
    tools: uint32,
    retried: uint8,
    cached: uint8,
    streamed: uint8,
    inputTokens: float64,
    outputTokens: float64,
    known: float64,
    unpriced: uint32,
    model: int32,
    tool: int32,
  };
  readonly moreModels = new Map<number, Set<number>>();
  readonly moreTools = new Map<number, Set<number>>();
  /** The place among the roots of each span that is one. */
  #places = new Int32Array(1024);

  constructor(spans: Spans) {
    super();
    this.#spans = spans;
  }

  /** The place of the root of a span. */
  of(span: number): number {
    return this.#places[this.#spans.root[span] ?? 0] ?? 0;
  }

  begun(span: number): void {
    const spans = this.#spans;
    if ((spans.parent[span] ?? -1) < 0) this.#put(span);
    const place = this.of(span);
    const kind = spans.kind[span];
    if (kind === kindNumber.request) {
      this.requests[place]!++;
      if ((spans.attempt[span] ?? 1) > 1) this.retried[place] = 1;
      if (spans.streamed[span]) this.streamed[place] = 1;
    }
    if (kind === kindNumber.tool) {
      this.tools[place]!++;
      this.#note(this.tool, this.moreTools, place, spans.tool[span] ?? 0);
    } else this.#note(this.model, this.moreModels, place, spans.model[span] ?? 0);
  }

  ended(span: number): void {
    const spans = this.#spans;
    if (spans.kind[span] !== kindNumber.request) return;
    const place = this.of(span);
    this.inputTokens[place]! += spans.inputTokens[span] || 0;
    this.outputTokens[place]! += spans.outputTokens[span] || 0;
    if (spans.cached[span]) this.cached[place] = 1;
    const cost = spans.cost[span] ?? Number.NaN;
    if (Number.isNaN(cost)) this.unpriced[place]!++;
    else this.known[place]! += cost;
  }

  /** US dollars: what the run says of itself, else what is certain of it. NaN where nothing is. */
  cost(place: number): number {
    const own = this.#spans.cost[this.span[place] ?? 0] ?? Number.NaN;
    if (!Number.isNaN(own)) return own;
    return (this.requests[place] ?? 0) > (this.unpriced[place] ?? 0) ? (this.known[place] ?? 0) : Number.NaN;
  }

  /** True where the run may have cost more than `cost` says. */
  atLeast(place: number): boolean {
    const span = this.span[place] ?? 0;
    if (!Number.isNaN(this.#spans.cost[span] ?? Number.NaN)) return false;
    return this.#spans.status[span] === statusNumber.running || (this.unpriced[place] ?? 0) > 0;
  }

  #put(span: number): void {
    const place = this.add();
    this.span[place] = span;
    if (span >= this.#places.length) {
      const grown = new Int32Array(Math.max(span + 1, this.#places.length * 2));
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[span] = place;
  }

  #note(first: Int32Array, more: Map<number, Set<number>>, place: number, name: number): void {
    if (name === 0 || first[place] === name) return;
    if (first[place] === 0) {
      first[place] = name;
      return;
    }
    const others = more.get(place) ?? new Set();
    more.set(place, others.add(name));
  }
}
