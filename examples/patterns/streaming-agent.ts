import { tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region agent
const findBook = tool({
  name: "find_book",
  description: "Finds the books of an author in the shop.",
  parameters: z.object({ author: z.string() }),
  call: ({ author }) => (author === "Jane Austen" ? ["Emma", "Persuasion"] : []),
});

const ask = openai.call("gpt-4o-mini", { stream: true, tools: [findBook] }, (question: string) => question);
const agent = toolLoop(ask, { maxSteps: 5 });
// #endregion

// #region watch
const run = agent("What do you have of Jane Austen and of Frank Herbert?");
for await (const event of run) {
  if (event.type === "chunk") process.stdout.write(event.chunk.content);
  if (event.type === "tool_call") console.log(`[${event.use.name} ${event.use.args.author}]`);
  // What the tool gave has its own type here: a list of titles.
  if (event.type === "tool_result" && !event.isError) console.log(`[${event.value.length} found]`);
}
const { responses, cost } = await run;
console.log(`\n${responses.length} requests, $${cost?.toFixed(6)}`);
// #endregion
