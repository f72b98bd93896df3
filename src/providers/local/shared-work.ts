/**
 * Work that several callers wait for. One who is aborted leaves alone; when the last one has left, the work is aborted.
 * Failed and abandoned work is done anew for the next caller.
 */
export class SharedWork<Result> {
  readonly #work: (signal: AbortSignal) => Promise<Result>;
  #running: { readonly result: Promise<Result>; readonly stop: AbortController; callers: number } | undefined;

  constructor(work: (signal: AbortSignal) => Promise<Result>) {
    this.#work = work;
  }

  /** The result, made on first use. */
  async get(signal: AbortSignal | undefined): Promise<Result> {
    signal?.throwIfAborted();
    const running = this.#start();
    running.callers++;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal?.reason);
      signal?.addEventListener("abort", leave, { once: true });
    });
    try {
      return await Promise.race([running.result, left]);
    } catch (error) {
      // Without a caller there is nobody to tell of the end.
      if (running.callers === 1 && this.#running === running) this.#running = undefined;
      if (running.callers === 1) running.stop.abort(signal?.reason);
      throw error;
    } finally {
      running.callers--;
      if (leave !== undefined) signal?.removeEventListener("abort", leave);
    }
  }

  /** Forgets the result and gives it, if there is one or will be: the next caller has it made anew. */
  take(): Promise<Result> | undefined {
    const result = this.#running?.result;
    this.#running = undefined;
    return result;
  }

  #start() {
    if (this.#running !== undefined) return this.#running;
    const stop = new AbortController();
    const running = { result: this.#work(stop.signal), stop, callers: 0 };
    running.result.catch(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
