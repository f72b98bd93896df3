// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { vertex } from "callscope/vertex";

// #region text
const recommendBook = vertex.call("gemini-2.5-flash", (genre: string) => `Recommend a ${genre} book`);

const response = await recommendBook("fantasy");
console.log(response.content);
// #endregion

// #region messages
const withMessages = vertex.call("gemini-2.5-flash", (genre: string) => [
  Messages.system("You are a librarian."),
  Messages.user(`Recommend a ${genre} book`),
]);
// #endregion
console.log((await withMessages("fantasy")).content);

// #region template
const withTemplate = vertex.call("gemini-2.5-flash")(
  promptTemplate(`
    SYSTEM: You are a librarian.
    USER: Recommend a {genre} book
  `),
);
// #endregion
console.log((await withTemplate({ genre: "fantasy" })).content);

// #region plain
const withObjects = vertex.call("gemini-2.5-flash", (genre: string): Message[] => [
  { role: "system", content: "You are a librarian." },
  { role: "user", content: `Recommend a ${genre} book` },
]);
// #endregion
console.log((await withObjects("fantasy")).content);
