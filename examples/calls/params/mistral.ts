// Made by scripts/examples.ts: change it there.

import { mistral } from "callscope/mistral";

// #region params
const recommendBook = mistral.call(
  "mistral-small-latest",
  { callParams: { maxTokens: 512, safePrompt: true } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { maxTokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
