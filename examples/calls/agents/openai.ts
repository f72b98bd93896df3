// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate, tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region tool
const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: async ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson (${isbn})`,
});
// #endregion

// #region agent
const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (question: string) => `Answer a reader: ${question}`);
const librarian = toolLoop(ask, { maxSteps: 5 });

const result = await librarian("Which book has the ISBN 0-7653-1178-X?");
console.log(result.response?.content, result.responses.length, result.cost);
// #endregion

{
  // #region agent.messages
  const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (question: string) => [
    Messages.user(`Answer a reader: ${question}`),
  ]);
  const librarian = toolLoop(ask, { maxSteps: 5 });

  const result = await librarian("Which book has the ISBN 0-7653-1178-X?");
  console.log(result.response?.content, result.responses.length, result.cost);
  // #endregion
}

{
  // #region agent.template
  const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] })(promptTemplate("Answer a reader: {question}"));
  const librarian = toolLoop(ask, { maxSteps: 5 });

  const result = await librarian({ question: "Which book has the ISBN 0-7653-1178-X?" });
  console.log(result.response?.content, result.responses.length, result.cost);
  // #endregion
}

{
  // #region agent.plain
  const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (question: string): Message[] => [
    { role: "user", content: `Answer a reader: ${question}` },
  ]);
  const librarian = toolLoop(ask, { maxSteps: 5 });

  const result = await librarian("Which book has the ISBN 0-7653-1178-X?");
  console.log(result.response?.content, result.responses.length, result.cost);
  // #endregion
}
