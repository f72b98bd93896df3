// Made by scripts/examples.ts: change it there.

import { Messages, promptTemplate } from "callscope";
import { vertex } from "callscope/vertex";

// #region config
const recommendBook = vertex.call(
  "gemini-2.5-flash",
  (genre: string): vertex.DynamicConfig => ({
    messages: [Messages.user(`Recommend a ${genre} book`)],
    callParams: { maxOutputTokens: 256 },
    metadata: { tags: [`genre:${genre}`] },
  }),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = vertex.call("gemini-2.5-flash")(
  promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  })),
);
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
