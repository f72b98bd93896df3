// Made by scripts/examples.ts: change it there.

import { withMetadata } from "callscope";
import { vertex } from "callscope/vertex";

// #region metadata
const recommendBook = vertex.call("gemini-2.5-flash")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => `Recommend a ${genre} book`),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.metadata);
// #endregion

// #region replaced
const perGenre = vertex.call("gemini-2.5-flash")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => ({
    messages: `Recommend a ${genre} book`,
    metadata: { tags: [`genre:${genre}`] }, // replaces the other
  })),
);
// #endregion
console.log((await perGenre("fantasy")).metadata);
