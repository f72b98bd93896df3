import type { LegRun, Won } from "../call/combination.ts";
import type { Attempt } from "../contract/answer.ts";
import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import { kindOfLayer } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { combine } from "./combine.ts";
import { failedLeg, falls, lostLeg } from "./falls.ts";
import { toLeg } from "./leg.ts";
import type { AnyCall, CallLike, Combined, Fitting } from "./types.ts";

/** When the second request of a hedge is sent. */
export interface HedgeOptions {
  /** Milliseconds after the first; at once where the first fails sooner. */
  readonly after: number;
}

/**
 * One call that is made twice where the first is slow: by the same call or by a second one, `after` so many milliseconds.
 * Who answers first wins (a stream by its first event); the other is stopped, and counted with what it may have cost.
 * `response.leg` says which answered, `response.attempts` what became of the other. Errors are fallen back on as in
 * `fallback`. Refused in a durable scope, where a race cannot be played again. Throws `ConfigError` for legs that do not
 * fit.
 */
export function hedge<P extends ProviderTypes, Args extends unknown[], Result>(
  call: CallLike<P, Args, Result>,
  options: HedgeOptions,
): Combined<P, Args, Result, readonly []>;
export function hedge<P extends ProviderTypes, Args extends unknown[], Result, Second extends AnyCall>(
  first: CallLike<P, Args, Result>,
  second: Second & Fitting<NoInfer<Args>, NoInfer<Result>, Second>,
  options: HedgeOptions,
): Combined<P, Args, Result, readonly [Second]>;
export function hedge(first: unknown, second: unknown, options?: HedgeOptions): unknown {
  const pair = typeof second === "function" ? [first, second] : [first, first];
  const after = checkOptions(typeof second === "function" ? options : (options ?? second));
  const legs = pair.map((leg, index) => toLeg("hedge()", leg, index));
  return combine<unknown>({
    name: "hedge()",
    legs: legs.map(({ node }) => node),
    deadline: undefined,
    settle: (runs) => new Race(runs, after).run(),
    check(leaves) {
      const durable = leaves.some(({ layers }) =>
        layers?.levels.some((level) => level.some((layer) => layer[kindOfLayer] === "durable")),
      );
      if (!durable) return;
      throw new ConfigError(
        "A hedge cannot stand in a durable scope: who wins a race is not the same when it is replayed.",
      );
    },
  });
}

function checkOptions(options: unknown): number {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`hedge() needs { after }, in milliseconds; it was given ${describe(options)}.`);
  }
  const unknown = unknownKey("hedge() has no option", options, ["after"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { after } = options as { readonly after?: unknown };
  if (typeof after === "number" && after >= 0 && after < 2 ** 31) return after;
  throw new ConfigError(`\`after\` is a time in milliseconds, at least 0; it was given ${describe(after)}.`);
}

// How long a leg that was stopped may take to say what it came to; milliseconds.
const grace = 50;

interface Started {
  readonly controller: AbortController;
  readonly startTime: number;
  /** What it came to, once it is known. */
  attempts: readonly Attempt[] | undefined;
  running: boolean;
  /** Settled once it has ended, however it did. */
  ended: Promise<void>;
}

/** Legs that run side by side. */
class Race<Result> {
  readonly #legs: readonly LegRun<Result>[];
  readonly #after: number;
  readonly #started: Started[] = [];
  readonly #outcome = Promise.withResolvers<Won<Result>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(legs: readonly LegRun<Result>[], after: number) {
    this.#legs = legs;
    this.#after = after;
  }

  run(): Promise<Won<Result>> {
    this.#start();
    return this.#outcome.promise;
  }

  #start(): void {
    clearTimeout(this.#timer);
    const index = this.#started.length;
    const leg = this.#legs[index] as LegRun<Result>;
    const controller = new AbortController();
    const started: Started = {
      controller,
      startTime: Date.now(),
      attempts: undefined,
      running: true,
      ended: Promise.resolve(),
    };
    this.#started.push(started);
    if (index + 1 < this.#legs.length) this.#timer = setTimeout(() => this.#start(), this.#after);
    started.ended = leg.start(controller.signal).then(
      (won) => this.#answered(leg, started, won),
      (error: unknown) => this.#failed(leg, started, error),
    );
  }

  async #answered(leg: LegRun<Result>, started: Started, { result, attempts }: Won<Result>): Promise<void> {
    started.running = false;
    if (this.#over) {
      started.attempts = [...attempts, ...(await leg.lost(result))];
      return;
    }
    started.attempts = attempts;
    this.#finish(started).then((all) => this.#outcome.resolve({ result, attempts: all }));
  }

  async #failed(leg: LegRun<Result>, started: Started, error: unknown): Promise<void> {
    started.running = false;
    started.attempts = attemptsOf(error);
    if (this.#over) return;
    const goesOn = !leg.over && falls(error, undefined);
    const waits = this.#started.some(({ running }) => running);
    const left = this.#started.length < this.#legs.length;
    if (goesOn && (left || waits)) {
      started.attempts = failedLeg(error, leg, started.startTime);
      if (left) this.#start();
      return;
    }
    const all = await this.#finish(started);
    noteAttempts(error, all);
    this.#outcome.reject(error);
  }

  /** Stops all but one, and gives what all of them came to, in their order. */
  async #finish(last: Started): Promise<readonly Attempt[]> {
    this.#over = true;
    clearTimeout(this.#timer);
    const reason = new DOMException("Another leg of the hedge has answered.", "AbortError");
    const others = this.#started.filter((one) => one !== last && one.running);
    for (const { controller } of others) controller.abort(reason);
    if (others.length > 0) await patiently(Promise.all(others.map(({ ended }) => ended)));
    return this.#started.flatMap(
      ({ attempts, startTime }, index) => attempts ?? [lostLeg(reason, this.#legs[index] as LegRun<Result>, startTime)],
    );
  }
}

function patiently(work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, grace);
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    work.then(over, over);
  });
}
