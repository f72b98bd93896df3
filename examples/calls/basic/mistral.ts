// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { mistral } from "callscope/mistral";

// #region text
const recommendBook = mistral.call("mistral-small-latest", (genre: string) => `Recommend a ${genre} book`);

const response = await recommendBook("fantasy");
console.log(response.content);
// #endregion

// #region messages
const withMessages = mistral.call("mistral-small-latest", (genre: string) => [
  Messages.system("You are a librarian."),
  Messages.user(`Recommend a ${genre} book`),
]);
// #endregion
console.log((await withMessages("fantasy")).content);

// #region template
const withTemplate = mistral.call("mistral-small-latest")(
  promptTemplate(`
    SYSTEM: You are a librarian.
    USER: Recommend a {genre} book
  `),
);
// #endregion
console.log((await withTemplate({ genre: "fantasy" })).content);

// #region plain
const withObjects = mistral.call("mistral-small-latest", (genre: string): Message[] => [
  { role: "system", content: "You are a librarian." },
  { role: "user", content: `Recommend a ${genre} book` },
]);
// #endregion
console.log((await withObjects("fantasy")).content);
