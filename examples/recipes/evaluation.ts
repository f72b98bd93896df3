import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { map } from "callscope/rows";
import { topicOf } from "./topics.ts";

// #region cases
const cases = [
  { ticket: "I was charged twice.", topic: "billing" },
  { ticket: "The page stays white.", topic: "bug" },
  { ticket: "Are you open on Sundays?", topic: "question" },
  { ticket: "My invoice shows an error.", topic: "billing" },
];
const least = 0.75;
// #endregion

// #region run
// What `npx callscope lock` wrote says all that the model is told: the same file, the same answers.
const lock = await readFile(new URL("prompts/topics.topicOf.md", import.meta.url), "utf8");
const version = createHash("sha256").update(lock).digest("hex").slice(0, 8);

const run = map(topicOf, cases, {
  key: ({ ticket }) => ticket,
  args: ({ ticket }) => [ticket],
  journal: "evaluation.db",
  name: version, // a prompt that was changed is asked anew, one that was not costs nothing
});

let right = 0;
for await (const row of run) {
  const expected = cases[row.ordinal]?.topic;
  const given = row.status === "done" ? row.value : String(row.error);
  if (given === expected) right++;
  else console.log(`"${row.key}" is ${expected}, not ${given}`);
}
const { own } = await run;
const share = right / cases.length;
console.log(`${right} of ${cases.length} right, ${own.requests} asked`);
process.exitCode = share >= least ? 0 : 1; // for CI
// #endregion
