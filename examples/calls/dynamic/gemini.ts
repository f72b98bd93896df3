// Made by scripts/examples.ts: change it there.

import { Messages, promptTemplate } from "callscope";
import { gemini } from "callscope/gemini";

// #region config
const recommendBook = gemini.call(
  "gemini-2.5-flash",
  (genre: string): gemini.DynamicConfig => ({
    messages: [Messages.user(`Recommend a ${genre} book`)],
    callParams: { maxOutputTokens: 256 },
    metadata: { tags: [`genre:${genre}`] },
  }),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = gemini.call("gemini-2.5-flash")(
  promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  })),
);
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
