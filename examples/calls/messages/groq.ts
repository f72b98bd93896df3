// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { groq } from "callscope/groq";

// #region native
const recommendBook = groq.call(
  "llama-3.3-70b-versatile",
  (genre: string): groq.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      { role: "user", name: "reader", content: `Recommend a ${genre} book` },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
