import type { Attempt } from "../contract/answer.ts";
import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import {
  type CallEnd,
  type CallRun,
  givesReceived,
  type Layer,
  type Outgoing,
  passesEvents,
} from "../contract/layer.ts";
import type { Received } from "../contract/received.ts";
import type { ErrorKind, ErrorView } from "../errors/classify.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { isWhen, wants } from "../errors/when.ts";
import { ParseError } from "../structured/parse-error.ts";
import { checkFunction, checkOptions, wholeNumber } from "./options.ts";
import { RetriedEvents } from "./retried-events.ts";
import { type Policy, rest, type Waiting } from "./retry-rest.ts";
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
const noSdkRetries = { sdkRetries: false };

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
  const once = (request: Outgoing) => request.with(noSdkRetries);
  const inCall = around ? policy : { ...policy, wants: parseErrors(policy) };
  return {
    name: "retry",
    [passesEvents]: true,
    [givesReceived]: true,
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

async function sendAgain(
  policy: Policy,
  request: Outgoing,
  next: Parameters<NonNullable<Layer["send"]>>[1],
): Promise<Received> {
  let tried: Attempt[] | undefined;
  for (let count = 1; ; count++) {
    try {
      const received = await next(count === 1 ? request : request.with({ attempt: request.attempt + count - 1 }));
      return tried === undefined ? received : received.with({ attempts: [...tried, ...(received.attempts ?? [])] });
    } catch (error) {
      tried ??= [];
      tried.push(...attemptsOf(error));
      await rest(policy, request, error, count, tried);
    }
  }
}

export type { ErrorKind, RetryWhen };
