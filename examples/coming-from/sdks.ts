import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import * as z from "zod";

// #region call
const client = new OpenAI();

async function recommendBook(genre: string) {
  return client.chat.completions.create({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: `Recommend a ${genre} book` }],
  });
}

const { choices, usage } = await recommendBook("fantasy");
console.log(choices[0]?.message.content ?? "", usage?.prompt_tokens, usage?.completion_tokens);
// #endregion

// #region stream
const stream = await client.chat.completions.create({
  model: "gpt-4o-mini",
  stream: true,
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
process.stdout.write("\n");
// #endregion

// #region extract
const Book = z.object({ title: z.string(), pages: z.number() });

async function extractBook(text: string) {
  const completion = await client.chat.completions.parse({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: `Extract the book: ${text}` }],
    response_format: zodResponseFormat(Book, "book"),
  });
  const book = completion.choices[0]?.message.parsed;
  if (!book) throw new Error(completion.choices[0]?.message.refusal ?? "no book");
  return book;
}

const book = await extractBook("Mistborn has 544 pages.");
console.log(book.title, book.pages + 1);
// #endregion

// #region tools
const runner = client.chat.completions.runTools({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Which book has the ISBN 0-7653-1178-X?" }],
  tools: [
    zodFunction({
      name: "get_book_info",
      description: "Looks a book up by its ISBN.",
      parameters: z.object({ isbn: z.string() }),
      function: ({ isbn }) => `Mistborn (${isbn})`,
    }),
  ],
});
console.log(await runner.finalContent());
// #endregion
