// Made by scripts/examples.ts: change it there.

import { BedrockRuntimeServiceException } from "@aws-sdk/client-bedrock-runtime";
import { classify } from "callscope";
import { bedrock } from "callscope/bedrock";

// #region errors
const recommendBook = bedrock.call("no-such-model", (genre: string) => `Recommend a ${genre} book`);

try {
  console.log((await recommendBook("fantasy")).content);
} catch (error) {
  if (!(error instanceof BedrockRuntimeServiceException)) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
