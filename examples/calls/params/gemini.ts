// Made by scripts/examples.ts: change it there.

import { gemini } from "callscope/gemini";

// #region params
const recommendBook = gemini.call(
  "gemini-2.5-flash",
  { callParams: { maxOutputTokens: 512, thinkingConfig: { thinkingBudget: 0 } } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { maxOutputTokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
