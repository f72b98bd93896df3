import Instructor from "@instructor-ai/instructor";
import OpenAI from "openai";
import * as z from "zod";

// #region extract
const client = Instructor({ client: new OpenAI(), mode: "TOOLS" });
const Book = z.object({ title: z.string(), pages: z.number() });

async function extractBook(text: string) {
  return client.chat.completions.create({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: `Extract the book: ${text}` }],
    response_model: { schema: Book, name: "Book" },
    max_retries: 2,
  });
}

const book = await extractBook("Mistborn has 544 pages.");
console.log(book.title, book.pages + 1);
// #endregion
