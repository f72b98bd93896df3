// Made by scripts/examples.ts: change it there.

import { openai } from "callscope/openai";

// #region params
const recommendBook = openai.call(
  "gpt-4o-mini",
  { callParams: { max_completion_tokens: 512, prompt_cache_key: "librarian" } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { max_completion_tokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
