import type { AsyncLocalStorage } from "node:async_hooks";
import { plainOrLeftOut } from "../json/plain.ts";
import { environmentSecrets, type Redact, scrub } from "../json/scrub.ts";
import type { LineWriter } from "./line-writer.ts";

/** What a line is about. */
export type TraceKind = "run" | "call" | "request" | "tool";

const module = globalThis.process?.getBuiltinModule?.("node:async_hooks");

/** Numbers what happens, says what is inside of what, and writes each beginning and each end as a line. */
export class Journal {
  readonly #writer: LineWriter;
  readonly #redact: Redact | undefined;
  readonly #trace = crypto.randomUUID();
  // A journal's own: what another one numbers is nothing of this one's.
  readonly #inside: AsyncLocalStorage<number> | undefined = module && new module.AsyncLocalStorage<number>();
  #count = 0;

  constructor(writer: LineWriter, redact: Redact | undefined) {
    this.#writer = writer;
    this.#redact = redact;
  }

  begin(kind: TraceKind, data: () => object): Entry {
    if (this.#count === 0) this.write({ type: "trace", version: 1 }, () => ({}));
    const id = ++this.#count;
    const parent = this.#inside?.getStore();
    this.write({ type: kind, phase: "start", id, ...(parent !== undefined && { parent }) }, data);
    return new Entry(this, kind, id);
  }

  run<Result>(id: number, work: () => Result): Result {
    return this.#inside === undefined ? work() : this.#inside.run(id, work);
  }

  /** Writes a line; what cannot be written is never felt by the call. */
  write(line: object, data: () => object): void {
    const head = { ...line, trace: this.#trace, at: new Date().toISOString() };
    try {
      const clean = scrub(plainOrLeftOut(data()), environmentSecrets(), this.#redact);
      this.#writer.add(JSON.stringify({ ...head, ...(clean as object) }));
    } catch {
      this.#writer.add(JSON.stringify({ ...head, unreadable: true }));
    }
  }
}

/** One thing that has begun, and has one end. */
export class Entry {
  readonly #journal: Journal;
  readonly #kind: TraceKind;
  readonly #id: number;
  readonly #began = performance.now();
  #over = false;

  constructor(journal: Journal, kind: TraceKind, id: number) {
    this.#journal = journal;
    this.#kind = kind;
    this.#id = id;
  }

  run<Result>(work: () => Result): Result {
    return this.#journal.run(this.#id, work);
  }

  /** Milliseconds since it began. */
  get ms(): number {
    return Math.round(performance.now() - this.#began);
  }

  end(data: () => object): void {
    if (this.#over) return;
    this.#over = true;
    this.#journal.write({ type: this.#kind, phase: "end", id: this.#id, ms: this.ms }, data);
  }
}
