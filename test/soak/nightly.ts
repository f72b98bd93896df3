import { booksOf, type Night, runJob } from "../support/nightly.ts";
import { temporaryFolder } from "../support/row-server.ts";

// The night's job of the examples, 5,000 rows on the local model, killed three times: half an hour and more of two cores.
const rows = Number(process.env.SOAK_ROWS ?? 5000);
using folder = temporaryFolder();
const environment = { JOB_MODEL: "local/default", CALLSCOPE_CACHE: process.env.CALLSCOPE_CACHE };
const night: Night = { folder: folder.path("."), rows, tokens: rows * 200, environment };
const kept = new Set<string>();
let again = 0;
let kills = 0;
for (const part of [0.2, 0.5, 0.8]) {
  const { kept: some, totals } = await runJob(night, Math.max(1, Math.floor(rows * part) - kept.size));
  if (totals === undefined) kills++;
  for (const id of some) {
    if (kept.has(id)) again++;
    kept.add(id);
  }
}
const { totals, kept: last } = await runJob(night);
for (const id of last) {
  if (kept.has(id)) again++;
  kept.add(id);
}
const { requests, tokens } = booksOf(night);
const extra = requests - rows;
const bound = kills * 8;
console.log(
  `${kills} kills, ${totals?.done} of ${rows} rows, ${again} asked again, ${extra} extra requests of at most ${bound}, ${tokens} tokens of ${night.tokens}`,
);
const whole = totals?.done === rows && totals.failed === 0 && kills === 3;
if (!whole || again > 0 || extra > bound || tokens > night.tokens) process.exitCode = 1;
