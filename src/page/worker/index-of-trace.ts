import type { Kind } from "../protocol.ts";
import { kinds } from "../protocol.ts";
import { Bytes, type Region } from "./bytes.ts";
import { headOf, type LineHead, parsed } from "./head.ts";
import { Lines } from "./lines.ts";
import { Roots } from "./roots.ts";
import { Spans } from "./spans.ts";

const isKind = new Set<unknown>(kinds);

/** A trace as far as it was read: its bytes, where its lines lie, and what has begun and ended. */
export class TraceIndex {
  readonly bytes = new Bytes();
  readonly lines = new Lines();
  readonly spans = new Spans();
  readonly roots = new Roots(this.spans);
  /** Lines that are no JSON, or that name nothing that began. */
  unreadable = 0;
  readonly #decoder = new TextDecoder();
  // By the id of a trace: the span of each of its ids. A file may hold several traces.
  readonly #traces = new Map<string, number[]>();
  #last: { readonly trace: string; readonly ids: number[] } | undefined;

  /** Reads the lines that the bytes complete. */
  take(chunk: Uint8Array): void {
    const region = this.bytes.take(chunk);
    if (region !== undefined) this.#read(region);
  }

  /** Everything that a line says. */
  parse(line: number): Readonly<Record<string, unknown>> | undefined {
    return line < 0 || line >= this.lines.count ? undefined : parsed(this.text(line));
  }

  text(line: number): string {
    const { block, from, length } = this.lines;
    const at = from[line] ?? 0;
    return this.#decoder.decode(this.bytes.at(block[line] ?? 0, at, at + (length[line] ?? 0)));
  }

  #read({ block, from, to }: Region): void {
    const bytes = this.bytes.at(block, from, to);
    const text = this.#decoder.decode(bytes);
    // Where every sign is one byte, what is counted in the one is counted in the other.
    const isPlain = text.length === bytes.length;
    let [at, byte] = [0, 0];
    while (byte < bytes.length) {
      const end = text.indexOf("\n", at);
      const lastByte = isPlain ? end : bytes.indexOf(10, byte);
      if (end > at) this.lines.put(block, from + byte, lastByte - byte, this.#take(text, at, end));
      at = end + 1;
      byte = lastByte + 1;
    }
  }

  /** The span that a line is of. */
  #take(text: string, from: number, to: number): number {
    const head = headOf(text, from, to);
    if (head?.type === "trace") return -1;
    if (head === undefined || !isKind.has(head.type) || !Number.isSafeInteger(head.id)) return this.#passOver();
    const { type, phase, id, parent } = head as LineHead & { readonly type: Kind; readonly id: number };
    const ids = this.#idsOf(String(head.trace));
    const line = this.lines.count;
    if (phase === "start") {
      const inside = typeof parent === "number" ? ids[parent] : undefined;
      const span = this.spans.begin(type, head, inside ?? -1, line);
      ids[id] = span;
      this.roots.begun(span);
      return span;
    }
    const span = ids[id];
    if (span === undefined || (this.spans.endLine[span] ?? -1) >= 0) return this.#passOver();
    this.spans.end(span, head, line);
    this.roots.ended(span);
    return span;
  }

  #passOver(): number {
    this.unreadable++;
    return -1;
  }

  #idsOf(trace: string): number[] {
    if (this.#last?.trace === trace) return this.#last.ids;
    const ids = this.#traces.get(trace) ?? [];
    this.#traces.set(trace, ids);
    this.#last = { trace, ids };
    return ids;
  }
}
