// Made by scripts/examples.ts: change it there.

import { Messages } from "callscope";
import { cohere } from "callscope/cohere";

// #region native
const recommendBook = cohere.call(
  "command-a-03-2025",
  (genre: string): cohere.DynamicConfig => ({
    messages: [
      Messages.system("You are a librarian."),
      {
        role: "user",
        content: [
          { type: "text", text: `A ${genre} book with a cover like this one?` },
          { type: "image_url", imageUrl: { url: "https://example.com/cover.png" } },
        ],
      },
    ],
  }),
);
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
