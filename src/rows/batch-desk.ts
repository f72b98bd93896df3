import type { Asked, Used } from "./ask.ts";
import type { End } from "./batch-answer.ts";
import type { Facts } from "./batch-intake.ts";
import type { Item } from "./batch-store.ts";
import { JournalError } from "./journal-error.ts";
import type { JournalRun, KnownRow, NewRow } from "./journal-run.ts";
import type { Plan } from "./plan.ts";
import { RowError } from "./row-error.ts";
import { readStored, storedAnswer, storedArgs, storedFailure } from "./stored.ts";
import type { Tally } from "./totals.ts";
import type { Row, StoredFailure } from "./types.ts";

/** A row that ended: what is told of it, and what is written. */
export interface Ended {
  readonly row: Row<unknown>;
  readonly stored: NewRow | undefined;
}

type Tell = ((row: Row<unknown>) => Promise<void> | undefined) | undefined;

const nothing: Used = { cost: 0, inputTokens: 0, outputTokens: 0, requests: 0 };

/** Where rows end: they are written, counted and told, in this order. */
export class Desk {
  readonly #plan: Plan;
  readonly #journal: JournalRun | undefined;
  readonly #tally: Tally;
  readonly #tell: Tell;

  constructor(plan: Plan, journal: JournalRun | undefined, tally: Tally, tell: Tell) {
    this.#plan = plan;
    this.#journal = journal;
    this.#tally = tally;
    this.#tell = tell;
  }

  /** A row that came back. */
  ended({ key, ordinal, args, tag, replaces }: Item, end: End): Ended {
    const facts = {
      ordinal,
      args: JSON.parse(args ?? "[]") as unknown[],
      tag: tag ?? undefined,
      replaces: replaces ?? undefined,
    };
    return this.#make(key, facts, end, end.used, true);
  }

  /** A row that failed before it was asked. */
  failed(key: string, facts: Facts, error: unknown, kept: boolean): Ended {
    return this.#make(key, facts, { error }, nothing, kept);
  }

  #make(
    key: string,
    { ordinal, args, tag: told, replaces }: Facts,
    end: { readonly asked: Asked } | { readonly error: unknown },
    used: Used,
    kept: boolean,
  ): Ended {
    const tag = told ?? this.#plan.tagOfAnswer(end);
    const { cost, inputTokens, outputTokens, requests } = used;
    const facts = { key, ordinal, resumed: false, args, cost, inputTokens, outputTokens, requests, tag };
    const { redact } = this.#plan;
    const isDone = "asked" in end;
    return {
      row: isDone
        ? { ...facts, status: "done", value: end.asked.value }
        : { ...facts, status: "failed", error: end.error },
      stored:
        this.#journal === undefined || !kept
          ? undefined
          : {
              ...{ key, ordinal, used, tag, replaces },
              answer: isDone ? storedAnswer(end.asked, args, redact) : undefined,
              args: isDone ? null : storedArgs(args, redact),
              failure: isDone ? undefined : storedFailure(key, end.error, redact),
            },
    };
  }

  /** Writes them; when it returns they are acknowledged. Throws a `JournalError` that has those it could not keep. */
  keep(ended: readonly Ended[]): void {
    const rows = ended.flatMap(({ stored }) => (stored === undefined ? [] : [stored]));
    try {
      if (rows.length > 0) this.#journal?.commit(rows);
    } catch (error) {
      if (error instanceof JournalError) (error.unsaved as object[]).push(...ended.map(({ row }) => row));
      throw error;
    }
  }

  /** Counts and tells them; waits while nobody takes them. Gives the failure that was one too many. */
  async tell(ended: readonly Ended[]): Promise<{ readonly reason: unknown } | undefined> {
    const { maxFailures } = this.#plan;
    let tooMany: { readonly reason: unknown } | undefined;
    for (const { row } of ended) {
      this.#tally.add(row);
      await this.#tell?.(row);
      const isOver = row.status === "failed" && maxFailures !== undefined && this.#tally.failures >= maxFailures;
      if (isOver) tooMany ??= { reason: row.error };
    }
    return tooMany;
  }

  /** True for one whose answer is in the journal: written, and then the process ended before its request was crossed out. */
  has({ key, replaces }: Item): boolean {
    const known = this.#journal?.find(key);
    return known !== undefined && this.#journal?.isCurrent(known) === true && known.id !== replaces;
  }

  /** A row that the journal has. */
  async resume(known: KnownRow, key: string, { ordinal, args }: Facts): Promise<void> {
    const { cost, inputTokens, outputTokens, requests, tag, status } = known;
    const used = {
      cost: cost ?? undefined,
      inputTokens: inputTokens ?? undefined,
      outputTokens: outputTokens ?? undefined,
    };
    const facts = { key, ordinal, args, resumed: true, ...used, requests, tag: tag ?? undefined };
    this.#tally.add({ ...facts, status });
    if (this.#tell === undefined) return;
    let row: Row<unknown>;
    try {
      if (status === "failed") throw new RowError(JSON.parse(known.error as string) as StoredFailure);
      const value = await readStored(this.#plan.node, (this.#journal as JournalRun).answer(known.id));
      row = { ...facts, status: "done", value };
    } catch (error) {
      row = { ...facts, status: "failed", error };
    }
    await this.#tell(row);
  }
}
