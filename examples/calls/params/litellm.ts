// Made by scripts/examples.ts: change it there.

import { litellm } from "callscope/litellm";

// #region params
const recommendBook = litellm.call(
  "gpt-4o-mini",
  { callParams: { max_tokens: 512, metadata: { team: "library" }, fallbacks: ["claude-haiku-4-5"] } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: { max_tokens: 256 }, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
