// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { azure } from "callscope/azure";

// #region chain
const recommendAuthor = azure.call("gpt-4o-mini", (genre: string) => `Name an author of ${genre} books`);
const recommendBook = azure.call("gpt-4o-mini", (author: string) => `What is the best book by ${author}?`);

const first = await recommendAuthor("fantasy");
const second = await recommendBook(first.content);
console.log(second.content);
// #endregion

{
  // #region chain.messages
  const recommendAuthor = azure.call("gpt-4o-mini", (genre: string) => [
    Messages.user(`Name an author of ${genre} books`),
  ]);
  const recommendBook = azure.call("gpt-4o-mini", (author: string) => [
    Messages.user(`What is the best book by ${author}?`),
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

{
  // #region chain.template
  const recommendAuthor = azure.call("gpt-4o-mini")(promptTemplate("Name an author of {genre} books"));
  const recommendBook = azure.call("gpt-4o-mini")(promptTemplate("What is the best book by {author}?"));

  const first = await recommendAuthor({ genre: "fantasy" });
  const second = await recommendBook({ author: first.content });
  console.log(second.content);
  // #endregion
}

{
  // #region chain.plain
  const recommendAuthor = azure.call("gpt-4o-mini", (genre: string): Message[] => [
    { role: "user", content: `Name an author of ${genre} books` },
  ]);
  const recommendBook = azure.call("gpt-4o-mini", (author: string): Message[] => [
    { role: "user", content: `What is the best book by ${author}?` },
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

// #region nested
const writer = azure.call("gpt-4o-mini", (genre: string) => `Name an author of ${genre} books`);

const nested = azure.call("gpt-4o-mini")(
  promptTemplate("Recommend a {genre} book by {author}", async ({ genre }: { genre: string }) => ({
    computedFields: { author: await writer(genre) }, // text in the prompt, a whole response beside it
  })),
);

const response = await nested({ genre: "fantasy" });
console.log(response.content);
// #endregion
