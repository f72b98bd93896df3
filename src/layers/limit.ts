import {
  type EventStream,
  givesReceived,
  kindOfLayer,
  type Layer,
  type Outgoing,
  passesEvents,
} from "../contract/layer.ts";
import type { Received } from "../contract/received.ts";
import { ConfigError } from "../errors/errors.ts";
import { Queue } from "./limit-queue.ts";
import { type LimitStore, localLimitStore } from "./limit-store.ts";
import { checkFunction, checkOptions, checkStore, wholeNumber } from "./options.ts";
import { left, settledEvents } from "./settled-events.ts";

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

/**
 * One limiter for all calls that hold it: at most so many requests at once, and so many requests and tokens in any
 * minute, in the order in which they came. A 429 makes everybody wait for as long as the provider says, else 1 s,
 * doubling to 30 s. Waiting ends by an abort. The SDK's own retries are off within it, since they start requests that
 * nobody counts: put `retry()` around. A request larger than its window is a `ConfigError`, before it waits. Throws
 * `ConfigError` for options that make no sense.
 */
export function limit(options: LimitOptions): Limiter {
  checkOptions("limit()", options, keys);
  const { concurrency, requestsPerMinute, tokensPerMinute } = options;
  const counts = { concurrency, requestsPerMinute, tokensPerMinute };
  for (const [name, value] of Object.entries(counts)) if (value !== undefined) wholeNumber(name, value, 1);
  if (Object.values(counts).every((value) => value === undefined)) {
    throw new ConfigError("limit() needs one of `concurrency`, `requestsPerMinute` and `tokensPerMinute`.");
  }
  const { store, wait } = options;
  checkStore("limit()", store, ["take", "settle", "pause"]);
  checkFunction("wait", wait);
  const rates = { requests: requestsPerMinute, tokens: tokensPerMinute };
  return new SharedLimit(
    new Queue({ concurrency: concurrency ?? Number.POSITIVE_INFINITY, rates, store: store ?? localLimitStore(), wait }),
  );
}

class SharedLimit implements Limiter {
  readonly name = "limit";
  readonly perRequest = true;
  readonly [kindOfLayer] = "limit";
  readonly [passesEvents] = true;
  readonly [givesReceived] = true;
  readonly #queue: Queue;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  get waiting() {
    return this.#queue.waiting;
  }

  get running() {
    return this.#queue.running;
  }

  async send(request: Outgoing, next: (request: Outgoing) => Promise<Received>): Promise<Received> {
    const entered = this.#queue.enter(request);
    const place = "then" in entered ? await entered : entered;
    let received: Received;
    try {
      received = await next(request.with({ sdkRetries: false, onSent: place.sent }));
      place.leave(request.read(received));
    } catch (error) {
      place.leave(undefined, error ?? left);
      throw error;
    }
    return received;
  }

  stream(request: Outgoing, next: (request: Outgoing) => EventStream): EventStream {
    return settledEvents(request.signal, async () => {
      const { sent, leave } = await this.#queue.enter(request);
      return { events: next(request.with({ sdkRetries: false, onSent: sent })), settle: leave };
    });
  }
}
