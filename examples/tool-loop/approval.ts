import { DatabaseSync } from "node:sqlite";
import { type ToolLoopState, tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: async ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson, 544 pages (${isbn})`,
});
const ask = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (question: string) => question);

// #region approval
const answer = toolLoop(ask, { needsApproval: ({ name }) => name === "get_book_info" });

const stopped = await answer("Which book has the ISBN 0-7653-1178-X?");
console.log(stopped.status, stopped.pending); // "awaiting_approval", with the arguments

const stored = JSON.stringify(stopped.state); // for a day, for another process
// #endregion

// #region resume
const state: ToolLoopState = JSON.parse(stored);
const decisions = Object.fromEntries(stopped.pending.map(({ id }) => [id, true])); // or { denied: "Not this one." }
const resumed = await answer.resume(state, decisions);
console.log(resumed.status, resumed.response?.content);
// #endregion

// #region claim
const db = new DatabaseSync(":memory:"); // a file, or the database of your servers
db.exec("CREATE TABLE resumed (id TEXT PRIMARY KEY)");
const once = toolLoop(ask, {
  needsApproval: ({ name }) => name === "get_book_info",
  claim: (id) => db.prepare("INSERT OR IGNORE INTO resumed VALUES (?)").run(id).changes === 1,
});

await once.resume(state, decisions);
await once.resume(state, decisions).catch((error) => console.log(error.message)); // its tools must not run twice
// #endregion
