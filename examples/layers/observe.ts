import { observe, tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

const getBookInfo = tool({
  name: "get_book_info",
  parameters: z.object({ isbn: z.string() }),
  call: ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson (${isbn})`,
});

// #region observe
const watched = observe({
  request: ({ model, purpose }) => console.log("asks", model, purpose),
  response: ({ outputTokens, cost }) => console.log("answered", outputTokens, cost),
  tool: ({ name }, output) => console.log(name, "gave", output),
  loop: ({ status, responses }) => console.log(status, "after", responses.length),
  error: (error) => console.log("failed", error),
});
const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo], layers: [watched] }, (question: string) => question);
await toolLoop(ask)("Which book has the ISBN 0-7653-1178-X?");
// #endregion

// #region replace
class BookError extends Error {}
const careful = observe({
  value: (title) => String(title).toUpperCase(),
  error: (cause) => new BookError("No book today.", { cause }),
});
const titleOf = openai.call(
  "gpt-4o-mini",
  { outputParser: ({ content }) => content.slice(0, 5), layers: [careful] },
  (genre: string) => `Recommend a ${genre} book`,
);
console.log(await titleOf("fantasy"));
console.log(
  await titleOf
    .with({ model: "no-such-model" })("fantasy")
    .catch((error) => error.message),
);
// #endregion
