import type { Attempt } from "../contract/answer.ts";
import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import {
  type CallEnd,
  type CallRun,
  type EventStream,
  type Layer,
  type Outgoing,
  passesEvents,
  whenOver,
} from "../contract/layer.ts";
import { toReceived } from "../contract/received.ts";
import { classify, type ErrorKind, type ErrorView } from "../errors/classify.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { isOfEngine } from "../errors/kept-failure.ts";
import { isWhen, wants } from "../errors/when.ts";
import { ParseError } from "../structured/parse-error.ts";
import { checkFunction, checkOptions, wholeNumber } from "./options.ts";
import { asksFunction, type RetryWhen, wantsParseError } from "./retry-when.ts";

/** How a failed request is tried again. `Args` are the arguments of the calls that `again` speaks of. */
export interface RetryOptions<Args extends readonly unknown[] = readonly unknown[]> {
  /** How often a request is sent at most, the first time included. 3 by default. */
  readonly attempts?: number | undefined;
  /**
   * What is tried again: kinds of `classify`, classes of errors, functions, or a list of them. By default what `classify`
   * calls retryable. Where a kind or a class takes `ParseError`, the whole call is made again for each error; a function is
   * asked about each request that fails, and about a `ParseError` of the whole call.
   */
  readonly when?: RetryWhen | readonly RetryWhen[] | undefined;
  /** The longest wait, milliseconds, `Infinity` for any; where the provider asks for a longer one, the retrying ends. 20,000 by default. */
  readonly maxDelay?: number | undefined;
  /**
   * The arguments of the next attempt, made of the errors so far and the arguments of the last: the whole call is made
   * again. What makes no call of its own (a stream, a step of a tool loop, `call.send`) is tried again as it is.
   */
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
  const { again, when } = options;
  const around = again !== undefined || wantsParseError(when);
  const once = (request: Outgoing) => request.with({ sdkRetries: false });
  const inCall = around ? policy : { ...policy, wants: parseErrors(policy) };
  return {
    name: "retry",
    [passesEvents]: true,
    send: (request, next) => (around && request.inCall ? next(once(request)) : sendAgain(policy, once(request), next)),
    stream: (request, next) => new RetriedEvents(policy, once(request), next),
    ...((around || asksFunction(when)) && {
      call: (use: CallRun, next: (use: CallRun) => Promise<CallEnd>) =>
        callAgain(inCall, use, next, again as RetryOptions["again"]),
    }),
  } as Layer<Args>;
}

/** What a policy wants of the errors of a whole call, where its requests are tried again by themselves. */
function parseErrors({ wants }: Policy): Policy["wants"] {
  return (error, view) => error instanceof ParseError && wants(error, view);
}

function callAgain(
  policy: Policy,
  use: CallRun,
  next: (use: CallRun) => Promise<CallEnd>,
  again: RetryOptions["again"],
): Promise<CallEnd> {
  let { args } = use;
  const errors: unknown[] = [];
  return repeat(policy, use, {
    async attempt(_, tried) {
      try {
        const end = await next({ ...use, args });
        return tried.length === 0 ? end : { ...end, attempts: [...tried, ...(end.attempts ?? [])] };
      } catch (error) {
        errors.push(error);
        throw error;
      }
    },
    ...(again && {
      async prepare() {
        const given: unknown = await again([...errors], ...args);
        if (!Array.isArray(given)) throw notArguments(given);
        args = given;
      },
    }),
  });
}

function policyOf<Args extends readonly unknown[]>(options: RetryOptions<Args>): Policy {
  checkOptions("retry()", options, keys);
  const { attempts = 3, when = (_: unknown, view: ErrorView) => view.retryable, maxDelay = 20_000 } = options;
  wholeNumber("attempts", attempts, 1);
  if (typeof maxDelay !== "number" || !(maxDelay >= 0)) {
    throw new ConfigError(`\`maxDelay\` is a time in milliseconds, at least 0; it was given ${describe(maxDelay)}.`);
  }
  for (const name of ["again", "wait", "random"] as const) {
    checkFunction(name, options[name]);
  }
  const list = Array.isArray(when) ? (when as readonly RetryWhen[]) : [when as RetryWhen];
  for (const one of list) if (!isWhen(one)) throw notWhen(one);
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
    `\`when\` is a kind of classify() such as "rate_limit", a class of errors, a function, or a list of them; it was given ${typeof one === "string" ? JSON.stringify(one) : describe(one)}.`,
  );
}

function notArguments(given: unknown): ConfigError {
  return new ConfigError(`\`again\` gives the arguments of the next attempt as an array; it gave ${describe(given)}.`);
}

interface Waiting {
  readonly signal: AbortSignal | undefined;
  wait(ms: number): Promise<void>;
}

interface Work<Result> {
  attempt(count: number, tried: readonly Attempt[]): Promise<Result>;
  /** Before each attempt but the first. What it throws ends it all. */
  prepare?(): Promise<void>;
}

/** Tries until it succeeds, the last attempt is used up, or an error is not to be tried again. */
async function repeat<Result>(policy: Policy, waiting: Waiting, { attempt, prepare }: Work<Result>): Promise<Result> {
  const tried: Attempt[] = [];
  for (let count = 1; ; count++) {
    try {
      return await attempt(count, tried);
    } catch (error) {
      tried.push(...attemptsOf(error));
      await rest(policy, waiting, error, count, tried);
      await prepare?.().catch((own: unknown) => {
        noteAttempts(own, [...tried]);
        throw own;
      });
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
  const last = count >= policy.attempts || waiting.signal?.aborted === true || isOfEngine(error);
  if (last || !policy.wants(error, view) || retryAfterMs > policy.maxDelay) {
    noteAttempts(error, [...tried]);
    throw error;
  }
  const jitter = policy.random() * Math.min(policy.maxDelay, firstDelay * 2 ** (count - 1));
  const delay = Math.max(retryAfterMs, jitter);
  try {
    await (policy.wait === undefined ? waiting.wait(delay) : policy.wait(delay, waiting.signal));
    // However it waited: nothing starts after an abort.
    waiting.signal?.throwIfAborted();
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
  return repeat(policy, request, {
    async attempt(count, tried) {
      const received = toReceived(
        await next(count === 1 ? request : request.with({ attempt: request.attempt + count - 1 })),
      );
      return tried.length === 0 ? received : received.with({ attempts: [...tried, ...(received.attempts ?? [])] });
    },
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
  /** Set once the events tell of their end by themselves: they are handed through as they are. */
  #through = false;

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

  get [whenOver]() {
    return this.#inner[whenOver];
  }

  next(): Promise<IteratorResult<object>> {
    return this.#through ? this.#events.next() : this.#look();
  }

  async #look(): Promise<IteratorResult<object>> {
    for (;;) {
      try {
        const step = await this.#events.next();
        if (!this.#begun) this.#begin();
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

  /** From the first event on nothing is tried again: an error is only told what was tried before. */
  #begin(): void {
    this.#begun = true;
    const hear = this.#inner[whenOver];
    if (hear === undefined) return;
    hear((error) => {
      if (this.#tried.length > 0) noteAttempts(error, [...this.#tried, ...attemptsOf(error)]);
    });
    this.#through = true;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events.return?.();
    return { done: true, value: undefined };
  }
}

export type { ErrorKind, RetryWhen };
