import { openai } from "@ai-sdk/openai";
import { generateText, isStepCount, Output, streamText, tool } from "ai";
import * as z from "zod";

// #region call
async function recommendBook(genre: string) {
  const prompt = `Recommend a ${genre} book`;
  return generateText({ model: openai.chat("gpt-4o-mini"), prompt });
}

const { text, usage } = await recommendBook("fantasy");
console.log(text, usage.inputTokens, usage.outputTokens);
// #endregion

// #region stream
function streamBook(genre: string) {
  const prompt = `Recommend a ${genre} book`;
  return streamText({ model: openai.chat("gpt-4o-mini"), prompt });
}

for await (const part of streamBook("fantasy").textStream) process.stdout.write(part);
process.stdout.write("\n");
// #endregion

// #region extract
const Book = z.object({ title: z.string(), pages: z.number() });

async function extractBook(text: string) {
  const { output } = await generateText({
    model: openai.chat("gpt-4o-mini"),
    output: Output.object({ schema: Book }),
    prompt: `Extract the book: ${text}`,
  });
  return output;
}

const book = await extractBook("Mistborn has 544 pages.");
console.log(book.title, book.pages + 1);
// #endregion

// #region tools
const getBookInfo = tool({
  description: "Looks a book up by its ISBN.",
  inputSchema: z.object({ isbn: z.string() }),
  execute: ({ isbn }) => `Mistborn (${isbn})`,
});

const run = await generateText({
  model: openai.chat("gpt-4o-mini"),
  tools: { get_book_info: getBookInfo },
  stopWhen: isStepCount(5),
  prompt: "Which book has the ISBN 0-7653-1178-X?",
});
console.log(run.text);
// #endregion
