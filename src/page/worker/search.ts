import { parsed } from "./head.ts";
import type { TraceIndex } from "./index-of-trace.ts";

/** Members of the lines themselves, and of the messages in them: nobody said these. */
const ownMembers: ReadonlySet<string> = new Set(
  "type phase id parent trace at ms firstMs args messages message role content text name arguments provider model purpose attempt stream settings tools metadata description input output response stopReason requestId inputTokens outputTokens tokens cost cached leg left error kind status requests call maxTokens temperature topP cacheRead cacheWrite reasoning mediaType base64Characters url isError signature".split(
    " ",
  ),
);
/** Members whose values are words of the trace's own. */
const ownWords = ["role", "type", "purpose", "phase"].map((name) => new TextEncoder().encode(`"${name}":"`));
const quote = 34;
const backslash = 92;
const colon = 58;

/** Looks for a text in what the lines say, whatever its case, a stretch at a time. */
export class Search {
  readonly text: string;
  readonly #index: TraceIndex;
  readonly #needle: string;
  readonly #lower: Uint8Array;
  readonly #upper: Uint8Array;
  readonly #shifts = new Uint16Array(256);
  readonly #proves: boolean;
  readonly #isAscii: boolean;
  #matches = new Uint8Array(1024);
  #line = 0;

  constructor(index: TraceIndex, text: string) {
    this.#index = index;
    this.text = text;
    const written = JSON.stringify(text).slice(1, -1);
    this.#needle = written.toLowerCase();
    this.#lower = bytesOf(written, (sign) => sign.toLowerCase());
    this.#upper = bytesOf(written, (sign) => sign.toUpperCase());
    // It may match what is no text: a number, `true`, a bracket.
    this.#proves =
      /^[\d.:,e+[\]{}\\-]*$/.test(this.#needle) ||
      ["true", "false", "null"].some((word) => word.includes(this.#needle));
    this.#isAscii = lengthOf(written) === written.length;
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
      const end = (lines.from[line] ?? 0) + (lines.length[line] ?? 0);
      const head = headEnd(bytes, lines.from[line] ?? 0, end);
      if (span < 0 || roots.of(span) < 0) at = end;
      else if (at < head) at = head;
      else if (this.#says(bytes, at, line)) {
        this.#mark(roots.of(span));
        at = end;
      } else at = this.#proves ? end : at + 1;
    }
  }

  /** The bytes match: whether they are of a text that somebody wrote. */
  #says(bytes: Uint8Array, at: number, line: number): boolean {
    if (this.#proves) return this.#proved(line);
    if (isMember(bytes, at) || isOwnWord(bytes, at)) return false;
    // Of signs beside ASCII a case may be mixed in what matched.
    return this.#isAscii || this.#index.text(line).toLowerCase().includes(this.#needle);
  }

  #proved(line: number): boolean {
    const wanted = this.text.toLowerCase();
    const { type: _, phase: __, trace: ___, at: ____, ...said } = parsed(this.#index.text(line)) ?? {};
    return hasText(said, wanted);
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
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((item) => hasText(item, wanted));
}

/** Where what every line begins with ends: behind its time. */
function headEnd(bytes: Uint8Array, from: number, to: number): number {
  // "at":"
  for (let place = from + 40; place < Math.min(to, from + 240); place++) {
    if (
      bytes[place] === 97 &&
      bytes[place + 1] === 116 &&
      bytes[place + 2] === quote &&
      bytes[place - 1] === quote &&
      bytes[place + 3] === colon
    ) {
      return place + 30;
    }
  }
  return from;
}

/** True where the text that a match lies in is the name of a member of the trace's own. */
function isMember(bytes: Uint8Array, at: number): boolean {
  let end = at;
  while (bytes[end] !== quote) {
    // A member of the trace's own is a short word.
    if (end - at > 24 || end >= bytes.length) return false;
    end += bytes[end] === backslash ? 2 : 1;
  }
  if (bytes[end + 1] !== colon) return false;
  const start = bytes.lastIndexOf(quote, at - 1);
  return start >= 0 && end - start < 26 && ownMembers.has(new TextDecoder().decode(bytes.subarray(start + 1, end)));
}

/** True where a match begins the value of a member whose values are the trace's own words. */
function isOwnWord(bytes: Uint8Array, at: number): boolean {
  const start = bytes.lastIndexOf(quote, at - 1);
  if (start < 0 || at - start > 20) return false;
  return ownWords.some((name) => name.every((byte, place) => bytes[start - name.length + 1 + place] === byte));
}

function lengthOf(text: string): number {
  return new TextEncoder().encode(text).length;
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
