import { Messages, tool } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region tool
const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: async ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson (${isbn})`,
});

const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (question: string) => question);
// #endregion

// #region use
const question = "Which book has the ISBN 0-7653-1178-X?";
const response = await ask(question);
for (const use of response.tools ?? []) {
  console.log(use.name, use.args.isbn); // validated by the tool's own schema
  console.log(await use.call());
}
// #endregion

// #region answer
const results = await Promise.all((response.tools ?? []).map(async (use) => [use, await use.call()] as const));
const goOn = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, () => ({
  messages: [Messages.user(question), response.messageParam, ...response.toolMessageParams(results)],
}));
console.log((await goOn()).content);
// #endregion

// #region stream
const stream = openai.call("gpt-4o-mini", { stream: true, tools: [getBookInfo] }, () => question)();
for await (const [chunk, use] of stream) {
  process.stdout.write(chunk.content);
  if (use) console.log(use.name, use.args); // once a call, when it is whole
}
// #endregion

// #region partial
const growing = openai.call("gpt-4o-mini", { stream: { partialTools: true }, tools: [getBookInfo] }, () => question)();
for await (const [, use] of growing) {
  if (use === undefined) continue;
  if ("delta" in use) console.log("so far", use.args);
  else console.log("whole", use.args);
}
// #endregion
