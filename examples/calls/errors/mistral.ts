// Made by scripts/examples.ts: change it there.

import { MistralError } from "@mistralai/mistralai/models/errors";
import { classify } from "callscope";
import { mistral } from "callscope/mistral";

// #region errors
const recommendBook = mistral.call("no-such-model", (genre: string) => `Recommend a ${genre} book`);

try {
  console.log((await recommendBook("fantasy")).content);
} catch (error) {
  if (!(error instanceof MistralError)) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
