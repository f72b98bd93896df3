// Made by scripts/examples.ts: change it there.

import { local } from "callscope/local";

// #region params
const recommendBook = local.call(
  "default",
  { callParams: { maxTokens: 12, topK: 20, repeatPenalty: { penalty: 1.1 } } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { maxTokens: 12 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
