import { within } from "callscope";
import { openai } from "callscope/openai";
import { noRequests, tape } from "callscope/testing";

const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

// #region tape
const books = tape("examples/testing/tapes/books.jsonl", { mode: "replay" });
const response = await within({ layers: [books] }, () => recommendBook("fantasy"));
console.log(response.content, response.cost);
books.done(); // throws where a recording was not asked for
// #endregion

// #region miss
await within({ layers: [books] }, () => recommendBook("horror")).catch((error: Error) => console.log(error.message));
// #endregion

// #region redact
const private_ = tape("examples/testing/tapes/books.jsonl", {
  mode: "replay",
  redact: (value, path) => (path.at(-1) === "user" ? "[user]" : value),
});
console.log((await recommendBook.with({ layers: [private_] })("fantasy")).content);
// #endregion

// #region none
await within({ layers: [noRequests()] }, () => recommendBook("fantasy")).catch((error: Error) =>
  console.log(error.message),
);
// #endregion
