// Made by scripts/examples.ts: change it there.

import { withMetadata } from "callscope";
import { mistral } from "callscope/mistral";

// #region metadata
const recommendBook = mistral.call("mistral-small-latest")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => `Recommend a ${genre} book`),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.metadata);
// #endregion

// #region replaced
const perGenre = mistral.call("mistral-small-latest")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => ({
    messages: `Recommend a ${genre} book`,
    metadata: { tags: [`genre:${genre}`] }, // replaces the other
  })),
);
// #endregion
console.log((await perGenre("fantasy")).metadata);
