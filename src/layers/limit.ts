import type { Answer } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { type EventStream, kindOfLayer, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { wait } from "../send/wait.ts";
import { type LimitStore, localLimitStore } from "./limit-store.ts";
import { checkOptions, wholeNumber } from "./options.ts";
import { settledEvents } from "./settled-events.ts";

/** How much may be asked of a provider at once and in a minute. */
export interface LimitOptions {
  /** How many requests are under way at once in this process. */
  readonly concurrency?: number | undefined;
  /** How many requests start in any 60 s. */
  readonly requestsPerMinute?: number | undefined;
  /** How many tokens are used in any 60 s: before an answer came by estimate (input and the limit of the output). */
  readonly tokensPerMinute?: number | undefined;
  /** Where the books are kept; in this process by default, shared by many with `callscope/redis`. */
  readonly store?: LimitStore | undefined;
  /** For tests: how it waits, milliseconds. */
  readonly wait?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

/** A limiter: a layer that all calls share which hold it. */
export interface Limiter extends Layer {
  /** How many requests wait. */
  readonly waiting: number;
  /** How many are under way. */
  readonly running: number;
}

const keys = ["concurrency", "requestsPerMinute", "tokensPerMinute", "store", "wait"] as const;
const firstPause = 1_000;
const longestPause = 30_000;

interface Waiter {
  readonly start: () => void;
}

/** One queue: who waits, who is under way, and when the next may start. */
class Queue {
  readonly waiters = new Set<Waiter>();
  running = 0;
  readonly #options: LimitOptions;
  readonly #store: LimitStore;
  #refused = 0;

  constructor(options: LimitOptions) {
    this.#options = options;
    this.#store = options.store ?? localLimitStore();
  }

  /** Waits for a place; gives what gives it back, told of the answer or the error. */
  async enter(request: Outgoing): Promise<(answer: Answer | undefined, error?: unknown) => void> {
    const { tokensPerMinute, requestsPerMinute } = this.#options;
    const tokens = tokensPerMinute === undefined ? 0 : tokensOf(request);
    if (tokensPerMinute !== undefined && tokens > tokensPerMinute) {
      throw new ConfigError(
        `The request may use ${tokens} tokens, more than the ${tokensPerMinute} a minute of its limit: it could never start.`,
      );
    }
    const { signal } = request;
    signal?.throwIfAborted();
    const id = crypto.randomUUID();
    const rates = { requests: requestsPerMinute, tokens: tokensPerMinute };
    await this.#turn(signal);
    try {
      for (let ms = await this.#store.take({ id, tokens }, rates); ms > 0; ) {
        await (this.#options.wait ?? wait)(ms, signal);
        ms = await this.#store.take({ id, tokens }, rates);
      }
    } catch (error) {
      this.#leave();
      throw error;
    }
    this.#admit();
    return (answer, error) => this.#settle(id, answer, error);
  }

  /** The turn of this request: those that came before have started, and there is room for one more. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        start: () => {
          signal?.removeEventListener("abort", stop);
          this.#admitting = true;
          this.running++;
          resolve();
        },
      };
      const stop = () => {
        this.waiters.delete(waiter);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.waiters.add(waiter);
      this.#next();
    });
  }

  // One request at a time asks the books, so that a later one never starts before it.
  #admitting = false;

  #admit(): void {
    this.#admitting = false;
    this.#next();
  }

  #leave(): void {
    this.running--;
    this.#admit();
  }

  #next(): void {
    const { concurrency = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#admitting || this.running >= concurrency) return;
    const [waiter] = this.waiters;
    if (waiter === undefined) return;
    this.waiters.delete(waiter);
    waiter.start();
  }

  #settle(id: string, answer: Answer | undefined, error: unknown): void {
    const { inputTokens, outputTokens } = answer ?? {};
    const used = inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
    void this.#store.settle(id, error !== undefined && isRefused(error) ? 0 : used);
    if (error === undefined) this.#refused = 0;
    else if (classify(error).kind === "rate_limit") {
      const { retryAfterMs = Math.min(longestPause, firstPause * 2 ** this.#refused++) } = classify(error);
      void this.#store.pause(retryAfterMs);
    }
    this.running--;
    this.#next();
  }
}

/**
 * One limiter for all calls that hold it: at most so many requests at once, and so many requests and tokens in any
 * minute, in the order in which they came. A 429 makes everybody wait for as long as the provider says, else 1 s,
 * doubling to 30 s. Waiting ends by an abort. Throws `ConfigError` for a request larger than its window, before it waits.
 */
export function limit(options: LimitOptions): Limiter {
  checkOptions("limit()", options, keys);
  const { concurrency, requestsPerMinute, tokensPerMinute } = options;
  const counts = { concurrency, requestsPerMinute, tokensPerMinute };
  for (const [name, value] of Object.entries(counts)) if (value !== undefined) wholeNumber(name, value, 1);
  if (Object.values(counts).every((value) => value === undefined)) {
    throw new ConfigError("limit() needs one of `concurrency`, `requestsPerMinute` and `tokensPerMinute`.");
  }
  const queue = new Queue(options);
  return {
    name: "limit",
    perRequest: true,
    [kindOfLayer]: "limit",
    [passesEvents]: true,
    async send(request, next) {
      const leave = await queue.enter(request);
      try {
        const received = await next(request);
        leave(request.read(received));
        return received;
      } catch (error) {
        leave(undefined, error ?? new Error());
        throw error;
      }
    },
    stream: (request, next): EventStream =>
      settledEvents(async () => {
        const leave = await queue.enter(request);
        return { events: next(request), settle: leave };
      }),
    get waiting() {
      return queue.waiters.size;
    },
    get running() {
      return queue.running;
    },
  };
}

/** The most tokens a request may use: about its input, and the limit of its output. */
function tokensOf({ prepared, estimatedInputTokens }: Outgoing): number {
  return estimatedInputTokens + (prepared.answerLimit ?? 0);
}

// A request that was refused has used nothing of the window of tokens.
function isRefused(error: unknown): boolean {
  return attemptsOf(error).at(-1)?.outputTokens === 0;
}
