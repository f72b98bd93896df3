// Made by scripts/examples.ts: change it there.

import { bedrock } from "callscope/bedrock";

// #region params
const recommendBook = bedrock.call(
  "us.amazon.nova-lite-v1:0",
  { callParams: { inferenceConfig: { maxTokens: 512 }, requestMetadata: { team: "library" } } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { inferenceConfig: { maxTokens: 256 } }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
