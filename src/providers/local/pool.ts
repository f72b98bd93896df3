/** A fixed number of things lent out one caller at a time, in the order they were asked for. */
export class Pool<Item> {
  readonly #free: Item[];
  readonly #waiting: ((item: Item) => void)[] = [];

  constructor(items: readonly Item[]) {
    this.#free = [...items];
  }

  /** The next free one, for which `release` must be called. Rejects with the signal's reason when it is aborted first. */
  async acquire(signal?: AbortSignal): Promise<Item> {
    signal?.throwIfAborted();
    const item = this.#free.pop();
    if (item !== undefined) return item;
    return new Promise((resolve, reject) => {
      const take = (freed: Item) => {
        signal?.removeEventListener("abort", leave);
        resolve(freed);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(take);
    });
  }

  release(item: Item): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(item);
    else next(item);
  }
}
