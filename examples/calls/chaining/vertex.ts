// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { vertex } from "callscope/vertex";

// #region chain
const recommendAuthor = vertex.call("gemini-2.5-flash", (genre: string) => `Name an author of ${genre} books`);
const recommendBook = vertex.call("gemini-2.5-flash", (author: string) => `What is the best book by ${author}?`);

const first = await recommendAuthor("fantasy");
const second = await recommendBook(first.content);
console.log(second.content);
// #endregion

{
  // #region chain.messages
  const recommendAuthor = vertex.call("gemini-2.5-flash", (genre: string) => [
    Messages.user(`Name an author of ${genre} books`),
  ]);
  const recommendBook = vertex.call("gemini-2.5-flash", (author: string) => [
    Messages.user(`What is the best book by ${author}?`),
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

{
  // #region chain.template
  const recommendAuthor = vertex.call("gemini-2.5-flash")(promptTemplate("Name an author of {genre} books"));
  const recommendBook = vertex.call("gemini-2.5-flash")(promptTemplate("What is the best book by {author}?"));

  const first = await recommendAuthor({ genre: "fantasy" });
  const second = await recommendBook({ author: first.content });
  console.log(second.content);
  // #endregion
}

{
  // #region chain.plain
  const recommendAuthor = vertex.call("gemini-2.5-flash", (genre: string): Message[] => [
    { role: "user", content: `Name an author of ${genre} books` },
  ]);
  const recommendBook = vertex.call("gemini-2.5-flash", (author: string): Message[] => [
    { role: "user", content: `What is the best book by ${author}?` },
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

// #region nested
const writer = vertex.call("gemini-2.5-flash", (genre: string) => `Name an author of ${genre} books`);

const nested = vertex.call("gemini-2.5-flash")(
  promptTemplate("Recommend a {genre} book by {author}", async ({ genre }: { genre: string }) => ({
    computedFields: { author: await writer(genre) }, // text in the prompt, a whole response beside it
  })),
);

const response = await nested({ genre: "fantasy" });
console.log(response.content);
// #endregion
