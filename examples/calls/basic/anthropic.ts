// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { anthropic } from "callscope/anthropic";

// #region text
const recommendBook = anthropic.call("claude-haiku-4-5", (genre: string) => `Recommend a ${genre} book`);

const response = await recommendBook("fantasy");
console.log(response.content);
// #endregion

// #region messages
const withMessages = anthropic.call("claude-haiku-4-5", (genre: string) => [
  Messages.system("You are a librarian."),
  Messages.user(`Recommend a ${genre} book`),
]);
// #endregion
console.log((await withMessages("fantasy")).content);

// #region template
const withTemplate = anthropic.call("claude-haiku-4-5")(
  promptTemplate(`
    SYSTEM: You are a librarian.
    USER: Recommend a {genre} book
  `),
);
// #endregion
console.log((await withTemplate({ genre: "fantasy" })).content);

// #region plain
const withObjects = anthropic.call("claude-haiku-4-5", (genre: string): Message[] => [
  { role: "system", content: "You are a librarian." },
  { role: "user", content: `Recommend a ${genre} book` },
]);
// #endregion
console.log((await withObjects("fantasy")).content);
