import type { BatchLimits, BatchService } from "../contract/batch.ts";
import type { Desk, Ended } from "./batch-desk.ts";
import type { Intake } from "./batch-intake.ts";
import { tooLarge } from "./batch-pieces.ts";
import { toRequest } from "./batch-post.ts";
import type { BatchStore, Item } from "./batch-store.ts";
import { iteratorOf, type RowIterator } from "./source.ts";

/** What batches are filled by. */
export interface FillerParts {
  readonly rows: unknown;
  readonly service: BatchService<object, object>;
  readonly limits: BatchLimits;
  readonly store: BatchStore;
  readonly intake: Intake;
  readonly desk: Desk;
  /** True where nothing more is to be read. */
  stopping(): boolean;
  /** Told of rows that end before they are asked. */
  end(ended: readonly Ended[]): Promise<void>;
  /** A row as it is, where the store has less of it. */
  whole(item: Item): Item;
}

/** Fills batches with the rows of the source. */
export class Filler {
  readonly #parts: FillerParts;
  readonly #rows: RowIterator;
  /** Rows that were read and did not fit into the batch before. */
  #carried: Item[] = [];
  /** The most requests of the next batch: fewer than the limit where the service had no room for as many. */
  #most: number;
  #ordinal = 0;
  #ended = false;

  constructor(parts: FillerParts) {
    this.#parts = parts;
    this.#most = parts.limits.requests;
    this.#rows = iteratorOf(parts.rows);
  }

  /** True where the source has no further row. */
  get isEmpty(): boolean {
    return this.#ended && this.#carried.length === 0;
  }

  /** The service had no room for a batch of so many, with no other at work: the next ones have half of them. */
  halve(count: number): void {
    this.#most = Math.min(this.#most, Math.max(1, Math.ceil(count / 2)));
  }

  /** Tells the source that nothing more is wanted. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#rows.return();
  }

  /** As many rows as one batch holds: those that wait for it first, where they are to go now, then new ones. */
  async next(waiting: boolean): Promise<Item[]> {
    const { limits, store } = this.#parts;
    const items: Item[] = [];
    let bytes = 0;
    const add = (item: Item): boolean => {
      const more = this.#bytesOf(item);
      if (items.length >= this.#most || (items.length > 0 && bytes + more > limits.bytes)) return false;
      bytes += more;
      items.push(item);
      return true;
    };
    if (waiting || !this.#ended) {
      for (const item of store.items(undefined)) if (!add(this.#parts.whole(item))) return items;
    }
    while (!this.#parts.stopping()) {
      const item = this.#carried.shift() ?? (await this.#row());
      if (item === undefined) break;
      if (add(item)) continue;
      this.#carried.unshift(item);
      break;
    }
    await this.#lookAhead(items);
    return items;
  }

  /** Leaves no rest that is too small for a batch of its own. */
  async #lookAhead(items: Item[]): Promise<void> {
    const { fewest = 0 } = this.#parts.limits;
    if (this.#carried.length === 0) return;
    while (this.#carried.length < fewest) {
      const item = await this.#row();
      if (item === undefined) break;
      this.#carried.push(item);
    }
    const missing = fewest - this.#carried.length;
    if (missing > 0 && items.length - missing >= fewest) this.#carried.unshift(...items.splice(-missing));
  }

  /** The next row that is to be asked. */
  async #row(): Promise<Item | undefined> {
    const { intake, desk } = this.#parts;
    while (!this.#parts.stopping() && !this.#ended) {
      const { done, value } = await this.#rows.next();
      if (done) {
        this.#ended = true;
        return undefined;
      }
      const taken = await intake.take(value, this.#ordinal++);
      if (taken.is === "open") {
        if (this.#bytesOf(taken.item) <= this.#parts.limits.bytes) return taken.item;
        const error = tooLarge(this.#bytesOf(taken.item), this.#parts.limits.bytes);
        await this.#parts.end([desk.failed(taken.item.key, taken.facts, error, true)]);
      }
      if (taken.is === "known") await desk.resume(taken.known, taken.key, taken.facts);
      if (taken.is === "failed") await this.#parts.end([desk.failed(taken.key, taken.facts, taken.error, taken.kept)]);
    }
    return undefined;
  }

  #bytesOf(item: Item): number {
    return this.#parts.service.bytesOf(toRequest(item));
  }
}
