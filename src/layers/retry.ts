import type { Attempt } from "../contract/answer.ts";
import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import { type EventStream, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import { toReceived } from "../contract/received.ts";
import { classify, type ErrorKind, type ErrorView } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { isWhen, wants } from "../errors/when.ts";
import { checkOptions, wholeNumber } from "./options.ts";
import { type RetryWhen, wantsParseError } from "./retry-when.ts";

/** How a failed request is tried again. `Args` are the arguments of the calls that `again` speaks of. */
export interface RetryOptions<Args extends readonly unknown[] = readonly unknown[]> {
  /** How often a request is sent at most, the first time included. 3 by default. */
  readonly attempts?: number | undefined;
  /**
   * What is tried again: kinds of `classify`, classes of errors, functions, or a list of them. By default what `classify`
   * calls retryable. Where it takes `ParseError`, the whole call is made again.
   */
  readonly when?: RetryWhen | readonly RetryWhen[] | undefined;
  /** The longest wait, milliseconds; where the provider asks for a longer one, the retrying ends. 20,000 by default. */
  readonly maxDelay?: number | undefined;
  /** The arguments of the next attempt, made of the errors so far and those of the last: the whole call is made again. */
  readonly again?:
    | ((errors: readonly unknown[], ...args: Args) => readonly [...Args] | Promise<readonly [...Args]>)
    | undefined;
  /** For tests: how it waits (milliseconds), and what its jitter is made of (0 to 1). */
  readonly wait?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
  readonly random?: (() => number) | undefined;
}

const keys = ["attempts", "when", "maxDelay", "again", "wait", "random"] as const;
const firstDelay = 500;

/** What one retry layer decides by. */
interface Policy {
  readonly attempts: number;
  readonly maxDelay: number;
  readonly wants: (error: unknown, view: ErrorView) => boolean;
  readonly wait: RetryOptions["wait"];
  readonly random: () => number;
}

/**
 * Tries failed requests again: after 500 ms, doubled each time, with full jitter, and no sooner than the provider's
 * `retry-after` says. The SDK's own retries are off meanwhile, so that they do not multiply. A stream is tried again
 * before its first event only. What was tried is on the response (`attempts`, `total`), or told of the last error, which
 * stays what it is, by `attemptsOf`. Throws `ConfigError` for options that make no sense.
 */
export function retry<Args extends readonly unknown[] = readonly unknown[]>(
  options: RetryOptions<Args> = {},
): Layer<Args> {
  const policy = policyOf(options);
  const { again } = options;
  const around = again !== undefined || wantsParseError(options.when);
  const once = (request: Outgoing) => request.with({ sdkRetries: false });
  return {
    name: "retry",
    [passesEvents]: true,
    send: around ? (request, next) => next(once(request)) : (request, next) => sendAgain(policy, once(request), next),
    stream: (request, next) => new RetriedEvents(policy, once(request), next),
    ...(around && {
      call: async (use, next) => {
        let args: readonly unknown[] = use.args;
        const errors: unknown[] = [];
        return repeat(policy, use, async (_, tried) => {
          if (again !== undefined && errors.length > 0) args = await again([...errors], ...(args as Args));
          try {
            const end = await next({ ...use, args });
            return { ...end, attempts: [...tried, ...(end.attempts ?? [])] };
          } catch (error) {
            errors.push(error);
            throw error;
          }
        });
      },
    }),
  } as Layer<Args>;
}

function policyOf<Args extends readonly unknown[]>(options: RetryOptions<Args>): Policy {
  checkOptions("retry()", options, keys);
  const { attempts = 3, when = (_: unknown, view: ErrorView) => view.retryable, maxDelay = 20_000 } = options;
  wholeNumber("attempts", attempts, 1);
  if (typeof maxDelay !== "number" || !(maxDelay >= 0)) {
    throw new ConfigError(`\`maxDelay\` is a time in milliseconds, at least 0; it was given ${String(maxDelay)}.`);
  }
  const list = Array.isArray(when) ? (when as readonly RetryWhen[]) : [when as RetryWhen];
  for (const one of list) if (!isWhen(one)) throw notWhen(one);
  if (options.again !== undefined && typeof options.again !== "function") {
    throw new ConfigError("`again` is a function that gives the arguments of the next attempt.");
  }
  return {
    attempts,
    maxDelay,
    wants: (error, view) => list.some((one) => wants(one, error, view)),
    wait: options.wait,
    random: options.random ?? Math.random,
  };
}

function notWhen(one: unknown): ConfigError {
  return new ConfigError(
    `\`when\` is a kind of classify() such as "rate_limit", a class of errors, a function, or a list of them; it was given ${String(one)}.`,
  );
}

interface Waiting {
  readonly signal: AbortSignal | undefined;
  wait(ms: number): Promise<void>;
}

/** Tries until it succeeds, the last attempt is used up, or an error is not to be tried again. */
async function repeat<Result>(
  policy: Policy,
  waiting: Waiting,
  attempt: (count: number, tried: readonly Attempt[]) => Promise<Result>,
): Promise<Result> {
  const tried: Attempt[] = [];
  for (let count = 1; ; count++) {
    try {
      return await attempt(count, tried);
    } catch (error) {
      tried.push(...attemptsOf(error));
      await rest(policy, waiting, error, count, tried);
    }
  }
}

/** Waits before the next attempt; throws the error where there is to be none. */
async function rest(
  policy: Policy,
  waiting: Waiting,
  error: unknown,
  count: number,
  tried: readonly Attempt[],
): Promise<void> {
  const view = classify(error);
  const { retryAfterMs = 0 } = view;
  const last = count >= policy.attempts || waiting.signal?.aborted === true;
  if (last || !policy.wants(error, view) || retryAfterMs > policy.maxDelay) {
    noteAttempts(error, [...tried]);
    throw error;
  }
  const jitter = policy.random() * Math.min(policy.maxDelay, firstDelay * 2 ** (count - 1));
  const delay = Math.max(retryAfterMs, jitter);
  try {
    await (policy.wait === undefined ? waiting.wait(delay) : policy.wait(delay, waiting.signal));
  } catch (reason) {
    noteAttempts(reason, [...tried]);
    throw reason;
  }
}

function sendAgain(
  policy: Policy,
  request: Outgoing,
  next: Parameters<NonNullable<Layer["send"]>>[1],
): ReturnType<NonNullable<Layer["send"]>> {
  return repeat(policy, request, async (count, tried) => {
    const received = toReceived(
      await next(count === 1 ? request : request.with({ attempt: request.attempt + count - 1 })),
    );
    return tried.length === 0 ? received : received.with({ attempts: [...tried, ...(received.attempts ?? [])] });
  });
}

/** The events of the first attempt that has any. */
class RetriedEvents implements EventStream, AsyncIterator<object> {
  readonly #policy: Policy;
  readonly #request: Outgoing;
  readonly #next: (request: Outgoing) => EventStream;
  readonly #tried: Attempt[] = [];
  #inner: EventStream;
  #events: AsyncIterator<object>;
  #count = 1;
  #begun = false;

  constructor(policy: Policy, request: Outgoing, next: (request: Outgoing) => EventStream) {
    this.#policy = policy;
    this.#request = request;
    this.#next = next;
    this.#inner = next(request);
    this.#events = this.#inner[Symbol.asyncIterator]();
  }

  get head() {
    return this.#inner.head;
  }

  get notes() {
    const { notes } = this.#inner;
    return this.#tried.length === 0 ? notes : { ...notes, attempts: [...this.#tried, ...(notes?.attempts ?? [])] };
  }

  get answer() {
    return this.#inner.answer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<object>> {
    for (;;) {
      try {
        const step = await this.#events.next();
        this.#begun = true;
        return step;
      } catch (error) {
        this.#tried.push(...attemptsOf(error));
        if (this.#begun) {
          noteAttempts(error, [...this.#tried]);
          throw error;
        }
        await rest(this.#policy, this.#request, error, this.#count++, this.#tried);
        this.#inner = this.#next(this.#request.with({ attempt: this.#request.attempt + this.#count - 1 }));
        this.#events = this.#inner[Symbol.asyncIterator]();
      }
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events.return?.();
    return { done: true, value: undefined };
  }
}

export type { ErrorKind, RetryWhen };
