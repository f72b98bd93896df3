// Made by scripts/examples.ts: change it there.

import { withMetadata } from "callscope";
import { cohere } from "callscope/cohere";

// #region metadata
const recommendBook = cohere.call("command-a-03-2025")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => `Recommend a ${genre} book`),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.metadata);
// #endregion

// #region replaced
const perGenre = cohere.call("command-a-03-2025")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => ({
    messages: `Recommend a ${genre} book`,
    metadata: { tags: [`genre:${genre}`] }, // replaces the other
  })),
);
// #endregion
console.log((await perGenre("fantasy")).metadata);
