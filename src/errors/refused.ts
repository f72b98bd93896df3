import { classify } from "./classify.ts";

/**
 * True where a service certainly took nothing of a request: it refused it. One that broke off, ran out of time (408) or met
 * itself (409) may have been taken.
 */
export function isRefused(error: unknown): boolean {
  return isUnbilled(error) && classify(error).status !== 409;
}

/** True for a request that was refused: it is not billed. Of one that was lost, or ran out of time (408), nobody knows. */
export function isUnbilled(error: unknown): boolean {
  const { status = 0 } = classify(error);
  return status >= 400 && status < 500 && status !== 408;
}
