// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { azure } from "callscope/azure";

// #region native
const recommendBook = azure.call(
  "gpt-4o-mini",
  (genre: string): azure.DynamicConfig => ({
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
