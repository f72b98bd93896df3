import type { BatchAnswer, BatchLimits, BatchService, BatchState } from "../contract/batch.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { BatchError } from "../errors/batch-error.ts";
import { classify } from "../errors/classify.ts";
import type { Definition } from "../prepare/prepare.ts";
import { askLive, type Came, type End, mayDoBetter, nextItem, readAnswer } from "./batch-answer.ts";
import type { Desk, Ended } from "./batch-desk.ts";
import type { Intake } from "./batch-intake.ts";
import { cameOf, chunked, chunks, tooFew, tooLarge } from "./batch-pieces.ts";
import { type Post, toRequest } from "./batch-post.ts";
import type { BatchStore, Item, OpenBatch } from "./batch-store.ts";
import type { Plan } from "./plan.ts";
import { iteratorOf, type RowIterator } from "./source.ts";
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
}

// Looks in a row that may fail for a passing reason.
const mostFailures = 10;

/** Fills batches with rows, hands them in, looks at them until they have ended, and reads what came. */
export class BatchRunner {
  readonly #parts: BatchParts;
  #open: OpenBatch[] = [];
  /** Rows that were read and did not fit into the batch before. */
  #carried: Item[] = [];
  /** The rows as they are, where the store has less of them. */
  readonly #whole: Map<string, Item> | undefined;
  #ordinal = 0;
  #sourceEnded = false;
  #stopping = false;
  #cancelling = false;
  #cancelled = false;
  #failures = 0;
  #wake: () => void = () => {};

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#whole = parts.plan.redact === undefined ? undefined : new Map();
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
    const { store, post, plan } = this.#parts;
    const rows = iteratorOf(plan.rows);
    try {
      for (const batch of store.open()) {
        const open = await post.recover(batch, this.#wait);
        if (open !== undefined) this.#open.push(open);
      }
      await this.#turns(rows);
    } finally {
      if (!this.#sourceEnded) await rows.return();
    }
  }

  async #turns(rows: RowIterator): Promise<void> {
    for (;;) {
      while (!this.#stopping && this.#open.length < this.#parts.plan.concurrency) {
        if (!(await this.#submitNext(rows))) break;
      }
      if (this.#stopping && !this.#cancelling) return;
      if (this.#cancelling) await this.#cancelOpen();
      if (this.#open.length === 0) {
        if (this.#stopping) return;
        // Nothing is at work and nothing was left to hand in.
        if (this.#sourceEnded && this.#carried.length === 0 && !this.#hasWaiting()) return;
        continue;
      }
      if (!(await this.#look())) await this.#wait(undefined);
    }
  }

  #hasWaiting(): boolean {
    return this.#parts.store.items(undefined).next().done !== true;
  }

  /** False where there is nothing to hand in now. */
  async #submitNext(rows: RowIterator): Promise<boolean> {
    const { limits, post, plan, call } = this.#parts;
    const items = await this.#gather(rows);
    if (this.#stopping || items.length === 0) {
      this.#carried.unshift(...items.filter(({ asked }) => asked === 0));
      return false;
    }
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
    this.#open.push(await post.submit(items, kept, this.#wait));
    return true;
  }

  /** As many rows as one batch holds: those that wait for it first, then new ones. */
  async #gather(rows: RowIterator): Promise<Item[]> {
    const { limits, store } = this.#parts;
    const items: Item[] = [];
    let bytes = 0;
    const add = (item: Item): boolean => {
      const more = this.#bytesOf(item);
      if (items.length >= limits.requests || (items.length > 0 && bytes + more > limits.bytes)) return false;
      bytes += more;
      items.push(item);
      return true;
    };
    // Those that are asked again wait until their batch has room or nothing else is left.
    if (this.#open.length === 0 || !this.#sourceEnded) {
      for (const item of store.items(undefined)) if (!add(this.#whole?.get(item.key) ?? item)) return items;
    }
    while (!this.#stopping) {
      const item = this.#carried.shift() ?? (await this.#next(rows));
      if (item === undefined) break;
      if (add(item)) continue;
      this.#carried.unshift(item);
      break;
    }
    await this.#lookAhead(rows, items);
    return items;
  }

  /** Leaves no rest that is too small for a batch of its own. */
  async #lookAhead(rows: RowIterator, items: Item[]): Promise<void> {
    const { fewest = 0 } = this.#parts.limits;
    if (this.#carried.length === 0) return;
    while (this.#carried.length < fewest) {
      const item = await this.#next(rows);
      if (item === undefined) break;
      this.#carried.push(item);
    }
    const missing = fewest - this.#carried.length;
    if (missing > 0 && items.length - missing >= fewest) this.#carried.unshift(...items.splice(-missing));
  }

  /** The next row that is to be asked. */
  async #next(rows: RowIterator): Promise<Item | undefined> {
    const { intake, desk } = this.#parts;
    while (!this.#stopping && !this.#sourceEnded) {
      const { done, value } = await rows.next();
      if (done) {
        this.#sourceEnded = true;
        return undefined;
      }
      const taken = await intake.take(value, this.#ordinal++);
      if (taken.is === "open") {
        if (this.#bytesOf(taken.item) <= this.#parts.limits.bytes) return taken.item;
        const error = tooLarge(this.#bytesOf(taken.item), this.#parts.limits.bytes);
        await this.#end([desk.failed(taken.item.key, taken.facts, error, true)]);
      }
      if (taken.is === "known") await desk.resume(taken.known, taken.key, taken.facts);
      if (taken.is === "failed") await this.#end([desk.failed(taken.key, taken.facts, taken.error, taken.kept)]);
    }
    return undefined;
  }

  #bytesOf(item: Item): number {
    return this.#parts.service.bytesOf(toRequest(item));
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
        if (state.outcome === undefined) continue;
        if (!(await this.#readBatch(batch, state))) return true;
        this.#open = this.#open.filter(({ id }) => id !== batch.id);
        any = true;
      } catch (error) {
        // A day of looking sees connections break: what was read is kept, the rest is read at the next look.
        if (!classify(error).retryable || ++this.#failures >= mostFailures) throw error;
      }
    }
    return any;
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
    for await (const some of chunked(results, plan.concurrency)) if (!(await read(some))) return false;
    const fault = outcome === "completed" || outcome === undefined ? "missing" : outcome;
    const error = new BatchError(fault, id, message);
    for (const some of chunks([...store.items(batch)], plan.concurrency)) {
      await this.#settle(some.map((item) => [item, { error }]));
      if (this.#stopping && !this.#cancelling) return false;
    }
    store.drop(batch, true);
    return true;
  }

  /** What rows came to, or that they are asked again. */
  async #settle(rows: readonly (readonly [Item, Came | Promise<Came>])[]): Promise<void> {
    const { desk, store } = this.#parts;
    const known = rows.filter(([item]) => desk.has(item));
    store.remove(known.map(([{ key }]) => key));
    const open = rows.filter((row) => !known.includes(row));
    const ends = await Promise.all(
      open.map(async ([item, came]) => this.#resolve(this.#whole?.get(item.key) ?? item, await came)),
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
