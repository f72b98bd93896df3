// Made by scripts/examples.ts: change it there.

import { Messages, promptTemplate } from "callscope";
import { bedrock } from "callscope/bedrock";

// #region config
const recommendBook = bedrock.call(
  "us.amazon.nova-lite-v1:0",
  (genre: string): bedrock.DynamicConfig => ({
    messages: [Messages.user(`Recommend a ${genre} book`)],
    callParams: { inferenceConfig: { maxTokens: 256 } },
    metadata: { tags: [`genre:${genre}`] },
  }),
);

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = bedrock.call("us.amazon.nova-lite-v1:0")(
  promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  })),
);
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
