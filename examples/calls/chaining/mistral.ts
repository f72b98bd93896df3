// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { mistral } from "callscope/mistral";

// #region chain
const recommendAuthor = mistral.call("mistral-small-latest", (genre: string) => `Name an author of ${genre} books`);
const recommendBook = mistral.call("mistral-small-latest", (author: string) => `What is the best book by ${author}?`);

const first = await recommendAuthor("fantasy");
const second = await recommendBook(first.content);
console.log(second.content);
// #endregion

{
  // #region chain.messages
  const recommendAuthor = mistral.call("mistral-small-latest", (genre: string) => [
    Messages.user(`Name an author of ${genre} books`),
  ]);
  const recommendBook = mistral.call("mistral-small-latest", (author: string) => [
    Messages.user(`What is the best book by ${author}?`),
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

{
  // #region chain.template
  const recommendAuthor = mistral.call("mistral-small-latest")(promptTemplate("Name an author of {genre} books"));
  const recommendBook = mistral.call("mistral-small-latest")(promptTemplate("What is the best book by {author}?"));

  const first = await recommendAuthor({ genre: "fantasy" });
  const second = await recommendBook({ author: first.content });
  console.log(second.content);
  // #endregion
}

{
  // #region chain.plain
  const recommendAuthor = mistral.call("mistral-small-latest", (genre: string): Message[] => [
    { role: "user", content: `Name an author of ${genre} books` },
  ]);
  const recommendBook = mistral.call("mistral-small-latest", (author: string): Message[] => [
    { role: "user", content: `What is the best book by ${author}?` },
  ]);

  const first = await recommendAuthor("fantasy");
  const second = await recommendBook(first.content);
  console.log(second.content);
  // #endregion
}

// #region nested
const writer = mistral.call("mistral-small-latest", (genre: string) => `Name an author of ${genre} books`);

const nested = mistral.call("mistral-small-latest")(
  promptTemplate("Recommend a {genre} book by {author}", async ({ genre }: { genre: string }) => ({
    computedFields: { author: await writer(genre) }, // text in the prompt, a whole response beside it
  })),
);

const response = await nested({ genre: "fantasy" });
console.log(response.content);
// #endregion
