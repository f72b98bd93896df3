// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { anthropic } from "callscope/anthropic";

// #region native
const recommendBook = anthropic.call(
  "claude-haiku-4-5",
  (genre: string): anthropic.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      {
        role: "user",
        content: [{ type: "text", text: "You know every library.", cache_control: { type: "ephemeral" } }],
      },
      { role: "user", content: `Recommend a ${genre} book` },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
