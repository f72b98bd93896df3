// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { groq } from "callscope/groq";

// #region text
const recommendBook = groq.call("llama-3.3-70b-versatile", (genre: string) => `Recommend a ${genre} book`);

const response = await recommendBook("fantasy");
console.log(response.content);
// #endregion

// #region messages
const withMessages = groq.call("llama-3.3-70b-versatile", (genre: string) => [
  Messages.system("You are a librarian."),
  Messages.user(`Recommend a ${genre} book`),
]);
// #endregion
console.log((await withMessages("fantasy")).content);

// #region template
const withTemplate = groq.call("llama-3.3-70b-versatile")(
  promptTemplate(`
    SYSTEM: You are a librarian.
    USER: Recommend a {genre} book
  `),
);
// #endregion
console.log((await withTemplate({ genre: "fantasy" })).content);

// #region plain
const withObjects = groq.call("llama-3.3-70b-versatile", (genre: string): Message[] => [
  { role: "system", content: "You are a librarian." },
  { role: "user", content: `Recommend a ${genre} book` },
]);
// #endregion
console.log((await withObjects("fantasy")).content);
