import { callTool, promptTemplate, tool } from "callscope";
import { mcpServer, servePrompt } from "callscope/mcp";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region server
const findBook = tool({
  name: "find_book",
  description: "Finds a book by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: ({ isbn }) => ({ isbn, title: "Mistborn: The Final Empire", pages: 544 }),
});

const recommend = openai.call("gpt-4o-mini", (genre: string, count: number) => `Recommend ${count} ${genre} books`);

export const server = mcpServer({
  name: "books",
  version: "1.0.0",
  tools: [
    findBook,
    callTool(recommend, {
      name: "recommend_books",
      description: "Recommends books of a genre.",
      parameters: z.object({ genre: z.string(), count: z.number().default(3) }),
      args: ({ genre, count }) => [genre, count],
    }),
  ],
  prompts: [
    servePrompt(promptTemplate("Compare {first} with {second}."), {
      name: "compare",
      description: "Compares two books.",
      parameters: z.object({ first: z.string(), second: z.string() }),
    }),
  ],
});
// #endregion
