// Made by scripts/examples.ts: change it there.

import { Messages, promptTemplate } from "callscope";
import { local } from "callscope/local";

// #region config
const recommendBook = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (genre: string): local.DynamicConfig => ({
    messages: [Messages.user(`Recommend a ${genre} book`)],
    callParams: { maxTokens: 12 },
    metadata: { tags: [`genre:${genre}`] },
  }),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = local.call("default", { callParams: { maxTokens: 12 } })(
  promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  })),
);
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
