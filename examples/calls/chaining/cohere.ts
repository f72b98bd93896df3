// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { cohere } from "callscope/cohere";

// #region chain
const recommendAuthor = cohere.call("command-a-03-2025", (genre: string) => `Name an author of ${genre} books`);
const recommendBook = cohere.call("command-a-03-2025", (author: string) => `What is the best book by ${author}?`);

const first = await recommendAuthor("fantasy");
const second = await recommendBook(first.content);
console.log(second.content);
// #endregion

{
  // #region chain.messages
  const recommendAuthor = cohere.call("command-a-03-2025", (genre: string) => [
    Messages.user(`Name an author of ${genre} books`),
  ]);
  const recommendBook = cohere.call("command-a-03-2025", (author: string) => [
    Messages.user(`What is the best book by ${author}?`),
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

{
  // #region chain.template
  const recommendAuthor = cohere.call("command-a-03-2025")(promptTemplate("Name an author of {genre} books"));
  const recommendBook = cohere.call("command-a-03-2025")(promptTemplate("What is the best book by {author}?"));

  const first = await recommendAuthor({ genre: "fantasy" });
  const second = await recommendBook({ author: first.content });
  console.log(second.content);
  // #endregion
}

{
  // #region chain.plain
  const recommendAuthor = cohere.call("command-a-03-2025", (genre: string): Message[] => [
    { role: "user", content: `Name an author of ${genre} books` },
  ]);
  const recommendBook = cohere.call("command-a-03-2025", (author: string): Message[] => [
    { role: "user", content: `What is the best book by ${author}?` },
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

// #region nested
const writer = cohere.call("command-a-03-2025", (genre: string) => `Name an author of ${genre} books`);

const nested = cohere.call("command-a-03-2025")(
  promptTemplate("Recommend a {genre} book by {author}", async ({ genre }: { genre: string }) => ({
    computedFields: { author: await writer(genre) }, // text in the prompt, a whole response beside it
  })),
);

const response = await nested({ genre: "fantasy" });
console.log(response.content);
// #endregion
