import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "../errors/errors.ts";
import { type Exchange, keyOf, type TapedEnd } from "./exchange.ts";

// A line says one thing, so that a person can read a tape and a review shows what changed: what was asked, each event,
// how it ended. The lines of one exchange stand together.

const first = { format: "callscope/tape", version: 1 } as const;

type Line =
  | { readonly ask: Pick<Exchange, "number" | "provider" | "model" | "stream" | "request"> }
  | { readonly head: Exchange["head"] }
  | { readonly event: unknown }
  | { readonly end: TapedEnd };

/** The exchanges of a tape; none where there is no file. Throws `ConfigError` for a file that is no tape. */
export function readTape(file: string): Exchange[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  const exchanges: Exchange[] = [];
  let open: { -readonly [Key in keyof Exchange]?: Exchange[Key] } & { events: unknown[] } = { events: [] };
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const line = parsed(text, file, index);
    if (index === 0) checkFirst(line, file);
    else if ("ask" in line) open = { ...(line as { ask: object }).ask, events: [] };
    else if ("head" in line) open.head = line.head as Exchange["head"];
    else if ("event" in line) open.events.push(line.event);
    else if ("end" in line && open.number !== undefined) {
      exchanges.push({ ...open, head: open.head, end: line.end } as Exchange);
      open = { events: [] };
    } else throw noTape(file, index, "it is none of ask, head, event and end");
  }
  if (open.number !== undefined) throw noTape(file, lines.length - 1, "its last exchange has no end");
  return exchanges;
}

/** Takes the recordings of these requests off a tape. */
export function eraseFrom(file: string, key: string): void {
  const kept = readTape(file).filter((exchange) => keyOf(exchange) !== key);
  if (existsSync(file)) writeFileSync(file, `${JSON.stringify(first)}\n${kept.map(linesOf).join("")}`);
}

/** Adds an exchange at the end. */
export function writeExchange(file: string, exchange: Exchange): void {
  begin(file);
  appendFileSync(file, linesOf(exchange));
}

/** Makes the file, unless another test has just made it. */
function begin(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, `${JSON.stringify(first)}\n`, { flag: "wx" });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
}

function linesOf(exchange: Exchange): string {
  const { number, provider, model, stream, request, head, events, end } = exchange;
  const lines: Line[] = [
    { ask: { number, provider, model, stream, request } },
    ...(head === undefined ? [] : [{ head }]),
    ...events.map((event) => ({ event })),
    { end },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function parsed(text: string, file: string, index: number): Record<string, unknown> {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === "object" && line !== null) return line as Record<string, unknown>;
  } catch (cause) {
    throw noTape(file, index, "it is no JSON", { cause });
  }
  throw noTape(file, index, "it is no object");
}

function checkFirst({ format, version }: Record<string, unknown>, file: string): void {
  if (format !== first.format) throw noTape(file, 0, `a tape begins with ${JSON.stringify(first)}`);
  if (version === first.version) return;
  throw noTape(file, 0, `the tape is of version ${JSON.stringify(version)}, and 1 can be read`);
}

function noTape(file: string, index: number, why: string, options?: ErrorOptions): ConfigError {
  return new ConfigError(`${file}, line ${index + 1}, cannot be read as a tape: ${why}.`, options);
}
