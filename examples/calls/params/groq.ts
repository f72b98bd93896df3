// Made by scripts/examples.ts: change it there.

import { groq } from "callscope/groq";

// #region params
const recommendBook = groq.call(
  "llama-3.3-70b-versatile",
  { callParams: { max_completion_tokens: 512, service_tier: "auto" } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { max_completion_tokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
