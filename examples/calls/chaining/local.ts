// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { local } from "callscope/local";

// #region chain
const recommendAuthor = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (genre: string) => `Name an author of ${genre} books`,
);
const recommendBook = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (author: string) => `What is the best book by ${author}?`,
);

const first = await recommendAuthor("fantasy");
const second = await recommendBook(first.content);
console.log(second.content);
// #endregion

{
  // #region chain.messages
  const recommendAuthor = local.call("default", { callParams: { maxTokens: 12 } }, (genre: string) => [
    Messages.user(`Name an author of ${genre} books`),
  ]);
  const recommendBook = local.call("default", { callParams: { maxTokens: 12 } }, (author: string) => [
    Messages.user(`What is the best book by ${author}?`),
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

{
  // #region chain.template
  const recommendAuthor = local.call("default", { callParams: { maxTokens: 12 } })(
    promptTemplate("Name an author of {genre} books"),
  );
  const recommendBook = local.call("default", { callParams: { maxTokens: 12 } })(
    promptTemplate("What is the best book by {author}?"),
  );

  const first = await recommendAuthor({ genre: "fantasy" });
  const second = await recommendBook({ author: first.content });
  console.log(second.content);
  // #endregion
}

{
  // #region chain.plain
  const recommendAuthor = local.call("default", { callParams: { maxTokens: 12 } }, (genre: string): Message[] => [
    { role: "user", content: `Name an author of ${genre} books` },
  ]);
  const recommendBook = local.call("default", { callParams: { maxTokens: 12 } }, (author: string): Message[] => [
    { role: "user", content: `What is the best book by ${author}?` },
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

// #region nested
const writer = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (genre: string) => `Name an author of ${genre} books`,
);

const nested = local.call("default", { callParams: { maxTokens: 12 } })(
  promptTemplate("Recommend a {genre} book by {author}", async ({ genre }: { genre: string }) => ({
    computedFields: { author: await writer(genre) }, // text in the prompt, a whole response beside it
  })),
);

const response = await nested({ genre: "fantasy" });
console.log(response.content);
// #endregion
