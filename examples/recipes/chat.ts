import { createInterface } from "node:readline/promises";
import { classify, type Message, Messages } from "callscope";
import { openai } from "callscope/openai";

// #region chat
const chat = openai.call("gpt-4o-mini", { stream: true }, (past: readonly Message[], text: string) => [
  Messages.system("You are a librarian. Answer in one sentence."),
  ...past,
  Messages.user(text),
]);

const lines = createInterface({ input: process.stdin });
let past: readonly Message[] = [];
let cost = 0;

process.stdout.write("> ");
for await (const text of lines) {
  const stream = chat(past, text);
  try {
    for await (const [chunk] of stream) process.stdout.write(chunk.content);
    past = [...past, Messages.user(text), stream.message]; // only a whole turn is remembered
    cost += stream.cost ?? 0;
  } catch (error) {
    console.log(`(${classify(error).kind}: say it again)`); // the conversation stays as it was
  }
  process.stdout.write("\n> ");
}
console.log(`bye, that was $${cost.toFixed(6)}`);
// #endregion
