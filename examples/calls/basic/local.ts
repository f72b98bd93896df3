// Made by scripts/examples.ts: change it there.

import { type Message, Messages, promptTemplate } from "callscope";
import { local } from "callscope/local";

// #region text
const recommendBook = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (genre: string) => `Recommend a ${genre} book`,
);

const response = await recommendBook("fantasy");
console.log(response.content);
// #endregion

// #region messages
const withMessages = local.call("default", { callParams: { maxTokens: 12 } }, (genre: string) => [
  Messages.system("You are a librarian."),
  Messages.user(`Recommend a ${genre} book`),
]);
// #endregion
console.log((await withMessages("fantasy")).content);

// #region template
const withTemplate = local.call("default", { callParams: { maxTokens: 12 } })(
  promptTemplate(`
    SYSTEM: You are a librarian.
    USER: Recommend a {genre} book
  `),
);
// #endregion
console.log((await withTemplate({ genre: "fantasy" })).content);

// #region plain
const withObjects = local.call("default", { callParams: { maxTokens: 12 } }, (genre: string): Message[] => [
  { role: "system", content: "You are a librarian." },
  { role: "user", content: `Recommend a ${genre} book` },
]);
// #endregion
console.log((await withObjects("fantasy")).content);
