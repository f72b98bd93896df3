import { within } from "callscope";
import { openai } from "callscope/openai";
import { tape } from "callscope/testing";
import * as z from "zod";

// #region set
const topics = ["billing", "bug", "question"] as const;
const topicOf = openai.call(
  "gpt-4o-mini",
  { responseModel: z.enum(topics), callParams: { temperature: 0 } },
  (ticket: string) => `Classify the ticket: ${ticket}`,
);

/** `open`: known to go wrong, and no reason to fail. */
const cases: readonly { ticket: string; topic: (typeof topics)[number]; open?: true }[] = [
  { ticket: "I was charged twice.", topic: "billing" },
  { ticket: "The page stays white.", topic: "bug" },
  { ticket: "Are you open on Sundays?", topic: "question" },
  { ticket: "My invoice shows an error.", topic: "billing", open: true },
];
// #endregion

// #region run
// Asked once and recorded, then answered from the file. Commit it: in CI a request that it does not hold fails.
const answers = tape("regression.jsonl");
const given = await within({ layers: [answers] }, () => Promise.all(cases.map(({ ticket }) => topicOf(ticket))));

const results = cases.map((one, index) => ({ ...one, given: given[index] }));
for (const topic of topics) {
  const meant = results.filter((one) => one.topic === topic);
  const said = results.filter((one) => one.given === topic);
  const right = meant.filter((one) => one.given === topic).length;
  console.log(`${topic}: ${right} of ${meant.length} found, ${right} of ${said.length} right`);
}
const wrong = results.filter((one) => one.given !== one.topic);
for (const { ticket, topic, given, open } of wrong) {
  console.log(`${open ? "open" : "WORSE"}: "${ticket}" is ${topic}, not ${given}`);
}
process.exitCode = wrong.every(({ open }) => open) ? 0 : 1;
// #endregion
