// What is long stands last in a line of a trace, and what the index is made of first and in one order. So the head of a
// line is read by a pattern, in a tenth of the time that parsing it takes; a line of another form is parsed.

/** The members of a line that the index is made of. */
export interface LineHead {
  readonly type: unknown;
  readonly phase: unknown;
  readonly id: unknown;
  readonly parent?: unknown;
  readonly trace: unknown;
  readonly at?: unknown;
  readonly ms?: unknown;
  readonly firstMs?: unknown;
  readonly provider?: unknown;
  readonly model?: unknown;
  readonly name?: unknown;
  readonly purpose?: unknown;
  readonly attempt?: unknown;
  readonly stream?: unknown;
  readonly inputTokens?: unknown;
  readonly outputTokens?: unknown;
  readonly cost?: unknown;
  readonly cached?: unknown;
  readonly left?: unknown;
  readonly status?: unknown;
  readonly error?: unknown;
}

// A text without escapes, a number.
const word = String.raw`"([^"\\\n]*)"`;
const number = String.raw`(-?\d[\d.e+-]*)`;
const optional = (name: string, value: string) => `(?:,"${name}":${value})?`;
const unread = (name: string) =>
  optional(name, String.raw`(?:"[^"\\\n]*"|[\w.+-]+|\{[^{}"\\\n]*(?:"\w+"[^{}"\\\n]*)*\})`);
const started = (type: string) =>
  `{"type":"${type}","phase":"start","id":(\\d+)${optional("parent", "(\\d+)")},"trace":${word},"at":${word}`;
const ended = (type: string) =>
  `{"type":"${type}","phase":"end","id":(\\d+),"ms":(\\d+),"trace":${word},"at":"[^"\\\\\\n]*"`;
const sticky = (...parts: readonly string[]) => new RegExp(parts.join("").replace(/^\{/, "\\{"), "y");

const patterns = {
  requestStart: sticky(
    started("request"),
    `,"provider":${word},"model":${word},"purpose":${word},"attempt":(\\d+),"stream":(true|false)[,}]`,
  ),
  workStart: (type: string) => sticky(started(type), `,"provider":${word},"model":${word}[,}]`),
  toolStart: sticky(started("tool"), `,"name":${word}[,}]`),
  requestEnd: sticky(
    ended("request"),
    optional("firstMs", number),
    ...["response", "model", "stopReason", "requestId"].map(unread),
    optional("inputTokens", number),
    optional("outputTokens", number),
    unread("tokens"),
    optional("cost", number),
    optional("cached", "(true)"),
    unread("leg"),
    '(?:,"message":|\\})',
  ),
  callEnd: sticky(ended("call"), optional("cost", number), "\\}"),
  runEnd: sticky(ended("run"), `,"status":${word}`, unread("requests"), optional("cost", number), "\\}"),
  toolEnd: sticky(ended("tool"), '(?:,"output":|\\})'),
};

type Found = RegExpExecArray;
type Reader = readonly [beginning: string, pattern: RegExp, read: (found: Found) => LineHead];

const asNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const begun = (type: string, [, id, parent, trace, at]: Found) => ({
  type,
  phase: "start",
  id: Number(id),
  parent: asNumber(parent),
  trace,
  at,
});
const over = (type: string, [, id, ms, trace]: Found) => ({
  type,
  phase: "end",
  id: Number(id),
  ms: Number(ms),
  trace,
});
const work = (type: string): Reader => [
  `{"type":"${type}","phase":"start"`,
  patterns.workStart(type),
  (found) => ({ ...begun(type, found), provider: found[5], model: found[6] }),
];

const readers: readonly Reader[] = [
  [
    '{"type":"request","phase":"start"',
    patterns.requestStart,
    (found) => ({
      ...begun("request", found),
      provider: found[5],
      model: found[6],
      purpose: found[7],
      attempt: Number(found[8]),
      stream: found[9] === "true",
    }),
  ],
  [
    '{"type":"request","phase":"end"',
    patterns.requestEnd,
    (found) => ({
      ...over("request", found),
      firstMs: asNumber(found[4]),
      inputTokens: asNumber(found[5]),
      outputTokens: asNumber(found[6]),
      cost: asNumber(found[7]),
      cached: found[8] === "true",
    }),
  ],
  work("call"),
  ['{"type":"call","phase":"end"', patterns.callEnd, (found) => ({ ...over("call", found), cost: asNumber(found[4]) })],
  work("run"),
  [
    '{"type":"run","phase":"end"',
    patterns.runEnd,
    (found) => ({ ...over("run", found), status: found[4], cost: asNumber(found[5]) }),
  ],
  ['{"type":"tool","phase":"start"', patterns.toolStart, (found) => ({ ...begun("tool", found), name: found[5] })],
  ['{"type":"tool","phase":"end"', patterns.toolEnd, (found) => over("tool", found)],
];

/** The head of the line from `from` to `to`; `undefined` where that is no JSON object. */
export function headOf(text: string, from = 0, to = text.length): LineHead | undefined {
  const reader = readers.find(([beginning]) => text.startsWith(beginning, from));
  if (reader !== undefined) {
    const [, pattern, read] = reader;
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    if (found !== null && pattern.lastIndex <= to) return read(found);
  }
  // What a line of another form has is looked at where it is used.
  return parsed(text.slice(from, to)) as LineHead | undefined;
}

/** The whole line; `undefined` for one that is no JSON object. */
export function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
