import { parsed } from "./head.ts";
import type { TraceIndex } from "./index-of-trace.ts";

// Words that are no text of anybody's but members and marks of the lines themselves: a match may be one of them.
const ownWords =
  "type phase parent trace start request tool call run args messages message role content text user assistant system tool_call tool_result arguments provider model purpose attempt stream settings tools metadata description input output response stopreason requestid inputtokens outputtokens tokens cost cached left error name kind status firstms maxtokens true false null";
/** Members of a line that say nothing of what happened. */
const unsaid: ReadonlySet<string> = new Set(["type", "phase", "id", "parent", "trace", "at"]);

/** Looks for a text in what the lines say, whatever its case, a stretch at a time. */
export class Search {
  readonly text: string;
  readonly #index: TraceIndex;
  readonly #needle: string;
  readonly #lower: Uint8Array;
  readonly #upper: Uint8Array;
  readonly #shifts = new Uint16Array(256);
  readonly #proves: boolean;
  #matches = new Uint8Array(1024);
  #line = 0;

  constructor(index: TraceIndex, text: string) {
    this.#index = index;
    this.text = text;
    const written = JSON.stringify(text).slice(1, -1);
    this.#needle = written.toLowerCase();
    this.#lower = bytesOf(written, (sign) => sign.toLowerCase());
    this.#upper = bytesOf(written, (sign) => sign.toUpperCase());
    this.#proves = ownWords.includes(this.#needle) || /^[\da-f.:,tz[\]{}+\\-]*$/.test(this.#needle);
    const length = this.#lower.length;
    // How far the text can be moved on where its last byte would stand on this one (Horspool).
    this.#shifts.fill(length);
    for (let at = 0; at < length - 1; at++) {
      this.#shifts[this.#lower[at] ?? 0] = this.#shifts[this.#upper[at] ?? 0] = length - 1 - at;
    }
  }

  /** How many lines are still to be looked through. */
  get left(): number {
    return this.#index.lines.count - this.#line;
  }

  /** True for a root of which some line has the text. */
  has(place: number): boolean {
    return this.#matches[place] === 1;
  }

  /** Looks through further lines, so many bytes of them. */
  step(bytes: number): void {
    const { lines } = this.#index;
    const first = this.#line;
    const block = lines.block[first];
    let last = first;
    let size = lines.length[first] ?? 0;
    while (size < bytes && last + 1 < lines.count && lines.block[last + 1] === block) size += lines.length[++last] ?? 0;
    this.#line = last + 1;
    this.#scan(block ?? 0, lines.from[first] ?? 0, (lines.from[last] ?? 0) + (lines.length[last] ?? 0));
  }

  #scan(block: number, from: number, to: number): void {
    const bytes = this.#index.bytes.blocks[block] ?? new Uint8Array();
    const { lines, roots } = this.#index;
    const [lower, upper, shifts] = [this.#lower, this.#upper, this.#shifts];
    const length = lower.length;
    const [lastLower, lastUpper] = [lower[length - 1], upper[length - 1]];
    let at = from;
    while (at + length <= to) {
      const last = bytes[at + length - 1] ?? 0;
      if ((last !== lastLower && last !== lastUpper) || !matchesAt(bytes, at, lower, upper)) {
        at += shifts[last] ?? 1;
        continue;
      }
      const line = lines.at(block, at);
      const span = lines.span[line] ?? -1;
      if (span < 0 || !this.#says(line)) {
        at = span < 0 || this.#proves ? (lines.from[line] ?? 0) + (lines.length[line] ?? 0) : at + 1;
        continue;
      }
      this.#mark(roots.of(span));
      at = (lines.from[line] ?? 0) + (lines.length[line] ?? 0);
    }
  }

  /** The bytes match; of signs beside ASCII a case may be mixed, and the text may be one of the line's own. */
  #says(line: number): boolean {
    const text = this.#index.text(line);
    if (!this.#proves) return text.toLowerCase().includes(this.#needle);
    const wanted = this.text.toLowerCase();
    const whole = parsed(text) ?? {};
    return Object.entries(whole).some(([name, value]) => !unsaid.has(name) && hasText(value, wanted));
  }

  #mark(place: number): void {
    if (place >= this.#matches.length) {
      const grown = new Uint8Array(Math.max(place + 1, this.#matches.length * 2));
      grown.set(this.#matches);
      this.#matches = grown;
    }
    this.#matches[place] = 1;
  }
}

function matchesAt(bytes: Uint8Array, at: number, lower: Uint8Array, upper: Uint8Array): boolean {
  for (let step = 0; step < lower.length; step++) {
    const byte = bytes[at + step];
    if (byte !== lower[step] && byte !== upper[step]) return false;
  }
  return true;
}

function hasText(value: unknown, wanted: string): boolean {
  if (typeof value === "string") return value.toLowerCase().includes(wanted);
  if (typeof value === "number") return String(value).includes(wanted);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((item) => hasText(item, wanted));
}

// Sign by sign: one whose other case has another length is looked for as it is written.
function bytesOf(text: string, turn: (sign: string) => string): Uint8Array {
  const encoder = new TextEncoder();
  const parts = Array.from(text, (sign) => {
    const [own, turned] = [encoder.encode(sign), encoder.encode(turn(sign))];
    return Array.from(own.length === turned.length ? turned : own);
  });
  return Uint8Array.from(parts.flat());
}
