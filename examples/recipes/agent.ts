import { tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region agent
const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: ({ isbn }) => `Mistborn (${isbn})`,
});
const ask = openai.call("gpt-4o-mini", { stream: true, tools: [getBookInfo] }, (question: string) => question);

const run = toolLoop(ask)("Which book has the ISBN 0-7653-1178-X?");
for await (const event of run) {
  if (event.type === "chunk") process.stdout.write(event.chunk.content);
  if (event.type === "tool_call") console.log("looks up", event.use.args.isbn);
}
console.log(`\n${(await run).status} after ${run.responses.length} answers`);
// #endregion
