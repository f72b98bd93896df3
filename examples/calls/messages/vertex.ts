// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { vertex } from "callscope/vertex";

// #region native
const recommendBook = vertex.call(
  "gemini-2.5-flash",
  (genre: string): vertex.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      { role: "user", parts: [{ text: `Recommend a ${genre} book` }] },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
