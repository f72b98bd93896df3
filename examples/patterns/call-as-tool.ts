import { callTool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region tool
const translate = openai.call(
  "gpt-4.1-mini",
  (text: string, language: string) => `Translate to ${language}, and say nothing else: ${text}`,
);

const translator = callTool(translate, {
  name: "translate",
  description: "Translates a text.",
  parameters: z.object({ text: z.string(), language: z.string() }),
  args: ({ text, language }) => [text, language], // as the call takes them
});
// #endregion

// #region use
const ask = openai.call(
  "gpt-4o-mini",
  { tools: [translator] },
  (letter: string) => `Answer the customer of a book shop in the letter's language: ${letter}`,
);

const run = toolLoop(ask)("Où est ma commande ?");
for await (const event of run) {
  if (event.type === "tool_call") console.log("asks", event.use.args);
  if (event.type === "tool_result") console.log("gets", event.output);
}
console.log((await run).response?.content);
// #endregion
