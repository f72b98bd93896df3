import { type Message, Messages, tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: async ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson, 544 pages (${isbn})`,
});

// #region loop
const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (question: string) => question);
const answer = toolLoop(ask, { maxSteps: 5 });

const result = await answer("Which book has the ISBN 0-7653-1178-X?");
console.log(result.response?.content, result.responses.length, result.cost);
// #endregion

// #region watch
const run = answer("Which book has the ISBN 0-7653-1178-X?");
for await (const event of run) {
  if (event.type === "tool_call") console.log("calls", event.use.name, event.use.args);
  if (event.type === "tool_result") console.log("gets", event.output);
}
console.log((await run).status);
// #endregion

// #region failed
const failing = answer("Which book has the ISBN 0-7653-1178-X?");
try {
  await failing;
} catch (error) {
  // The SDK's own error. What ran and what it cost is on the run; resuming it runs no tool twice.
  console.log(error, failing.responses.length, failing.cost);
  if (failing.state !== undefined) await answer.resume(failing.state);
}
// #endregion

// #region history
const chat = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (past: readonly Message[], question: string) => [
  Messages.system("You are a librarian."), // once, however long the conversation gets
  ...past,
  Messages.user(question),
]);
const librarian = toolLoop(chat);

let past: readonly Message[] = [];
for (const question of ["Which book has the ISBN 0-7653-1178-X?", "How many pages has it?"]) {
  const turn = await librarian(past, question);
  console.log(turn.response?.content);
  past = turn.conversation; // everything but the system message; store it with saveHistory()
}
// #endregion
