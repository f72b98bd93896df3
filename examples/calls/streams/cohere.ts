// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { cohere } from "callscope/cohere";

// #region stream
const recommendBook = cohere.call(
  "command-a-03-2025",
  { stream: true },
  (genre: string) => `Recommend a ${genre} book`,
);

const stream = recommendBook("fantasy");
for await (const [chunk] of stream) process.stdout.write(chunk.content);
console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
// #endregion

{
  // #region stream.messages
  const recommendBook = cohere.call("command-a-03-2025", { stream: true }, (genre: string) => [
    Messages.user(`Recommend a ${genre} book`),
  ]);

  const stream = recommendBook("fantasy");
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}

{
  // #region stream.template
  const recommendBook = cohere.call("command-a-03-2025", { stream: true })(promptTemplate("Recommend a {genre} book"));

  const stream = recommendBook({ genre: "fantasy" });
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}

{
  // #region stream.plain
  const recommendBook = cohere.call("command-a-03-2025", { stream: true }, (genre: string): Message[] => [
    { role: "user", content: `Recommend a ${genre} book` },
  ]);

  const stream = recommendBook("fantasy");
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}
