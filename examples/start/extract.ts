import { openai } from "callscope/openai";
import * as z from "zod";

const Book = z.object({ title: z.string(), author: z.string(), pages: z.number().int() });

const extractBook = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract the book: ${text}`);

const book = await extractBook("Mistborn by Brandon Sanderson has 544 pages.");
console.log(book.title, book.pages + 1);
