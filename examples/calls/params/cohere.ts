// Made by scripts/examples.ts: change it there.

import { cohere } from "callscope/cohere";

// #region params
const recommendBook = cohere.call(
  "command-a-03-2025",
  { callParams: { maxTokens: 512, safetyMode: "CONTEXTUAL" } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { maxTokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
