import { classify } from "./classify.ts";

/**
 * True where a service certainly took nothing of a request: it refused it. One that broke off, ran out of time (408) or met
 * itself (409) may have been taken.
 */
export function isRefused(error: unknown): boolean {
  const { status = 0 } = classify(error);
  return status >= 400 && status < 500 && status !== 408 && status !== 409;
}
