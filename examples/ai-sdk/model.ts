import { openai } from "@ai-sdk/openai";
import { Messages, retry, tool, toolLoop } from "callscope";
import { aiSdk } from "callscope/ai-sdk";
import * as z from "zod";

// #region model
const model = openai.chat("gpt-4o-mini"); // any model of any of the AI SDK's providers

const recommend = aiSdk.call(model, { layers: [retry()] }, (genre: string) => [
  Messages.system("Answer in one line."),
  Messages.user(`Recommend a ${genre} book`),
]);
const response = await recommend("fantasy");
console.log(response.content, response.inputTokens, response.stopReason);
// #endregion

// #region loop
const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: async ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson, 544 pages (${isbn})`,
});

const ask = aiSdk.call(model, { tools: [getBookInfo], stream: true }, (question: string) => question);
for await (const event of toolLoop(ask)("Which book has the ISBN 0-7653-1178-X?")) {
  if (event.type === "chunk") process.stdout.write(event.chunk.content);
  if (event.type === "tool_result") console.log("gets", event.output);
}
// #endregion
