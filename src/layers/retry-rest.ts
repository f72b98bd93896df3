import type { Attempt } from "../contract/answer.ts";
import { noteAttempts } from "../contract/attempts.ts";
import { classify, type ErrorView } from "../errors/classify.ts";
import { isOfEngine } from "../errors/kept-failure.ts";

const firstDelay = 500;

/** What one retry layer decides by. */
export interface Policy {
  readonly attempts: number;
  readonly maxDelay: number;
  readonly wants: (error: unknown, view: ErrorView) => boolean;
  readonly wait: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
  readonly random: () => number;
}

/** How a request or a call waits, and what ends it. */
export interface Waiting {
  readonly signal: AbortSignal | undefined;
  wait(ms: number): Promise<void>;
}

/** Waits before the next attempt; throws the error where there is to be none. */
export async function rest(
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
