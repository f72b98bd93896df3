// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { bedrock } from "callscope/bedrock";

// #region stream
const recommendBook = bedrock.call(
  "us.amazon.nova-lite-v1:0",
  { stream: true },
  (genre: string) => `Recommend a ${genre} book`,
);

const stream = recommendBook("fantasy");
for await (const [chunk] of stream) process.stdout.write(chunk.content);
console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
// #endregion

{
  // #region stream.messages
  const recommendBook = bedrock.call("us.amazon.nova-lite-v1:0", { stream: true }, (genre: string) => [
    Messages.user(`Recommend a ${genre} book`),
  ]);

  const stream = recommendBook("fantasy");
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}

{
  // #region stream.template
  const recommendBook = bedrock.call("us.amazon.nova-lite-v1:0", { stream: true })(
    promptTemplate("Recommend a {genre} book"),
  );

  const stream = recommendBook({ genre: "fantasy" });
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}

{
  // #region stream.plain
  const recommendBook = bedrock.call("us.amazon.nova-lite-v1:0", { stream: true }, (genre: string): Message[] => [
    { role: "user", content: `Recommend a ${genre} book` },
  ]);

  const stream = recommendBook("fantasy");
  for await (const [chunk] of stream) process.stdout.write(chunk.content);
  console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
  // #endregion
}
