import { connect } from "@restatedev/restate-sdk-clients";
import { map, rowService } from "callscope/restate";
import { tickets, triage } from "./triage.ts";

// #region map
const ingress = connect({ url: process.env.RESTATE_INGRESS ?? "http://127.0.0.1:8080" });
const triageRows = rowService("triage", triage);

const run = map(ingress, triageRows, tickets, {
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
// #endregion

// #region handler
const question = "How many copies of Dune are there?";
const asked = { service: "books", handler: "advise", parameter: question };
console.log((await ingress.call<string, { readonly text?: string }>(asked)).text);
// #endregion
