import { openai } from "callscope/openai";
import * as z from "zod";

const Book = z.object({ title: z.string(), author: z.string(), pages: z.number() });

// #region partials
const extractBook = openai.call(
  "gpt-4o-mini",
  { stream: true, responseModel: Book, jsonMode: true },
  (text: string) => `Extract the book: ${text}`,
);

const stream = extractBook("Mistborn: The Final Empire by Brandon Sanderson has 544 pages.");
for await (const book of stream) console.log(book.title, book.author); // each `string | undefined`
console.log(stream.constructedResponseModel.pages, stream.stream.cost); // whole and validated
// #endregion
