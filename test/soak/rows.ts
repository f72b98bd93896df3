import { DatabaseSync } from "node:sqlite";
import { faults, noDisk } from "../support/row-faults.ts";
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

// And each of the faults so often, at random times.
for (const [name, fault] of Object.entries(faults)) {
  const reason = name === "disk full" ? noDisk() : undefined;
  if (reason !== undefined) {
    console.log(`${name}: ${reason}`);
    continue;
  }
  const sums = { lost: 0, again: 0, extra: 0, bound: 0, unbooked: 0 };
  for (let time = 0; time < times; time++) {
    const { lost, again: asked, extra: more, bound: most, booked } = await fault(Math.random);
    sums.lost += lost;
    sums.again += asked;
    sums.extra += more;
    sums.bound += most;
    if (!booked || more < 0 || more > most) sums.unbooked++;
  }
  console.log(
    `${name}, ${times} times: ${sums.lost} rows lost, ${sums.again} asked again, ${sums.extra} extra requests of at most ${sums.bound}, ${sums.unbooked} times books that are not the server's`,
  );
  if (sums.lost + sums.again + sums.unbooked > 0) process.exitCode = 1;
}
