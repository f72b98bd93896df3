// Made by scripts/examples.ts: change it there.

import { ApiError } from "@google/genai";
import { classify } from "callscope";
import { vertex } from "callscope/vertex";

// #region errors
const recommendBook = vertex.call("no-such-model", (genre: string) => `Recommend a ${genre} book`);

try {
  console.log((await recommendBook("fantasy")).content);
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
