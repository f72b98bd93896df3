// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { local } from "callscope/local";

// #region native
const recommendBook = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (genre: string): local.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      { role: "user", content: `Recommend a ${genre} book` },
      { role: "assistant", content: "My advice is" },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
