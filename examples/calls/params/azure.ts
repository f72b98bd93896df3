// Made by scripts/examples.ts: change it there.

import { azure } from "callscope/azure";

// #region params
const recommendBook = azure.call(
  "gpt-4o-mini",
  { callParams: { max_completion_tokens: 512, user: "reader-7" } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { max_completion_tokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
