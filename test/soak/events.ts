import { spawnSync } from "node:child_process";
import { join } from "node:path";

// Random streams in random pieces through each SDK's reader and ours, twenty times as many as the test command takes.
const runs = process.env.SOAK_STREAMS ?? "10000";
const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", "--reporter=dot", "test/events/random.test.ts"], {
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, SOAK_STREAMS: runs },
});
if (status === 0) console.log(`${runs} random streams through each reader: all the same.`);
process.exit(status ?? 1);
