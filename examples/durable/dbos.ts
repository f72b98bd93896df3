import { DBOS } from "@dbos-inc/dbos-sdk";
import { retry, tool, toolLoop, within } from "callscope";
import { durable, map, rowWorkflow } from "callscope/dbos";
import { openai } from "callscope/openai";
import * as z from "zod";
import { tickets, triage } from "./triage.ts";

const countCopies = tool({
  name: "count_copies",
  parameters: z.object({ title: z.string() }),
  call: ({ title }) => (title === "Dune" ? "3" : "0"),
});
const advise = toolLoop(openai.call("gpt-4o-mini", { tools: [countCopies] }, (question: string) => question));
const logger = { info() {}, debug() {}, warn() {}, error() {} };

// #region workflow
const adviseReader = DBOS.registerWorkflow(
  (question: string) =>
    within({ layers: [retry({ attempts: 8, maxDelay: 60_000 }), durable()] }, async () => {
      const { response, cost } = await advise(question);
      return { text: response?.content, cost };
    }),
  { name: "advise" },
);
const triageRows = rowWorkflow("triage", triage);

DBOS.setConfig({ name: "books", systemDatabaseUrl: process.env.DATABASE_URL ?? "", logger });
await DBOS.launch();
console.log((await adviseReader("How many copies of Dune are there?")).text);
// #endregion

// #region map
const run = map(triageRows, tickets, {
  name: "2026-11-29",
  key: ({ id }) => id,
  args: ({ text }) => [text],
  concurrency: 50,
});
for await (const row of run) {
  if (row.status === "done") console.log(row.key, row.value.urgent, row.resumed);
  else console.log(row.key, "failed:", row.error);
}
console.log(run.totals.done, "rows,", run.totals.own.requests, "requests");
await DBOS.shutdown();
// #endregion
