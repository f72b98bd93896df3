import type { LegRun, Settle, Won } from "../call/combination.ts";
import type { Attempt } from "../contract/answer.ts";
import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { When } from "../errors/when.ts";
import { combine } from "./combine.ts";
import { failedLeg, falls } from "./falls.ts";
import { toLeg } from "./leg.ts";
import type { CallLike, Combined, FittingRest, LegOption } from "./types.ts";

/**
 * One call made of several: the next is asked where one fails by what its provider did. Gives what the leg that answered
 * gives; `response.leg` says which, `response.attempts` what the others failed with and cost. The legs take the same
 * arguments, and all stream or none does; a stream falls back before its first event only. Never after an abort, a
 * mistake of the program (`ConfigError`, `PromptError`), `BudgetError` or `ToolError`; nor after a 401 or 403, unless
 * `{ call, when }` says so: `when` decides whether that call is asked, in place of the default. Where no leg answers, the
 * last one's error is thrown, and `attemptsOf(error)` tells of all. Throws `ConfigError` for legs that do not fit.
 */
export function fallback<
  P extends ProviderTypes,
  Args extends unknown[],
  Result,
  Rest extends readonly [LegOption, ...LegOption[]],
>(first: CallLike<P, Args, Result>, ...rest: Rest & FittingRest<Args, Result, Rest>): Combined<P, Args, Result, Rest> {
  const legs = [first, ...(rest as readonly unknown[])].map((leg, index) => toLeg("fallback()", leg, index));
  const settle: Settle = (runs) =>
    inTurn(
      runs,
      legs.map(({ when }) => when),
    );
  return combine<Combined<P, Args, Result, Rest>>({
    name: "fallback()",
    legs: legs.map(({ node }) => node),
    deadline: undefined,
    settle,
  });
}

async function inTurn<Result>(
  legs: readonly LegRun<Result>[],
  whens: readonly (readonly When[] | undefined)[],
): Promise<Won<Result>> {
  const tried: Attempt[] = [];
  for (const [index, leg] of legs.entries()) {
    const startTime = Date.now();
    try {
      const { result, attempts } = await leg.start();
      return { result, attempts: [...tried, ...attempts] };
    } catch (error) {
      if (index === legs.length - 1 || leg.over || !falls(error, whens[index + 1])) {
        if (tried.length > 0) noteAttempts(error, [...tried, ...attemptsOf(error)]);
        throw error;
      }
      tried.push(...failedLeg(error, leg, startTime));
    }
  }
  throw new Error("A fallback has legs.");
}
