// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { openai } from "callscope/openai";

// #region native
const recommendBook = openai.call(
  "gpt-4o-mini",
  (genre: string): openai.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      { role: "developer", content: "Answer in one line." },
      { role: "user", content: `Recommend a ${genre} book` },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
