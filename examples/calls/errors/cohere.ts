// Made by scripts/examples.ts: change it there.

import { classify } from "callscope";
import { cohere } from "callscope/cohere";
import { CohereError } from "cohere-ai";

// #region errors
const recommendBook = cohere.call("no-such-model", (genre: string) => `Recommend a ${genre} book`);

try {
  console.log((await recommendBook("fantasy")).content);
} catch (error) {
  if (!(error instanceof CohereError)) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
