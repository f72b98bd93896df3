// Made by scripts/examples.ts: change it there.

import { Messages, promptTemplate } from "callscope";
import { cohere } from "callscope/cohere";

// #region config
const recommendBook = cohere.call(
  "command-a-03-2025",
  (genre: string): cohere.DynamicConfig => ({
    messages: [Messages.user(`Recommend a ${genre} book`)],
    callParams: { maxTokens: 256 },
    metadata: { tags: [`genre:${genre}`] },
  }),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = cohere.call("command-a-03-2025")(
  promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  })),
);
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
