// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { bedrock } from "callscope/bedrock";

// #region native
const recommendBook = bedrock.call(
  "us.amazon.nova-lite-v1:0",
  (genre: string): bedrock.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      { role: "user", content: [{ text: `Recommend a ${genre} book` }, { cachePoint: { type: "default" } }] },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
