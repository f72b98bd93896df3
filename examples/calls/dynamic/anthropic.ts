// Made by scripts/examples.ts: change it there.

import { Messages, promptTemplate } from "callscope";
import { anthropic } from "callscope/anthropic";

// #region config
const recommendBook = anthropic.call(
  "claude-haiku-4-5",
  (genre: string): anthropic.DynamicConfig => ({
    messages: [Messages.user(`Recommend a ${genre} book`)],
    callParams: { max_tokens: 256 },
    metadata: { tags: [`genre:${genre}`] },
  }),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = anthropic.call("claude-haiku-4-5")(
  promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  })),
);
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
