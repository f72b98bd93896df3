import { tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region call
const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

const response = await recommendBook("fantasy");
console.log(response.content, response.inputTokens, response.outputTokens);
// #endregion

// #region stream
const streamBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);

for await (const [chunk] of streamBook("fantasy")) process.stdout.write(chunk.content);
process.stdout.write("\n");
// #endregion

// #region extract
const Book = z.object({ title: z.string(), pages: z.number() });
const extractBook = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract the book: ${text}`);

const book = await extractBook("Mistborn has 544 pages.");
console.log(book.title, book.pages + 1);
// #endregion

// #region tools
const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: ({ isbn }) => `Mistborn (${isbn})`,
});
const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (question: string) => question);
const librarian = toolLoop(ask, { maxSteps: 5 });

const run = await librarian("Which book has the ISBN 0-7653-1178-X?");
console.log(run.response?.content);
// #endregion
