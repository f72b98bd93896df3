// Made by scripts/examples.ts: change it there.

import { anthropic } from "callscope/anthropic";

// #region params
const recommendBook = anthropic.call(
  "claude-haiku-4-5",
  { callParams: { max_tokens: 2048, thinking: { type: "enabled", budget_tokens: 1024 } } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { max_tokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
