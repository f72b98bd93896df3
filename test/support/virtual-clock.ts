/** A clock that goes on when nothing else can happen: tests of hours take no time and come out the same each time. */
export class VirtualClock {
  now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  /** Resolves when the clock has come so far; rejects with the reason of an abort. */
  readonly wait = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = { at: this.now + ms, run: resolve };
      if (signal?.aborted) reject(signal.reason);
      else this.#timers.add(timer);
      signal?.addEventListener("abort", () => {
        this.#timers.delete(timer);
        reject(signal.reason);
      });
    });

  /** Runs until nobody waits any more. */
  async run(): Promise<void> {
    for (;;) {
      // All that can happen at this time happens first.
      await new Promise(setImmediate);
      const next = [...this.#timers].sort((one, other) => one.at - other.at)[0];
      if (next === undefined) return;
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
  }
}
