// What is long stands last in a line of a trace. Only the head of it is parsed while the file is read.

/** The members of a line that the index is made of. */
export interface LineHead {
  readonly type?: unknown;
  readonly phase?: unknown;
  readonly id?: unknown;
  readonly parent?: unknown;
  readonly trace?: unknown;
  readonly at?: unknown;
  readonly ms?: unknown;
  readonly firstMs?: unknown;
  readonly provider?: unknown;
  readonly model?: unknown;
  readonly name?: unknown;
  readonly purpose?: unknown;
  readonly attempt?: unknown;
  readonly stream?: unknown;
  readonly stopReason?: unknown;
  readonly inputTokens?: unknown;
  readonly outputTokens?: unknown;
  readonly cost?: unknown;
  readonly cached?: unknown;
  readonly left?: unknown;
  readonly status?: unknown;
  readonly error?: unknown;
}

const beginning = /^\{"type":"(run|call|request|tool)","phase":"(start|end)",/;
const longMember: Readonly<Record<string, string>> = {
  runstart: ',"args":',
  callstart: ',"args":',
  requeststart: ',"messages":',
  requestend: ',"message":',
  toolstart: ',"input":',
  toolend: ',"output":',
};

/** The head of a line; `undefined` for a line that is no JSON object. */
export function headOf(line: string): LineHead | undefined {
  const began = beginning.exec(line);
  const long = began && longMember[`${began[1]}${began[2]}`];
  const cut = long ? line.indexOf(long, began[0].length) : -1;
  // Within a text a quote is escaped, and cut within an object it is no JSON: what parses is the head.
  return (cut === -1 ? undefined : parsed(`${line.slice(0, cut)}}`)) ?? parsed(line);
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
