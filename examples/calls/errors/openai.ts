// Made by scripts/examples.ts: change it there.

import { classify } from "callscope";
import { openai } from "callscope/openai";
import OpenAI from "openai";

// #region errors
const recommendBook = openai.call("no-such-model", (genre: string) => `Recommend a ${genre} book`);

try {
  console.log((await recommendBook("fantasy")).content);
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
