import type { Attempt } from "./answer.ts";

// An error of an SDK's stays untouched, so what is known of it lies beside it, for as long as it lives.
const attempts = new WeakMap<object, readonly Attempt[]>();

/**
 * All requests of the call that ended in this error, in order, each with its cost: the failed ones with their error,
 * answers that did not fit as responses. Where one error object ended several calls, those of the last; `[]` for what is
 * no object, or no error of a call.
 */
export function attemptsOf(error: unknown): readonly Attempt[] {
  return (isObject(error) && attempts.get(error)) || [];
}

/** @internal Notes what was tried before this error ended a call. */
export function noteAttempts(error: unknown, tried: readonly Attempt[]): void {
  if (isObject(error)) attempts.set(error, tried);
}

/** @internal Notes on an error what was tried before it, too. */
export function addAttempts(error: unknown, earlier: readonly Attempt[]): void {
  if (earlier.length > 0) noteAttempts(error, [...earlier, ...attemptsOf(error)]);
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
