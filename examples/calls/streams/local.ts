// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { local } from "callscope/local";

// #region stream
const recommendBook = local.call(
  "default",
  { stream: true, callParams: { maxTokens: 12 } },
  (genre: string) => `Recommend a ${genre} book`,
);

const stream = recommendBook("fantasy");
for await (const [chunk] of stream) process.stdout.write(chunk.content);
console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
// #endregion

{
  // #region stream.messages
  const recommendBook = local.call("default", { stream: true, callParams: { maxTokens: 12 } }, (genre: string) => [
    Messages.user(`Recommend a ${genre} book`),
  ]);

  const stream = recommendBook("fantasy");
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}

{
  // #region stream.template
  const recommendBook = local.call("default", { stream: true, callParams: { maxTokens: 12 } })(
    promptTemplate("Recommend a {genre} book"),
  );

  const stream = recommendBook({ genre: "fantasy" });
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}

{
  // #region stream.plain
  const recommendBook = local.call(
    "default",
    { stream: true, callParams: { maxTokens: 12 } },
    (genre: string): Message[] => [{ role: "user", content: `Recommend a ${genre} book` }],
  );

  const stream = recommendBook("fantasy");
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}
