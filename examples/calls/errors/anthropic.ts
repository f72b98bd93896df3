// Made by scripts/examples.ts: change it there.

import Anthropic from "@anthropic-ai/sdk";
import { classify } from "callscope";
import { anthropic } from "callscope/anthropic";

// #region errors
const recommendBook = anthropic.call("no-such-model", (genre: string) => `Recommend a ${genre} book`);

try {
  console.log((await recommendBook("fantasy")).content);
} catch (error) {
  if (!(error instanceof Anthropic.APIError)) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
