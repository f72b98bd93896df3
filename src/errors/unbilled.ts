import { classify } from "./classify.ts";

/** True for a request that was refused: it is not billed. Of one that was lost nobody knows. */
export function isUnbilled(error: unknown): boolean {
  const { status } = classify(error);
  return status !== undefined && status >= 400 && status < 500 && status !== 408;
}
