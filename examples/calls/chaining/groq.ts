// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { groq } from "callscope/groq";

// #region chain
const recommendAuthor = groq.call("llama-3.3-70b-versatile", (genre: string) => `Name an author of ${genre} books`);
const recommendBook = groq.call("llama-3.3-70b-versatile", (author: string) => `What is the best book by ${author}?`);

const first = await recommendAuthor("fantasy");
const second = await recommendBook(first.content);
console.log(second.content);
// #endregion

{
  // #region chain.messages
  const recommendAuthor = groq.call("llama-3.3-70b-versatile", (genre: string) => [
    Messages.user(`Name an author of ${genre} books`),
  ]);
  const recommendBook = groq.call("llama-3.3-70b-versatile", (author: string) => [
    Messages.user(`What is the best book by ${author}?`),
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

{
  // #region chain.template
  const recommendAuthor = groq.call("llama-3.3-70b-versatile")(promptTemplate("Name an author of {genre} books"));
  const recommendBook = groq.call("llama-3.3-70b-versatile")(promptTemplate("What is the best book by {author}?"));

  const first = await recommendAuthor({ genre: "fantasy" });
  const second = await recommendBook({ author: first.content });
  console.log(second.content);
  // #endregion
}

{
  // #region chain.plain
  const recommendAuthor = groq.call("llama-3.3-70b-versatile", (genre: string): Message[] => [
    { role: "user", content: `Name an author of ${genre} books` },
  ]);
  const recommendBook = groq.call("llama-3.3-70b-versatile", (author: string): Message[] => [
    { role: "user", content: `What is the best book by ${author}?` },
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

// #region nested
const writer = groq.call("llama-3.3-70b-versatile", (genre: string) => `Name an author of ${genre} books`);

const nested = groq.call("llama-3.3-70b-versatile")(
  promptTemplate("Recommend a {genre} book by {author}", async ({ genre }: { genre: string }) => ({
    computedFields: { author: await writer(genre) }, // text in the prompt, a whole response beside it
  })),
);

const response = await nested({ genre: "fantasy" });
console.log(response.content);
// #endregion
