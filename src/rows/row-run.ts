import { ConfigError } from "../errors/errors.ts";
import { ambient } from "../send/scope.ts";
import { refuseOpenBatches } from "./batch-store.ts";
import { partsOf } from "./fingerprint.ts";
import { beginRun, type JournalRun } from "./journal-run.ts";
import type { GivenOptions, Plan } from "./plan.ts";
import { showProgress } from "./progress.ts";
import { countOf } from "./source.ts";
import { Tally } from "./totals.ts";
import type { Row, RowRun, StopReason, Totals } from "./types.ts";
import { Worker } from "./worker.ts";

/** What works a run off. */
export interface RowWorker {
  /** To the end of the source, or until it is stopped. Throws what ended it. */
  work(): Promise<void>;
  /** Nothing new is begun; what is in flight is finished and kept. */
  stop(by: StopReason, reason?: unknown): void;
}

/** Makes the worker of a run. `tell` is given each row when somebody iterates; what it gives resolves when there is room. */
export type MakeWorker = (
  plan: Plan,
  journal: JournalRun | undefined,
  tally: Tally,
  tell: ((row: Row<unknown>) => Promise<void> | undefined) | undefined,
) => RowWorker;

const live: MakeWorker = (plan, journal, tally, tell) => {
  if (journal !== undefined) refuseOpenBatches(journal);
  return new Worker(plan, journal, tally, tell);
};

interface Reader {
  resolve(result: IteratorResult<Row<never>, undefined>): void;
  reject(error: unknown): void;
}

/** One run over rows: a promise of its totals that can also be iterated for the rows as they end. */
export class Rows<Value> extends Promise<Totals> implements RowRun<Value> {
  readonly #plan: Plan;
  readonly #options: GivenOptions;
  readonly #tally = new Tally();
  readonly #ended: PromiseWithResolvers<Totals>;
  #begun = false;
  readonly #makeWorker: MakeWorker;
  #worker: RowWorker | undefined;
  #left = false;
  // Rows that nobody has taken yet, who waits for one, and whoever waits for room.
  readonly #waiting: Row<Value>[] = [];
  readonly #readers: Reader[] = [];
  #room: PromiseWithResolvers<void> | undefined;
  #over: { readonly error?: unknown } | undefined;

  constructor(plan: Plan, options: GivenOptions, makeWorker: MakeWorker = live) {
    const ended: Partial<PromiseWithResolvers<Totals>> = {};
    super((resolve, reject) => Object.assign(ended, { resolve, reject }));
    this.#ended = ended as PromiseWithResolvers<Totals>;
    this.#plan = plan;
    this.#options = options;
    this.#makeWorker = makeWorker;
    // Whoever iterates sees the error there; the promise is for whoever awaits.
    super.then(undefined, () => {});
  }

  // What `then` gives is a plain promise: only a call of `map` makes a run.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  get totals(): Totals {
    return this.#tally.totals;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a run is how its totals are had without watching it.
  override then<A = Totals, B = never>(
    fulfilled?: ((value: Totals) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#begun) this.#begin(false);
    return super.then(fulfilled, rejected);
  }

  [Symbol.asyncIterator](): AsyncIterator<Row<Value>, undefined> {
    if (this.#begun) return { next: () => Promise.reject(new ConfigError("A run over rows is iterated once.")) };
    this.#begin(true);
    return { next: () => this.#next(), return: () => this.#leave() };
  }

  #next(): Promise<IteratorResult<Row<Value>, undefined>> {
    const row = this.#waiting.shift();
    if (row !== undefined) {
      if (this.#waiting.length < this.#plan.concurrency) this.#giveRoom();
      return Promise.resolve({ done: false, value: row });
    }
    if (this.#over !== undefined) return this.#finish();
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  #finish(): Promise<IteratorResult<Row<Value>, undefined>> {
    const over = this.#over;
    this.#over = {};
    return over !== undefined && "error" in over
      ? Promise.reject(over.error)
      : Promise.resolve({ done: true, value: undefined });
  }

  async #leave(): Promise<IteratorResult<Row<Value>, undefined>> {
    this.#left = true;
    this.#waiting.length = 0;
    this.#giveRoom();
    this.#worker?.stop("left");
    // What is in flight is kept before the caller goes on.
    await this.catch(() => {});
    return { done: true, value: undefined };
  }

  #giveRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Hands a row to who iterates; gives a promise where too many wait to be taken. */
  #tell(row: Row<Value>): Promise<void> | undefined {
    if (this.#left) return undefined;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: row as Row<never> });
      return undefined;
    }
    this.#waiting.push(row);
    if (this.#waiting.length < this.#plan.concurrency) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  #begin(iterated: boolean): void {
    this.#begun = true;
    const { scope } = this.#plan;
    const run = () => this.#run(iterated).then(this.#ended.resolve, this.#ended.reject);
    const storage = ambient.storage;
    // The calls are made in the scope that the run was called in, not in that of who awaits it.
    if (storage === undefined) void run();
    else void storage.run(scope as NonNullable<typeof scope>, run);
  }

  async #run(iterated: boolean): Promise<Totals> {
    const progress = showProgress(this.#options, countOf(this.#plan.rows), this.#tally);
    let journal: JournalRun | undefined;
    try {
      journal = await this.#open((sentence) => progress?.say(sentence));
      const tell = iterated ? (row: Row<unknown>) => this.#tell(row as Row<Value>) : undefined;
      const worker = this.#makeWorker(this.#plan, journal, this.#tally, tell);
      this.#worker = worker;
      if (this.#left) worker.stop("left");
      const unheed = this.#heed(worker);
      try {
        await worker.work();
      } finally {
        unheed();
      }
      this.#end({});
      return this.#tally.totals;
    } catch (error) {
      this.#end({ error });
      throw error;
    } finally {
      progress?.end();
      journal?.close();
    }
  }

  async #open(waits: (sentence: string) => void): Promise<JournalRun | undefined> {
    const {
      journal: path,
      name,
      changed = "refuse",
      lease = {},
      durability,
      maxJournalBytes: maxBytes,
    } = this.#options;
    if (path === undefined) return undefined;
    const parts = await partsOf(this.#plan.node, this.#plan.kind);
    return beginRun({ path, name, parts, changed, lease, durability, maxBytes, waits });
  }

  /** Listens to what stops the run; gives what ends the listening. */
  #heed(worker: RowWorker): () => void {
    const { signal, sigint = true } = this.#options;
    const abort = () => worker.stop("signal", signal?.reason);
    // Once: a second Ctrl-C does what it always does.
    const interrupt = () => worker.stop("SIGINT");
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    if (sigint) globalThis.process?.once?.("SIGINT", interrupt);
    return () => {
      signal?.removeEventListener("abort", abort);
      if (sigint) globalThis.process?.off?.("SIGINT", interrupt);
    };
  }

  #end(over: { readonly error?: unknown }): void {
    this.#over = over;
    for (const reader of this.#readers.splice(0)) {
      if ("error" in over) reader.reject(over.error);
      else reader.resolve({ done: true, value: undefined });
    }
  }
}
