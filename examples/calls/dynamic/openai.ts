// Made by scripts/examples.ts: change it there.

import { Messages, promptTemplate } from "callscope";
import { openai } from "callscope/openai";

// #region config
const recommendBook = openai.call(
  "gpt-4o-mini",
  (genre: string): openai.DynamicConfig => ({
    messages: [Messages.user(`Recommend a ${genre} book`)],
    callParams: { max_completion_tokens: 256 },
    metadata: { tags: [`genre:${genre}`] },
  }),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = openai.call("gpt-4o-mini")(
  promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  })),
);
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
