// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate, tool } from "callscope";
import { groq } from "callscope/groq";
import * as z from "zod";

// #region tool
const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: async ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson (${isbn})`,
});
// #endregion

// #region ask
const ask = groq.call(
  "llama-3.3-70b-versatile",
  { tools: [getBookInfo] },
  (question: string) => `Answer a reader: ${question}`,
);

const response = await ask("Which book has the ISBN 0-7653-1178-X?");
for (const use of response.tools ?? []) console.log(use.args.isbn, await use.call());
// #endregion

{
  // #region ask.messages
  const ask = groq.call("llama-3.3-70b-versatile", { tools: [getBookInfo] }, (question: string) => [
    Messages.user(`Answer a reader: ${question}`),
  ]);

  const response = await ask("Which book has the ISBN 0-7653-1178-X?");
  for (const use of response.tools ?? []) console.log(use.args.isbn, await use.call());
  // #endregion
}

{
  // #region ask.template
  const ask = groq.call("llama-3.3-70b-versatile", { tools: [getBookInfo] })(
    promptTemplate("Answer a reader: {question}"),
  );

  const response = await ask({ question: "Which book has the ISBN 0-7653-1178-X?" });
  for (const use of response.tools ?? []) console.log(use.args.isbn, await use.call());
  // #endregion
}

{
  // #region ask.plain
  const ask = groq.call("llama-3.3-70b-versatile", { tools: [getBookInfo] }, (question: string): Message[] => [
    { role: "user", content: `Answer a reader: ${question}` },
  ]);

  const response = await ask("Which book has the ISBN 0-7653-1178-X?");
  for (const use of response.tools ?? []) console.log(use.args.isbn, await use.call());
  // #endregion
}
