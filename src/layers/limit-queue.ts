import type { Answer } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import type { Outgoing } from "../contract/layer.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { untriedReason } from "../send/signals.ts";
import { wait } from "../send/wait.ts";
import { ids } from "./ids.ts";
import type { LimitRates, LimitRequest, LimitStore } from "./limit-store.ts";

const firstPause = 1_000;
const longestPause = 30_000;

/** A request that may start. */
export interface Place {
  /** Told when the request is handed to the SDK. */
  sent(): void;
  /** Gives the place back, told of the answer or the error. */
  leave(answer: Answer | undefined, error?: unknown): void;
}

/** What a queue keeps to. */
export interface QueueOptions {
  readonly concurrency: number;
  readonly rates: LimitRates;
  readonly store: LimitStore;
  readonly wait: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

/** One queue: who waits, who is under way, and when the next may start. */
export class Queue {
  running = 0;
  readonly #options: QueueOptions;
  readonly #waiters = new Set<() => void>();
  // One request at a time asks the books, so that a later one never starts before it.
  #admitting = false;
  /** Ends the rest of the one that asks the books. */
  #wake: (() => void) | undefined;
  readonly #ids = ids();
  #pauses = 0;
  #refused = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiters.size + (this.#admitting ? 1 : 0);
  }

  /**
   * A place, or the wait for one. Throws `ConfigError` for a request that could never have one, and the reason of an abort.
   */
  enter(request: Outgoing): Place | Promise<Place> {
    const { rates, store } = this.#options;
    const tokens = rates.tokens === undefined ? 0 : tokensOf(request);
    if (rates.tokens !== undefined && tokens > rates.tokens) {
      throw new ConfigError(
        `The request may use ${tokens} tokens, more than the ${rates.tokens} a minute of its limit: it could never start.`,
      );
    }
    const { signal } = request;
    if (signal?.aborted) throw untriedReason(signal);
    const id = this.#ids();
    const asking = { id, tokens };
    if (!this.#isFree()) return this.#turn(signal).then(() => this.#admit(asking, signal));
    this.#admitting = true;
    let taken: number | Promise<number> | undefined;
    try {
      taken = store.take(asking, rates);
      // The usual case waits for nothing.
      if (typeof taken === "number" && taken <= 0) {
        this.running++;
        this.#admitting = false;
        return this.#place(id);
      }
    } catch (error) {
      taken = Promise.reject(error);
    }
    return this.#admit(asking, signal, taken);
  }

  /** Asks the books until they let the request start; `taken` is what they said already. */
  async #admit(
    asking: LimitRequest,
    signal: AbortSignal | undefined,
    taken?: number | Promise<number>,
  ): Promise<Place> {
    const { rates, store } = this.#options;
    try {
      for (let ms = await (taken ?? store.take(asking, rates)); ms > 0; ms = await store.take(asking, rates)) {
        await this.#rest(ms, signal);
      }
      this.running++;
    } catch (error) {
      quietly(() => store.cancel?.(asking.id));
      throw error;
    } finally {
      this.#admitting = false;
      this.#next();
    }
    return this.#place(asking.id);
  }

  /** Waits until the books may have room: so long, or until an answer has used less than was thought. */
  async #rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = new AbortController();
    signal?.addEventListener("abort", () => resolve(), { once: true, signal: timer.signal });
    this.#wake = resolve;
    try {
      const waited = (this.#options.wait ?? wait)(ms, timer.signal);
      waited.catch(() => {});
      await Promise.race([waited, promise]);
    } finally {
      this.#wake = undefined;
      timer.abort();
    }
    if (signal?.aborted) throw untriedReason(signal);
  }

  #isFree(): boolean {
    return !this.#admitting && this.#waiters.size === 0 && this.running < this.#options.concurrency;
  }

  /** The turn of this request: those that came before have started, and there is room for one more. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const stop = () => {
        this.#waiters.delete(start);
        reject(signal && untriedReason(signal));
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#waiters.add(start);
    });
  }

  #next(): void {
    if (this.#admitting || this.running >= this.#options.concurrency) return;
    for (const start of this.#waiters) {
      this.#waiters.delete(start);
      this.#admitting = true;
      start();
      return;
    }
  }

  #place(id: string): Place {
    const { rates } = this.#options;
    const pauses = this.#pauses;
    let sent = false;
    return {
      sent: () => {
        sent = true;
      },
      leave: (answer, error) => {
        this.running--;
        if (rates.requests !== undefined || rates.tokens !== undefined) this.#settle(id, usedOf(answer, error, sent));
        this.#hear(error, pauses);
        this.#next();
      },
    };
  }

  /** Tells the books, which may be out of reach. */
  #settle(id: string, used: number | undefined): void {
    const { store, rates } = this.#options;
    const heard = () => {
      if (rates.tokens !== undefined) this.#wake?.();
    };
    quietly(() => {
      const told = store.settle(id, used);
      if (told !== undefined) return told.then(heard);
      heard();
      return undefined;
    });
  }

  /** Pauses everybody after a 429. Those that were under way together are one refusal: they do not double the pause. */
  #hear(error: unknown, pauses: number): void {
    const isNew = pauses === this.#pauses;
    if (error === undefined) {
      if (isNew) this.#refused = 0;
      return;
    }
    const { kind, retryAfterMs } = classify(error);
    if (kind !== "rate_limit") return;
    if (isNew) {
      this.#pauses++;
      this.#refused++;
    }
    const ms = retryAfterMs ?? Math.min(longestPause, firstPause * 2 ** Math.max(0, this.#refused - 1));
    quietly(() => this.#options.store.pause(ms));
  }
}

/** The most tokens a request may use: about its input, and the limit of its output. */
function tokensOf({ prepared, estimatedInputTokens }: Outgoing): number {
  return estimatedInputTokens + (prepared.answerLimit ?? 0);
}

/** What a request has used; `undefined` where nobody knows and the estimate stands. */
function usedOf(answer: Answer | undefined, error: unknown, sent: boolean): number | undefined {
  if (error !== undefined) return !sent || isRefused(error) ? 0 : undefined;
  const { inputTokens, outputTokens } = answer ?? {};
  return inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
}

// A request that was refused has used nothing of the window of tokens.
function isRefused(error: unknown): boolean {
  return attemptsOf(error).at(-1)?.outputTokens === 0;
}

// The books may be out of reach. What they do not hear of stays as it was estimated: the answer is there all the same.
function quietly(tell: () => void | undefined | Promise<void>): void {
  try {
    tell()?.catch(() => {});
  } catch {
    // Of a store that throws at once.
  }
}
