import { generateText, stepCountIs, streamText, tool } from "ai";
import { type Message, Messages, retry } from "callscope";
import { languageModel } from "callscope/ai-sdk";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region call
const librarian = openai.call("gpt-4o-mini", { layers: [retry()] }, (messages: readonly Message[]) => [
  Messages.system("You are a librarian."),
  ...messages, // what the AI SDK asks
]);

const { text, usage, providerMetadata } = await generateText({
  model: languageModel(librarian),
  prompt: "Recommend a fantasy book",
});
console.log(text, usage.inputTokens, providerMetadata?.callscope);
// #endregion

// #region tools
const result = streamText({
  model: languageModel(openai.call("gpt-4o-mini")), // without a prompt: the messages as they are
  prompt: "Which book has the ISBN 0-7653-1178-X?",
  tools: {
    get_book_info: tool({
      description: "Looks a book up by its ISBN.",
      inputSchema: z.object({ isbn: z.string() }),
      execute: async ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson (${isbn})`,
    }),
  },
  stopWhen: stepCountIs(3),
});
for await (const piece of result.textStream) process.stdout.write(piece);
// #endregion
