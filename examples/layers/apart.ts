import { openai } from "callscope/openai";
import * as z from "zod";

// #region apart
const Book = z.object({ title: z.string(), author: z.string() });
const extractBook = openai.call("gpt-4o-mini", { responseModel: Book, jsonMode: true }, (text: string) => {
  return `Extract the book: ${text}`;
});

const prepared = JSON.stringify(await extractBook.prepare("Mistborn by Brandon Sanderson")); // in one process
const received = JSON.stringify(await extractBook.send(JSON.parse(prepared))); // in a second
const book = await extractBook.read(JSON.parse(prepared), JSON.parse(received)); // in a third
console.log(book.title);
// #endregion
