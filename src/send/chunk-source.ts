import type { Buffered } from "../contract/buffered.ts";
import { isTimed } from "./limit.ts";

/** Why a stream was stopped from our side. */
export type Interruption =
  | { readonly by: "signal"; readonly reason: unknown }
  | { readonly by: "timeout" | "idle"; readonly ms: number };

/** The limits of one stream; all times in milliseconds. */
export interface StreamLimits {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly idleTimeout: number;
}

// How long an SDK that was told to stop may take to say so in its own words before we stop waiting for it.
const grace = 25;

/**
 * The SDK's events, one after another, with what no SDK does by itself: silence ends, a time limit holds to the last
 * byte, an abort is never mistaken for an end, and leaving closes the connection.
 */
export class ChunkSource<Chunk> {
  /** Set when we stopped the stream; the SDK may end silently or throw then. */
  interruption: Interruption | undefined;
  readonly #limits: StreamLimits;
  readonly #controller = new AbortController();
  readonly #total: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #iterator: (AsyncIterator<Chunk, undefined> & Partial<Buffered<Chunk>>) | undefined;
  #waiting = false;
  // True while it waits by `ready`, whose end `nextNow` tells.
  #readying = false;
  #since = performance.now();
  #reject: ((error: unknown) => void) | undefined;
  #closed = false;

  constructor(limits: StreamLimits) {
    const { signal, timeout, idleTimeout } = limits;
    this.#limits = limits;
    if (idleTimeout > 0 && isTimed(idleTimeout)) this.#watch(idleTimeout, idleTimeout);
    if (isTimed(timeout)) {
      this.#total = setTimeout(() => this.#interrupt({ by: "timeout", ms: timeout }), timeout);
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Opens the stream. What `open` throws passes through. */
  open(open: (signal: AbortSignal) => AsyncIterable<Chunk> | Promise<AsyncIterable<Chunk>>): Promise<void> {
    return this.#wait(async () => {
      this.#iterator = (await open(this.#controller.signal))[Symbol.asyncIterator]();
      // Nobody waits any more: what was opened too late is closed at once.
      if (this.#closed) await this.#iterator.return?.();
    });
  }

  /** The next event, or the end, where the SDK's side has it already. Throws as `next` rejects. */
  nextNow(): IteratorResult<Chunk, undefined> | undefined {
    if (this.#readying) {
      this.#readying = false;
      this.#waiting = false;
    }
    if (this.#waiting) return undefined;
    if (this.interruption !== undefined) throw this.interruption;
    return this.#iterator?.nextNow?.();
  }

  /** Waits for what `nextNow` gives, where the SDK's side can; one at a time. */
  get ready(): (() => Promise<void>) | undefined {
    return this.#iterator?.ready && this.#ready;
  }

  readonly #ready = (): Promise<void> => {
    this.#readying = true;
    this.#waiting = true;
    this.#since = performance.now();
    return (this.interruption === undefined && this.#iterator?.ready?.()) || Promise.resolve();
  };

  /** The next event, or the end. */
  next(): Promise<IteratorResult<Chunk, undefined>> {
    // Stopped while nobody waited: what the SDK still holds is not given out, nor is it asked for more.
    if (this.interruption !== undefined) return Promise.reject(this.interruption);
    this.#since = performance.now();
    const iterator = this.#iterator;
    return this.#wait(() => iterator?.next() ?? Promise.resolve({ done: true, value: undefined }));
  }

  /** Ends it: timers, listener, and the connection if it is still open. */
  close(ended: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
    this.#limits.signal?.removeEventListener("abort", this.#onAbort);
    if (ended) return;
    // Not every SDK closes its connection when the loop is left: the signal does, `return` frees what it holds.
    this.#controller.abort();
    if (!this.#waiting || this.#readying) this.#iterator?.return?.().catch(() => {});
  }

  #wait<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting = true;
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      work().then(
        (value) => {
          this.#waiting = false;
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting = false;
          reject(error);
        },
      );
    });
  }

  // The timer is set anew by what is left when it ends, not by each event: only time spent waiting counts.
  #watch(idleTimeout: number, left: number): void {
    this.#idle = setTimeout(() => {
      const silent = this.#waiting ? performance.now() - this.#since : 0;
      // A timer may end a little early.
      if (silent >= idleTimeout - 1) this.#interrupt({ by: "idle", ms: idleTimeout });
      else this.#watch(idleTimeout, Math.max(1, idleTimeout - silent));
    }, left);
  }

  readonly #onAbort = () => this.#interrupt({ by: "signal", reason: this.#limits.signal?.reason });

  #interrupt(interruption: Interruption): void {
    this.interruption ??= interruption;
    this.#controller.abort(interruption.by === "signal" ? interruption.reason : undefined);
    setTimeout(() => {
      this.#reject?.(this.interruption);
      if (this.#readying) this.#iterator?.return?.().catch(() => {});
    }, grace);
  }
}
