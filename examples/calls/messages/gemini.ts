// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { gemini } from "callscope/gemini";

// #region native
const recommendBook = gemini.call(
  "gemini-2.5-flash",
  (genre: string): gemini.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      { role: "user", parts: [{ text: `Recommend a ${genre} book` }] },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
