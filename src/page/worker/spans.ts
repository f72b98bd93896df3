import { type Kind, kinds, type Status, statuses } from "../protocol.ts";
import { Columns, float64, int32, uint8, uint16 } from "./columns.ts";
import type { LineHead } from "./head.ts";
import { Names } from "./names.ts";

/** One number a kind, a status. */
export const kindNumber: Readonly<Record<Kind, number>> = { run: 0, call: 1, request: 2, tool: 3 };
export const statusNumber: Readonly<Record<Status, number>> = { ok: 0, error: 1, left: 2, running: 3 };

/** What has a beginning and an end in the trace, in columns, in the order of their beginnings. */
export class Spans extends Columns {
  readonly models = new Names();
  readonly tools = new Names();
  readonly words = new Names();
  readonly #models = new Map<string, Map<string, number>>();
  kind = new Uint8Array();
  status = new Uint8Array();
  /** -1 for one that is inside of nothing: a root. */
  parent = new Int32Array();
  root = new Int32Array();
  firstChild = new Int32Array();
  lastChild = new Int32Array();
  sibling = new Int32Array();
  startLine = new Int32Array();
  endLine = new Int32Array();
  start = new Float64Array();
  duration = new Float64Array();
  first = new Float64Array();
  model = new Int32Array();
  /** Of a tool its name. */
  tool = new Int32Array();
  purpose = new Int32Array();
  failure = new Int32Array();
  attempt = new Uint16Array();
  cached = new Uint8Array();
  streamed = new Uint8Array();
  inputTokens = new Float64Array();
  outputTokens = new Float64Array();
  cost = new Float64Array();
  protected readonly columns = {
    kind: uint8,
    status: uint8,
    parent: int32,
    root: int32,
    firstChild: int32,
    lastChild: int32,
    sibling: int32,
    startLine: int32,
    endLine: int32,
    start: float64,
    duration: float64,
    first: float64,
    model: int32,
    tool: int32,
    purpose: int32,
    failure: int32,
    attempt: uint16,
    cached: uint8,
    streamed: uint8,
    inputTokens: float64,
    outputTokens: float64,
    cost: float64,
  };

  begin(kind: Kind, head: LineHead, parent: number, line: number): number {
    const span = this.add();
    this.kind[span] = kindNumber[kind];
    this.status[span] = statusNumber.running;
    this.parent[span] = parent;
    this.root[span] = parent < 0 ? span : (this.root[parent] ?? span);
    this.firstChild[span] = this.lastChild[span] = this.sibling[span] = this.endLine[span] = -1;
    this.startLine[span] = line;
    this.start[span] = typeof head.at === "string" ? Date.parse(head.at) : Number.NaN;
    this.duration[span] = this.first[span] = Number.NaN;
    this.inputTokens[span] = this.outputTokens[span] = this.cost[span] = Number.NaN;
    this.model[span] = this.#modelNumber(text(head.provider), text(head.model));
    if (kind === "tool") this.tool[span] = this.tools.number(text(head.name) || "?");
    this.purpose[span] = this.words.number(text(head.purpose));
    this.attempt[span] = number(head.attempt, 1);
    this.streamed[span] = head.stream === true ? 1 : 0;
    if (parent >= 0) this.#hang(span, parent);
    return span;
  }

  end(span: number, head: LineHead, line: number): void {
    this.endLine[span] = line;
    this.duration[span] = number(head.ms);
    this.first[span] = number(head.firstMs);
    this.inputTokens[span] = number(head.inputTokens);
    this.outputTokens[span] = number(head.outputTokens);
    this.cost[span] = number(head.cost);
    this.cached[span] = head.cached === true ? 1 : 0;
    const failed = typeof head.error === "object" && head.error !== null;
    const left = head.left === true || (this.kind[span] === kindNumber.run && head.status === "left");
    this.status[span] = failed ? statusNumber.error : left ? statusNumber.left : statusNumber.ok;
    if (failed) {
      const { kind, name } = head.error as { readonly kind?: unknown; readonly name?: unknown };
      const said = text(kind);
      this.failure[span] = this.words.number((said === "unknown" ? "" : said) || text(name) || "error");
    }
    // A provider echoes a model more exactly than it was asked; totals are by what was asked, as prices are looked up.
  }

  kindOf(span: number): Kind {
    return kinds[this.kind[span] ?? 0] ?? "request";
  }

  statusOf(span: number): Status {
    return statuses[this.status[span] ?? 0] ?? "ok";
  }

  #modelNumber(provider: string, model: string): number {
    const known = this.#models.get(provider)?.get(model);
    if (known !== undefined) return known;
    const made = this.models.number(provider === "" ? model : `${provider}/${model}`);
    const ofProvider = this.#models.get(provider) ?? new Map<string, number>();
    this.#models.set(provider, ofProvider.set(model, made));
    return made;
  }

  #hang(span: number, parent: number): void {
    const last = this.lastChild[parent] ?? -1;
    if (last < 0) this.firstChild[parent] = span;
    else this.sibling[last] = span;
    this.lastChild[parent] = span;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown, absent = Number.NaN): number {
  return typeof value === "number" ? value : absent;
}
