// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { mistral } from "callscope/mistral";

// #region native
const recommendBook = mistral.call(
  "mistral-small-latest",
  (genre: string): mistral.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      { role: "user", content: `Recommend a ${genre} book` },
      { role: "assistant", content: "Read ", prefix: true },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
