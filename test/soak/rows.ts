import { DatabaseSync } from "node:sqlite";
import { startRows, temporaryFolder } from "../support/row-server.ts";
import { killAgainAndAgain, wait } from "../support/row-worker.ts";

// A worker killed a hundred times: no answer is lost or asked for again, and the extra requests stay within their bound.
const times = Number(process.env.SOAK_KILLS ?? 100);
using folder = temporaryFolder();
const journal = folder.path("soak.db");
await using server = await startRows(() => wait(Math.random() * 20));
const work = { journal, rows: times * 60, concurrency: 8 };
const { kills, extra, totals } = await killAgainAndAgain(server, work, times, Math.random);
const db = new DatabaseSync(journal, { readOnly: true });
const { rows, keys } = db.prepare("SELECT count(*) AS rows, count(DISTINCT key) AS keys FROM results").get() as Record<
  string,
  number
>;
const { integrity_check: check } = db.prepare("PRAGMA integrity_check").get() as Record<string, string>;
db.close();
const bound = kills * work.concurrency;
console.log(`${kills} kills, ${rows} rows, ${extra} extra requests of at most ${bound}, journal ${check}`);
const holds = kills === times && extra <= bound && rows === work.rows && keys === work.rows && check === "ok";
if (!holds || totals.done !== work.rows || totals.failed !== 0) process.exitCode = 1;
