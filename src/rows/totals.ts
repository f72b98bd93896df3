import type { RowFacts, StopReason, Sums, Totals } from "./types.ts";

/** What is added up of a row. */
export type Counted = Pick<RowFacts, "cost" | "inputTokens" | "outputTokens" | "requests" | "tag" | "resumed"> & {
  readonly status: "done" | "failed";
};

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function none(): Mutable<Sums> {
  return { done: 0, failed: 0, cost: 0, inputTokens: 0, outputTokens: 0, requests: 0 };
}

function add(sums: Mutable<Sums>, row: Counted): void {
  sums[row.status]++;
  sums.requests += row.requests;
  for (const name of ["cost", "inputTokens", "outputTokens"] as const) {
    const [sum, value] = [sums[name], row[name]];
    sums[name] = sum === undefined || value === undefined ? undefined : sum + value;
  }
}

/** How far a batch is: its size, the service's word, and how many of its requests are over, where the service tells. */
export interface BatchLook {
  readonly total: number;
  readonly status?: string | undefined;
  readonly done?: number | undefined;
}

/** Adds rows up as they end. */
export class Tally {
  readonly #all = none();
  readonly #own = none();
  readonly #tags = new Map<string, Mutable<Sums>>();
  #resumed = 0;
  /** US dollars that are certain: what is shown while some are not. */
  known = 0;
  /** The batches that are open, by the service's ids. */
  readonly batches = new Map<string, BatchLook>();
  stopped: StopReason | undefined;
  reason: unknown;

  add(row: Counted): void {
    add(this.#all, row);
    if (row.resumed) this.#resumed++;
    else add(this.#own, row);
    this.known += row.cost ?? 0;
    if (row.tag === undefined) return;
    const sums = this.#tags.get(row.tag) ?? none();
    this.#tags.set(row.tag, sums);
    add(sums, row);
  }

  get failures(): number {
    return this.#own.failed;
  }

  get ended(): number {
    return this.#all.done + this.#all.failed;
  }

  get totals(): Totals {
    return {
      ...this.#all,
      resumed: this.#resumed,
      own: { ...this.#own },
      stopped: this.stopped,
      reason: this.reason,
      tags: new Map([...this.#tags].map(([tag, sums]) => [tag, { ...sums }])),
    };
  }
}
