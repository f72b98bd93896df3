// Made by scripts/examples.ts: change it there.

import { ContextOverflowError, classify } from "callscope";
import { local } from "callscope/local";

// #region errors
const recommendBook = local.call("default", (genre: string) => `Recommend a ${genre} book`);

try {
  console.log((await recommendBook("fantasy ".repeat(20_000))).content);
} catch (error) {
  if (!(error instanceof ContextOverflowError)) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
