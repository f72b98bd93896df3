// Made by scripts/examples.ts: change it there.

import { withMetadata } from "callscope";
import { local } from "callscope/local";

// #region metadata
const recommendBook = local.call("default", { callParams: { maxTokens: 12 } })(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => `Recommend a ${genre} book`),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.metadata);
// #endregion

// #region replaced
const perGenre = local.call("default", { callParams: { maxTokens: 12 } })(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => ({
    messages: `Recommend a ${genre} book`,
    metadata: { tags: [`genre:${genre}`] }, // replaces the other
  })),
);
// #endregion
console.log((await perGenre("fantasy")).metadata);
