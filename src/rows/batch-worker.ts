import type { BatchAnswer, BatchLimits, BatchService, BatchState } from "../contract/batch.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { BatchError } from "../errors/batch-error.ts";
import { classify } from "../errors/classify.ts";
import type { Definition } from "../prepare/prepare.ts";
import { askLive, type Came, type End, mayDoBetter, nextItem, readAnswer } from "./batch-answer.ts";
import type { Desk, Ended } from "./batch-desk.ts";
import { Filler } from "./batch-filler.ts";
import type { Intake } from "./batch-intake.ts";
import { cameOf, chunked, chunks, tooFew } from "./batch-pieces.ts";
import type { Post } from "./batch-post.ts";
import type { BatchStore, Item, OpenBatch } from "./batch-store.ts";
import type { Plan } from "./plan.ts";
import { jsonOf } from "./stored.ts";
import type { Tally } from "./totals.ts";
import type { StopReason } from "./types.ts";

/** All that a run in batches is made of. */
export interface BatchParts {
  readonly call: Definition<ProviderTypes>;
  readonly plan: Plan;
  readonly service: BatchService<object, object>;
  readonly limits: BatchLimits;
  readonly store: BatchStore;
  readonly intake: Intake;
  readonly desk: Desk;
  readonly post: Post;
  readonly tally: Tally;
  /** Where rows are asked again, and how often. */
  readonly again: "batch" | "live";
  readonly most: number;
  readonly poll: number;
  readonly keepFiles: boolean;
}

// Looks in a row that may fail for a passing reason.
const mostFailures = 10;

/** Fills batches with rows, hands them in, looks at them until they have ended, and reads what came. */
export class BatchRunner {
  readonly #parts: BatchParts;
  readonly #filler: Filler;
  #open: OpenBatch[] = [];
  /** The rows as they are, where the store has less of them. */
  readonly #whole: Map<string, Item> | undefined;
  #stopping = false;
  #cancelling = false;
  #cancelled = false;
  #failures = 0;
  /** True while the service has no room for a further batch. */
  #isFull = false;
  #wake: () => void = () => {};

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#whole = parts.plan.redact === undefined ? undefined : new Map();
    this.#filler = new Filler({
      ...parts,
      rows: parts.plan.rows,
      stopping: () => this.#stopping,
      end: (ended) => this.#end(ended),
      whole: (item) => this.#whole?.get(item.key) ?? item,
    });
  }

  stop(by: StopReason, reason?: unknown): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#parts.tally.stopped = by;
    this.#parts.tally.reason = reason;
    this.#wake();
  }

  cancel(): void {
    this.stop("cancelled");
    this.#cancelling = true;
    this.#wake();
  }

  async work(): Promise<void> {
    const { store, post, intake, desk } = this.#parts;
    try {
      for (const batch of store.open()) {
        const open = await post.recover(batch, this.#wait);
        if (open === undefined) continue;
        this.#open.push(open);
        // Their answers were written, and then the process ended before their requests were crossed out.
        store.remove([...store.items(open)].filter((item) => desk.has(item)).map(({ key }) => key));
      }
      store.remove([...store.items(undefined)].filter((item) => desk.has(item)).map(({ key }) => key));
      // Those are in a batch already, and met once.
      intake.expect(store.keys());
      await this.#turns();
    } finally {
      await this.#filler.close();
    }
  }

  async #turns(): Promise<void> {
    for (;;) {
      while (!this.#stopping && !this.#isFull && this.#open.length < this.#parts.plan.concurrency) {
        if (!(await this.#submitNext())) break;
      }
      if (this.#stopping && !this.#cancelling) return;
      if (this.#cancelling) await this.#cancelOpen();
      if (this.#open.length === 0) {
        if (this.#stopping) return;
        // Nothing is at work and nothing was left to hand in.
        if (this.#filler.isEmpty && !this.#hasWaiting()) return;
        // Others have filled it.
        if (this.#isFull) await this.#wait(undefined);
        this.#isFull = false;
        continue;
      }
      if (await this.#look()) this.#isFull = false;
      else if (this.#open.length > 0) await this.#wait(undefined);
    }
  }

  #hasWaiting(): boolean {
    return this.#parts.store.items(undefined).next().done !== true;
  }

  /** False where there is nothing to hand in now. */
  async #submitNext(): Promise<boolean> {
    const { limits, post, plan, call } = this.#parts;
    const items = await this.#filler.next(this.#open.length === 0);
    // What was read for a batch that is not handed in any more is open again in the next run.
    if (this.#stopping || items.length === 0) return false;
    const { fewest = 0 } = limits;
    if (items.length < fewest) {
      if (items.some(({ asked }) => asked === 0)) throw tooFew(items.length, fewest);
      // Too few for another batch.
      for (const some of chunks(items, plan.concurrency)) {
        await this.#settle(some.map((item) => [item, askLive(call, item)]));
      }
      return true;
    }
    for (const item of items) this.#whole?.set(item.key, item);
    const kept = items.map((item) => this.#kept(item));
    const batch = await post.submit(items, kept, this.#wait);
    this.#open.push(batch);
    this.#parts.tally.batches.set(batch.service as string, { total: items.length });
    return true;
  }

  /** What the store is given of a row. */
  #kept(item: Item): Item {
    const { redact } = this.#parts.plan;
    if (redact === undefined) return item;
    const text = (value: string | null, at: string) => (value === null ? null : jsonOf(JSON.parse(value), redact, at));
    return { ...item, args: text(item.args, "args"), prepared: text(item.prepared, "prepared") as string };
  }

  /** Reads the batches that have ended; false where none has. */
  async #look(): Promise<boolean> {
    let any = false;
    for (const batch of [...this.#open]) {
      if (this.#stopping && !this.#cancelling) return true;
      try {
        const state = await this.#parts.service.state(batch.service as string, {});
        this.#failures = 0;
        this.#show(batch, state);
        if (state.outcome === undefined) continue;
        if (state.putOff && !this.#cancelling) this.#putOff(batch);
        else if (await this.#readBatch(batch, state)) any = true;
        else return true;
        this.#open = this.#open.filter(({ id }) => id !== batch.id);
        await this.#tidy(batch);
      } catch (error) {
        // A day of looking sees connections break: what was read is kept, the rest is read at the next look.
        if (!classify(error).retryable || ++this.#failures >= mostFailures) throw error;
      }
    }
    return any;
  }

  #show({ service, ...batch }: OpenBatch, { status, done }: BatchState): void {
    const { batches } = this.#parts.tally;
    const id = service as string;
    const total = batches.get(id)?.total ?? this.#parts.store.requests({ service, ...batch }).length;
    batches.set(id, { total, status, done });
  }

  /** Its rows go into a later batch: when another one has ended, or else after a while, and then not as many at once. */
  #putOff(batch: OpenBatch): void {
    const { store } = this.#parts;
    if (this.#open.length === 1) this.#filler.halve(store.requests(batch).length);
    store.putOff(batch);
    this.#isFull = true;
  }

  /** What was read is kept: its files are needed by nobody. */
  async #tidy({ service }: OpenBatch): Promise<void> {
    const { tally, keepFiles, service: from } = this.#parts;
    tally.batches.delete(service as string);
    if (!keepFiles) await from.deleteFiles?.(service as string, {}).catch(() => {});
  }

  /** False where the run was stopped in the middle. */
  async #readBatch(batch: OpenBatch, { outcome, message }: BatchState): Promise<boolean> {
    const { service, store, plan } = this.#parts;
    const id = batch.service as string;
    const results = outcome === "failed" ? [] : service.results(id, store.requests(batch), {});
    const read = async (some: readonly BatchAnswer<object>[]) => {
      const rows = some.flatMap((answer): [Item, Came][] => {
        const item = store.item(batch, answer.id);
        return item === undefined ? [] : [[item, cameOf(answer, batch)]];
      });
      await this.#settle(rows);
      return !this.#stopping || this.#cancelling;
    };
    for await (const some of chunked(results, plan.concurrency))
      if (!(await read(some))) return this.#leaveBatch(batch);
    const fault = outcome === "completed" || outcome === undefined ? "missing" : outcome;
    const error = new BatchError(fault, id, message);
    for (const some of chunks([...store.items(batch)], plan.concurrency)) {
      await this.#settle(some.map((item) => [item, { error }]));
      if (this.#stopping && !this.#cancelling) return this.#leaveBatch(batch);
    }
    store.drop(batch, true);
    return true;
  }

  /** The next run goes on with it, unless it was read to its end. */
  #leaveBatch(batch: OpenBatch): false {
    if (this.#parts.store.requests(batch).length === 0) this.#parts.store.drop(batch, true);
    return false;
  }

  /** What rows came to, or that they are asked again. */
  async #settle(rows: readonly (readonly [Item, Came | Promise<Came>])[]): Promise<void> {
    const ends = await Promise.all(
      rows.map(async ([item, came]) => this.#resolve(this.#whole?.get(item.key) ?? item, await came)),
    );
    await this.#end(ends.flatMap((one) => (one === undefined ? [] : [one])));
  }

  async #resolve(first: Item, firstCame: Came): Promise<Ended | undefined> {
    const { call, desk, again, most, store } = this.#parts;
    let [item, came]: [Item, Came] = [first, firstCame];
    for (;;) {
      const end: End = await readAnswer(call, item, came);
      const isWhole = this.#whole === undefined || this.#whole.has(item.key);
      const isOver = item.asked >= most || !isWhole || this.#cancelling;
      if ("asked" in end || isOver || !mayDoBetter(end)) return desk.ended(item, end);
      item = nextItem(call, item, end);
      // A run that stops leaves it to the next one.
      if (again === "batch" || this.#stopping) {
        this.#whole?.set(item.key, item);
        store.wait(this.#kept(item));
        return undefined;
      }
      came = await askLive(call, item);
    }
  }

  async #end(ended: readonly Ended[]): Promise<void> {
    const { desk, store } = this.#parts;
    desk.keep(ended);
    store.remove(ended.map(({ row }) => row.key));
    for (const { row } of ended) this.#whole?.delete(row.key);
    const over = await desk.tell(ended);
    if (over !== undefined) this.stop("failures", over.reason);
  }

  async #cancelOpen(): Promise<void> {
    const { service } = this.#parts;
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const { service: id } of this.#open) {
      const state = await service.state(id as string, {});
      if (state.outcome === undefined) await service.cancel(id as string, {});
    }
  }

  /** Until the next look is due, or the run is to stop. */
  readonly #wait = async (ms: number | undefined): Promise<boolean> => {
    if (this.#stopping && !this.#cancelling) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms ?? this.#parts.poll);
    await promise;
    clearTimeout(timer);
    return !this.#stopping;
  };
}
