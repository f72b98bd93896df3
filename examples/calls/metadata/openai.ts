// Made by scripts/examples.ts: change it there.

import { withMetadata } from "callscope";
import { openai } from "callscope/openai";

// #region metadata
const recommendBook = openai.call("gpt-4o-mini")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => `Recommend a ${genre} book`),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.metadata);
// #endregion

// #region replaced
const perGenre = openai.call("gpt-4o-mini")(
  withMetadata({ tags: ["version:0001"] }, (genre: string) => ({
    messages: `Recommend a ${genre} book`,
    metadata: { tags: [`genre:${genre}`] }, // replaces the other
  })),
);
// #endregion
console.log((await perGenre("fantasy")).metadata);
