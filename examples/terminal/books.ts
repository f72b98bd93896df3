// #region module
import { tool } from "callscope";
import { openai } from "callscope/openai";
import { z } from "zod";

const search = tool({
  name: "search",
  description: "Looks for books in the shop.",
  strict: true,
  parameters: z.object({ query: z.string().min(2), language: z.enum(["en", "de"]).optional() }),
  call: ({ query }) => `Nothing found for ${query}.`,
});

export const recommend = openai.call(
  "gpt-5",
  { tools: [search], callParams: { max_completion_tokens: 500, temperature: 0.2 } },
  (genre: string) => `Recommend a short ${genre} book that the shop has.`,
);

export const samples = [{ call: recommend, args: ["fantasy"] }];
// #endregion
