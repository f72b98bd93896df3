import { redacted, scrub, scrubText } from "../../json/scrub.ts";
import type { Bar, Row, SpanDetail, Waterfall } from "../protocol.ts";
import type { TraceIndex } from "./index-of-trace.ts";
import { kindNumber } from "./spans.ts";

const longestTitle = 200;

/** A run as the list shows it. */
export function rowOf(index: TraceIndex, place: number): Row {
  const { roots, spans } = index;
  const span = roots.span[place] ?? 0;
  return {
    span,
    kind: spans.kindOf(span),
    status: spans.statusOf(span),
    start: spans.start[span] ?? 0,
    duration: spans.duration[span] ?? Number.NaN,
    model: spans.models.name(roots.model[place]),
    title: titleOf(index, span),
    failure: spans.words.name(spans.failure[span]),
    requests: roots.requests[place] ?? 0,
    tools: roots.tools[place] ?? 0,
    retried: roots.retried[place] === 1,
    cached: roots.cached[place] === 1,
    inputTokens: roots.inputTokens[place] ?? 0,
    outputTokens: roots.outputTokens[place] ?? 0,
    cost: roots.cost(place),
    atLeast: roots.atLeast(place),
  };
}

/** What was asked, in a few words: what the user said last in the first request, else the arguments. */
function titleOf(index: TraceIndex, root: number): string {
  const request = firstRequest(index, root);
  const messages = index.parse(request < 0 ? -1 : (index.spans.startLine[request] ?? -1))?.messages;
  const said = Array.isArray(messages) ? messages.findLast((message) => message?.role === "user") : undefined;
  const text = said === undefined ? "" : textOf(said.content);
  if (text !== "") return short(text);
  const { args, name } = index.parse(index.spans.startLine[root] ?? -1) ?? {};
  return short(typeof name === "string" ? name : Array.isArray(args) ? args.map(argumentText).join(", ") : "");
}

function firstRequest({ spans }: TraceIndex, root: number): number {
  let span = root;
  while (span >= 0 && spans.kind[span] !== kindNumber.request) span = spans.firstChild[span] ?? -1;
  return span;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (typeof part?.text === "string" ? part.text : `[${part?.type ?? "part"}]`)).join(" ");
}

function argumentText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function short(text: string): string {
  // What is cut is cut before it is looked through; a key at the cut is longer than what is shown of it.
  const line = scrubText(text.slice(0, 4 * longestTitle), [])
    .replace(/\s+/g, " ")
    .trim();
  return line.length > longestTitle ? `${line.slice(0, longestTitle)}…` : line;
}

/** A run with all that is inside of it, each after what it is inside of. */
export function waterfallOf(index: TraceIndex, root: number, limit: number): Waterfall | undefined {
  const { spans, roots } = index;
  if (!(root >= 0 && root < spans.count) || spans.root[root] !== root) return undefined;
  const bars: Bar[] = [];
  let all = 0;
  const open: (readonly [span: number, depth: number])[] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [span, depth] = next;
    if (all++ < limit) bars.push(barOf(index, span, depth));
    const inside: number[] = [];
    for (let child = spans.firstChild[span] ?? -1; child >= 0; child = spans.sibling[child] ?? -1) inside.push(child);
    for (const child of inside.reverse()) open.push([child, depth + 1]);
  }
  return { root, row: rowOf(index, roots.of(root)), bars, all };
}

function barOf({ spans }: TraceIndex, span: number, depth: number): Bar {
  const kind = spans.kindOf(span);
  const model = spans.models.name(spans.model[span]);
  return {
    span,
    depth,
    kind,
    status: spans.statusOf(span),
    start: spans.start[span] ?? 0,
    duration: spans.duration[span] ?? Number.NaN,
    first: spans.streamed[span] ? (spans.first[span] ?? Number.NaN) : Number.NaN,
    label: kind === "tool" ? spans.tools.name(spans.tool[span]) : model,
    attempt: spans.attempt[span] ?? 1,
    purpose: spans.words.name(spans.purpose[span]),
    failure: spans.words.name(spans.failure[span]),
    cached: spans.cached[span] === 1,
    inputTokens: spans.inputTokens[span] ?? Number.NaN,
    outputTokens: spans.outputTokens[span] ?? Number.NaN,
    cost: spans.cost[span] ?? Number.NaN,
  };
}

/** What the lines of a span say, without what looks like a key: a trace may come from another hand than ours. */
export function detailOf(index: TraceIndex, span: number): SpanDetail | undefined {
  const { spans } = index;
  if (!(span >= 0 && span < spans.count)) return undefined;
  const read = (line: number) => {
    const whole = index.parse(line);
    return whole && (scrub(whole, [], undefined) as Record<string, unknown>);
  };
  const start = read(spans.startLine[span] ?? -1) ?? { unreadable: redacted };
  return { span, kind: spans.kindOf(span), start, end: read(spans.endLine[span] ?? -1) };
}
