import type { ToolLoopRun } from "../loop/types.ts";
import { type Asked, ask, type Used, usedBy, usedUntil } from "./ask.ts";
import type { AskElsewhere } from "./elsewhere.ts";
import { JournalError } from "./journal-error.ts";
import type { JournalRun, KnownRow, NewRow } from "./journal-run.ts";
import type { Plan } from "./plan.ts";
import { isOpen, readRow } from "./read-row.ts";
import { DuplicateKeyError, RowError } from "./row-error.ts";
import { isUnreadable, iteratorOf } from "./source.ts";
import { endsRun } from "./stops.ts";
import { readStored, storedAnswer, storedArgs, storedFailure } from "./stored.ts";
import type { Tally } from "./totals.ts";
import type { Row, StopReason, StoredFailure } from "./types.ts";

type Loop = ToolLoopRun<never, never>;

/** A row that ended and is not yet told: what it is, and what is to be written of it. */
interface Ended {
  readonly row: Row<unknown>;
  readonly stored: NewRow | undefined;
}

/** A row that is to be asked. */
interface Open {
  readonly key: string;
  readonly ordinal: number;
  readonly args: readonly unknown[];
  readonly tag: string | undefined;
  readonly replaces: number | undefined;
}

// Rows that are passed over, or answered by a layer at once, before others get their turn: a beat, a signal, a Ctrl-C.
const begunAtOnce = 32;
// Milliseconds a row waits at most for others to be committed with.
const longestWait = 5;

/**
 * Takes rows from the source, asks for them side by side and tells of each when it is acknowledged: with a journal, when it
 * is committed. Until then it holds its place, so that no crash loses more answers than were in flight.
 */
export class Worker {
  readonly #plan: Plan;
  readonly #journal: JournalRun | undefined;
  readonly #tally: Tally;
  /** Given each row when somebody iterates; resolves when there is room for more. */
  readonly #tell: ((row: Row<unknown>) => Promise<void> | undefined) | undefined;
  readonly #inFlight = new Set<string>();
  #buffer: Ended[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #active = 0;
  #stopping = false;
  #failure: { readonly error: unknown } | undefined;
  #room: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor(
    plan: Plan,
    journal: JournalRun | undefined,
    tally: Tally,
    tell: ((row: Row<unknown>) => Promise<void> | undefined) | undefined,
  ) {
    this.#plan = plan;
    this.#journal = journal;
    this.#tally = tally;
    this.#tell = tell;
  }

  /** Nothing new is begun; what is in flight is finished and kept. */
  stop(by: StopReason, reason?: unknown): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#tally.stopped = by;
    this.#tally.reason = reason;
    this.#wake();
  }

  /** To the end of the source, or until it is stopped. Throws what ended it. */
  async work(): Promise<void> {
    const rows = iteratorOf(this.#plan.rows);
    let begun = 0;
    try {
      for (let ordinal = 0; !this.#stopping; ordinal++) {
        const next = rows.next();
        const { done, value } = next instanceof Promise ? await next : next;
        if (done) break;
        const taken = this.#take(value, ordinal);
        if (taken instanceof Promise) await taken;
        if (++begun % begunAtOnce === 0) await new Promise<void>((resolve) => setImmediate(resolve));
        while (!this.#stopping && (this.#room !== undefined || this.#active >= this.#plan.concurrency)) {
          await this.#turn();
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      if (this.#stopping) await rows.return();
    }
    while (this.#active > 0) await this.#turn();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Until a row has ended or there is room again. */
  #turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return this.#room === undefined ? promise : Promise.race([this.#room, promise]);
  }

  /** Begins a row, or passes over one that is not asked for. */
  #take(given: unknown, ordinal: number): "asked" | "passed" | Promise<void> {
    if (isUnreadable(given)) {
      // It has no key of its own that a later run could know it by.
      const key = `line ${given.error.line}`;
      return this.#notAsked({ key, ordinal, args: [], tag: undefined, replaces: undefined }, given.error, false);
    }
    const { key, args, tag, thrown } = readRow(this.#plan, given, ordinal);
    const known = this.#journal?.find(key);
    const isDuplicate = known === undefined ? this.#inFlight.has(key) : this.#journal?.meet(known.id) === false;
    const open = { key, ordinal, args, tag, replaces: known?.id };
    if (isDuplicate) return this.#notAsked({ ...open, replaces: undefined }, new DuplicateKeyError(key), false);
    if (known !== undefined && !isOpen(known, this.#plan, this.#journal)) return this.#resume(known, open);
    if (thrown !== undefined) return this.#notAsked(open, thrown.error);
    const { elsewhere } = this.#plan;
    void (elsewhere === undefined ? this.#ask(open) : this.#askElsewhere(open, elsewhere));
    return "asked";
  }

  /** A row that failed before anything was sent. */
  #notAsked(open: Open, error: unknown, kept = true): "passed" {
    this.#active++;
    this.#end(open, { cost: 0, inputTokens: 0, outputTokens: 0, requests: 0 }, { error }, kept);
    return "passed";
  }

  #resume(known: KnownRow, open: Open): "passed" | Promise<void> {
    const used = {
      cost: known.cost ?? undefined,
      inputTokens: known.inputTokens ?? undefined,
      outputTokens: known.outputTokens ?? undefined,
      requests: known.requests,
    };
    const tag = known.tag ?? undefined;
    this.#tally.add({ ...used, tag, resumed: true, status: known.status });
    if (this.#tell === undefined) return "passed";
    return this.#tellResumed(known, { ...open, ...used, tag, resumed: true });
  }

  async #tellResumed(known: KnownRow, facts: Open & Used & { readonly resumed: true }): Promise<void> {
    const { replaces: _, ...rest } = facts;
    let row: Row<unknown>;
    try {
      if (known.status === "failed") throw new RowError(JSON.parse(known.error as string) as StoredFailure);
      const value = await readStored(this.#plan.node, (this.#journal as JournalRun).answer(known.id));
      row = { ...rest, status: "done", value };
    } catch (error) {
      row = { ...rest, status: "failed", error };
    }
    await this.#tell?.(row);
  }

  async #ask(open: Open): Promise<void> {
    this.#active++;
    this.#inFlight.add(open.key);
    let run: Loop | undefined;
    let asked: Asked;
    try {
      asked = await ask(this.#plan.call, open.args, (loop) => {
        run = loop;
      });
    } catch (error) {
      const ending = endsRun(error, this.#plan);
      if (ending === undefined) return this.#end(open, usedUntil(error, run), { error });
      // It was not the row's fault: it stays open.
      this.#leave(open.key);
      if (ending === "throw") return this.#fail(error);
      return this.stop(ending, error);
    }
    this.#end(open, usedBy(asked, run), { asked });
  }

  async #askElsewhere({ key, ordinal, args, tag }: Open, elsewhere: AskElsewhere): Promise<void> {
    this.#active++;
    this.#inFlight.add(key);
    try {
      const { end, resumed, tag: told, ...used } = await elsewhere({ key, args });
      const facts = { key, ordinal, resumed, args, ...pick(used), tag: tag ?? told };
      const row: Row<unknown> =
        "value" in end
          ? { ...facts, status: "done", value: end.value }
          : { ...facts, status: "failed", error: end.error };
      // It is kept where it was asked.
      this.#acknowledge(row);
    } catch (error) {
      this.#leave(key);
      this.#fail(error);
    }
  }

  #end(open: Open, used: Used, end: { asked: Asked } | { error: unknown }, kept = true): void {
    const { key, ordinal, args, tag = this.#plan.tagOfAnswer(end), replaces } = open;
    const facts = { key, ordinal, resumed: false, args, ...pick(used), tag };
    const row: Row<unknown> =
      "asked" in end
        ? { ...facts, status: "done", value: end.asked.value }
        : { ...facts, status: "failed", error: end.error };
    try {
      const { redact } = this.#plan;
      const stored: NewRow | undefined =
        this.#journal === undefined || !kept
          ? undefined
          : {
              ...{ key, ordinal, used, tag, replaces },
              answer: "asked" in end ? storedAnswer(end.asked, args, redact) : undefined,
              args: "asked" in end ? null : storedArgs(args, redact),
              failure: "asked" in end ? undefined : storedFailure(key, end.error, redact),
            };
      this.#buffer.push({ row, stored });
    } catch (error) {
      this.#leave(key);
      this.#fail(error);
      return;
    }
    // Alone, with half of all places waiting for it, or in a moment.
    const waiting = this.#buffer.length;
    if (stored(this.#buffer) === 0 || waiting >= this.#active || waiting * 2 >= this.#plan.concurrency) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), longestWait);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ended = this.#buffer;
    this.#buffer = [];
    const rows = ended.flatMap(({ stored: one }) => (one === undefined ? [] : [one]));
    try {
      if (this.#failure?.error instanceof JournalError && rows.length > 0) throw this.#failure.error;
      if (rows.length > 0) this.#journal?.commit(rows);
    } catch (error) {
      this.#fail(error);
      // Paid for, and not kept: whoever catches the error has them.
      if (error instanceof JournalError) (error.unsaved as object[]).push(...ended.map(({ row }) => row));
      for (const { row } of ended) this.#leave(row.key);
      return;
    }
    for (const { row } of ended) this.#acknowledge(row);
  }

  #acknowledge(row: Row<unknown>): void {
    this.#tally.add(row);
    const room = this.#tell?.(row);
    if (room !== undefined) this.#room = room.then(() => this.#empty());
    this.#leave(row.key);
    const { maxFailures } = this.#plan;
    if (row.status === "failed" && maxFailures !== undefined && this.#tally.failures >= maxFailures) {
      this.stop("failures", row.error);
    }
  }

  #empty(): void {
    this.#room = undefined;
  }

  #leave(key: string): void {
    this.#active--;
    this.#inFlight.delete(key);
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stopping = true;
    this.#wake();
  }
}

function pick({ cost, inputTokens, outputTokens, requests }: Used): Used {
  return { cost, inputTokens, outputTokens, requests };
}

function stored(buffer: readonly Ended[]): number {
  return buffer.reduce((count, one) => count + (one.stored === undefined ? 0 : 1), 0);
}
