import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import * as z from "zod";

// #region call
const model = new ChatOpenAI({ model: "gpt-4o-mini" });

async function recommendBook(genre: string) {
  return model.invoke(`Recommend a ${genre} book`);
}

const response = await recommendBook("fantasy");
console.log(response.text, response.usage_metadata?.input_tokens, response.usage_metadata?.output_tokens);
// #endregion

// #region stream
for await (const chunk of await model.stream("Recommend a fantasy book")) process.stdout.write(chunk.text);
process.stdout.write("\n");
// #endregion

// #region extract
const Book = z.object({ title: z.string(), pages: z.number() });
const extractor = model.withStructuredOutput(Book, { name: "book", method: "functionCalling" });

const book = await extractor.invoke("Extract the book: Mistborn has 544 pages.");
console.log(book.title, book.pages + 1);
// #endregion

// #region tools
const getBookInfo = tool(({ isbn }) => `Mistborn (${isbn})`, {
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  schema: z.object({ isbn: z.string() }),
});
const agent = createAgent({ model, tools: [getBookInfo] });

const run = await agent.invoke({ messages: [new HumanMessage("Which book has the ISBN 0-7653-1178-X?")] });
console.log(run.messages.at(-1)?.text);
// #endregion
