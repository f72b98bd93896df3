import type { LegRun } from "../call/combination.ts";
import type { Attempt } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { classify } from "../errors/classify.ts";
import { isOfEngine, ownErrorOf } from "../errors/kept-failure.ts";
import { type When, wants } from "../errors/when.ts";
import { CallResponse } from "../read/response.ts";
import { ParseError } from "../structured/parse-error.ts";

// By name: they may be of a second copy of the package, and some stand above.
const never: readonly string[] = ["ConfigError", "PromptError", "BudgetError", "ToolError"];
const own: readonly string[] = [
  "parse",
  "timeout",
  "connection",
  "malformed_response",
  "context_overflow",
  "stream_ended_early",
  "stream_stalled",
  "stream_broken",
];

/**
 * Whether another leg is asked after this error. Never after a mistake of the program, an empty purse or a tool's error;
 * else by `when`, or after what a provider did: any error of a request that was sent, but a key that is refused (401,
 * 403), a broken stream, an answer that does not fit, a time limit.
 */
export function falls(error: unknown, when: readonly When[] | undefined): boolean {
  const mine = ownErrorOf(error);
  if (isOfEngine(error) || (mine !== undefined && never.includes(mine.name))) return false;
  const view = classify(error);
  if (when !== undefined) return when.some((one) => wants(one, error, view));
  if (mine !== undefined) return own.includes(mine.code);
  const { kind, status } = view;
  if (kind === "aborted" || kind === "authentication" || kind === "permission") return false;
  if (status === 401 || status === 403) return false;
  return status !== undefined || attemptsOf(error).length > 0;
}

/** What a leg that failed came to: its requests, the last with the error that they ended in. */
export function failedLeg<Result>(error: unknown, leg: LegRun<Result>, startTime: number): readonly Attempt[] {
  const told = attemptsOf(error);
  const last = told.at(-1);
  if (last === undefined) return [unsent(error, leg, startTime)];
  if (!(error instanceof ParseError) || !(last instanceof CallResponse)) return told;
  return [...told.slice(0, -1), Object.assign(last.withAttempts([]), { error })];
}

/** A leg that failed without a request of ours: before one left, or in a layer that answers in the provider's place. */
function unsent<Result>(error: unknown, { provider, model }: LegRun<Result>, startTime: number): Attempt {
  const endTime = Date.now();
  const used = { content: "", inputTokens: 0, outputTokens: 0, cost: 0, estimatedCost: 0 };
  return { error, provider, model, startTime, endTime, ...used };
}

/** A leg that was stopped and has not said what it came to. */
export function lostLeg<Result>(error: unknown, { provider, model }: LegRun<Result>, startTime: number): Attempt {
  const unknown = { inputTokens: undefined, outputTokens: undefined, cost: undefined, estimatedCost: undefined };
  return { error, provider, model, startTime, endTime: Date.now(), content: "", ...unknown };
}
