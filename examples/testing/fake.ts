import { tool, toolLoop, within } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";
import { answer, failure, fake } from "callscope/testing";
import * as z from "zod";

// #region script
const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

const model = fake(["Dune", answer({ text: "Emma", usage: { inputTokens: 12, outputTokens: 2 } })]);
await within({ layers: [model] }, async () => {
  console.log((await recommendBook("science fiction")).content); // Dune
  const { response } = await recommendBook("romantic");
  console.log(response.choices[0]?.message.content, response.usage); // the SDK's own object
});
console.log(model.requests[0]?.prepared.request); // what would have been sent
model.done(); // throws where an answer was not asked for
// #endregion

// #region loop
const countCopies = tool({
  name: "count_copies",
  parameters: z.object({ title: z.string() }),
  call: ({ title }) => (title === "Dune" ? "3" : "0"),
});
const answerReader = anthropic.call("claude-haiku-4-5", { tools: [countCopies] }, (question: string) => question);

const librarian = fake([
  answer({ thinking: "They ask for copies.", toolCalls: [{ name: "count_copies", args: { title: "Dune" } }] }),
  (request) => `There are ${JSON.stringify(request.prepared.request).match(/"(\d)"/)?.[1]} copies.`,
]);
const run = await toolLoop(answerReader.with({ layers: [librarian] }))("How many copies of Dune are there?");
console.log(run.response?.content); // There are 3 copies.
// #endregion

// #region itself
const Book = z.object({ title: z.string(), author: z.string(), year: z.int().min(1900).max(2030) });
const extractBook = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract the book: ${text}`);

const book = await within({ layers: [fake()] }, () => extractBook("…")); // an answer that fits, always the same
const other = await within({ layers: [fake({ seed: 7 })] }, () => extractBook("…"));
const given = await within(
  { layers: [fake([answer({ value: { title: "Dune", author: "Herbert", year: 1965 } })])] },
  () => extractBook("…"),
);
console.log(book, other, given.title);
// #endregion

// #region failures
const bad = fake([
  failure("rate_limit", { retryAfterMs: 2000 }), // the SDK's own RateLimitError, with its header
  answer({ text: "Dune and Emma", fault: { kind: "cut", after: 2 } }), // ends after two events
  failure("overloaded", { after: 2, answer: "Dune and Emma" }), // an error in the middle
]);
const streamed = openai.call("gpt-4o-mini", { stream: true, layers: [bad] }, () => "Recommend two books");
for (const _ of [1, 2, 3]) {
  const stream = streamed();
  try {
    for await (const [chunk] of stream) console.log(chunk.content);
  } catch (error) {
    console.log((error as Error).name, stream.partialResponse?.content);
  }
}
// #endregion
