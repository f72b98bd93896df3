// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { anthropic } from "callscope/anthropic";
import * as z from "zod";

// #region schema
const Book = z.object({ title: z.string(), author: z.string(), pages: z.number().int().positive() });
// #endregion

// #region extract
const extractBook = anthropic.call(
  "claude-haiku-4-5",
  { responseModel: Book },
  (text: string) => `Extract the book: ${text}`,
);

const text = "Mistborn: The Final Empire by Brandon Sanderson has 544 pages.";
const book = await extractBook(text);
console.log(book.title, book.pages + 1); // typed and validated
// #endregion

{
  // #region extract.messages
  const extractBook = anthropic.call("claude-haiku-4-5", { responseModel: Book }, (text: string) => [
    Messages.user(`Extract the book: ${text}`),
  ]);

  const text = "Mistborn: The Final Empire by Brandon Sanderson has 544 pages.";
  const book = await extractBook(text);
  console.log(book.title, book.pages + 1); // typed and validated
  // #endregion
}

{
  // #region extract.template
  const extractBook = anthropic.call("claude-haiku-4-5", { responseModel: Book })(
    promptTemplate("Extract the book: {text}"),
  );

  const text = "Mistborn: The Final Empire by Brandon Sanderson has 544 pages.";
  const book = await extractBook({ text });
  console.log(book.title, book.pages + 1); // typed and validated
  // #endregion
}

{
  // #region extract.plain
  const extractBook = anthropic.call("claude-haiku-4-5", { responseModel: Book }, (text: string): Message[] => [
    { role: "user", content: `Extract the book: ${text}` },
  ]);

  const text = "Mistborn: The Final Empire by Brandon Sanderson has 544 pages.";
  const book = await extractBook(text);
  console.log(book.title, book.pages + 1); // typed and validated
  // #endregion
}
