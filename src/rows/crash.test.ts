import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { thrownBy } from "../../test/support/replay.ts";
import { shout, textOf } from "../../test/support/row-call.ts";
import { query, startRows, temporaryFolder } from "../../test/support/row-server.ts";
import { killAgainAndAgain, startWorker, wait } from "../../test/support/row-worker.ts";
import { map } from "./index.ts";

const kept = { key: (row: string) => row, args: textOf };
const names = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);

test("a worker killed at any time loses at most what was in flight, and no answer is asked for again", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  const acknowledged = new Set<string>();
  await using server = await startRows(async (text) => {
    if (acknowledged.has(text)) throw new Error(`${text} was asked again`);
    await wait(Math.random() * 20);
  });
  const work = { journal, rows: 400, concurrency: 8 };
  const { kills, extra, totals } = await killAgainAndAgain(server, work, 3, Math.random, () => {
    for (const { key } of query(journal, "SELECT key FROM results") as { key: string }[]) acknowledged.add(key);
  });
  expect(acknowledged.size).toBe(400);
  expect(kills).toBe(3);
  expect(extra).toBeLessThanOrEqual(kills * work.concurrency);
  expect(totals).toMatchObject({ done: 400, failed: 0 });
  const rows = query(journal, "SELECT key, value FROM results ORDER BY ordinal");
  expect(rows).toEqual(names(400).map((key) => ({ key, value: JSON.stringify(key.toUpperCase()) })));
  expect(query(journal, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
}, 60_000);

test("a second worker is refused while the first one lives, and takes over at once when it is dead", async () => {
  using folder = temporaryFolder();
  await using server = await startRows(() => wait(20));
  const journal = folder.path("a.db");
  const call = shout(server.client);
  using worker = startWorker(server, { journal, rows: 100_000, concurrency: 4 });
  while (server.requests.length < 20) await wait(5);
  const before = performance.now();
  const error = await thrownBy(() => map(call, ["x"], { journal, ...kept }));
  expect(error).toMatchObject({
    code: "journal",
    fault: "busy",
    message: expect.stringContaining(`process ${worker.process.pid}`),
  });
  expect(server.asked.has("x")).toBe(false);
  // Another run of the same journal is nobody's business.
  expect(await map(call, ["x"], { journal, ...kept, name: "other" })).toMatchObject({ done: 1 });
  worker.process.kill("SIGKILL");
  await worker.said;
  expect(await map(call, ["y"], { journal, ...kept })).toMatchObject({ done: 1 });
  expect(performance.now() - before).toBeLessThan(10_000);
}, 30_000);

test("two runs of one name in one process: the second is refused", async () => {
  using folder = temporaryFolder();
  await using server = await startRows(() => wait(30));
  const journal = folder.path("a.db");
  const call = shout(server.client);
  const ended = await Promise.allSettled([
    map(call, ["a"], { journal, ...kept }),
    map(call, ["a"], { journal, ...kept }),
  ]);
  expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(server.requests).toHaveLength(1);
});

test("Ctrl-C finishes what is in flight, keeps it and stops", async () => {
  using folder = temporaryFolder();
  await using server = await startRows(() => wait(30));
  const journal = folder.path("a.db");
  using worker = startWorker(server, { journal, rows: 100_000, concurrency: 4 });
  while (server.requests.length < 10) await wait(5);
  worker.process.kill("SIGINT");
  const totals = await worker.said;
  expect(totals).toMatchObject({ stopped: "SIGINT", failed: 0, done: server.requests.length });
  expect(query(journal, "SELECT count(*) AS rows FROM results")).toEqual([{ rows: server.requests.length }]);
}, 30_000);

test("the clock may jump: a worker that lives keeps its run, one that froze loses it and writes nothing more", async () => {
  using folder = temporaryFolder();
  await using server = await startRows((text) => (text.startsWith("slow") ? wait(1500) : undefined));
  const journal = folder.path("a.db");
  const call = shout(server.client);
  const hour = 3_600_000;
  for (const jump of [hour, -hour]) {
    const now = () => Date.now() + jump;
    const first = map(call, [`slow ${jump}`], { journal, ...kept, lease: { duration: 300 } });
    const watched = first.then((totals) => totals);
    await wait(50);
    // By the clock of the second one, the lease of the first is long over, or far from it.
    const second = await thrownBy(() => map(call, ["b"], { journal, ...kept, lease: { duration: 300, now } }));
    expect(second).toMatchObject({ fault: "busy" });
    expect(await watched).toMatchObject({ done: 1 });
  }
  using worker = startWorker(server, { journal: folder.path("b.db"), rows: 100_000, concurrency: 2 });
  while (server.requests.length < 10) await wait(5);
  worker.process.kill("SIGSTOP");
  await wait(50);
  const said: string[] = [];
  // It is seen as frozen once its lease is over: 2 s in the worker.
  await wait(2100);
  const options = { ...kept, lease: { duration: 600 }, progress: { to: { write: (text: string) => said.push(text) } } };
  const over = await map(call, ["fresh"], { journal: folder.path("b.db"), ...options });
  expect(over).toMatchObject({ done: 1 });
  expect(said[0]).toContain(`process ${worker.process.pid}`);
  const rows = query(folder.path("b.db"), "SELECT key FROM results").length;
  worker.process.kill("SIGCONT");
  expect(await worker.said).toMatchObject({ code: "journal", fault: "lost" });
  expect(query(folder.path("b.db"), "SELECT key FROM results")).toHaveLength(rows);
}, 30_000);

test.skipIf(process.getuid?.() !== 0)("a file that must not be written is a typed error", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const journal = folder.path("a.db");
  await map(shout(server.client), ["a"], { journal, ...kept });
  const sent = server.requests.length;
  chmodSync(journal, 0o444);
  chmodSync(folder.path("."), 0o555);
  // Who may do everything is not refused: the worker is somebody else.
  using worker = startWorker(server, { journal, rows: 3, concurrency: 1 }, { uid: 65534, gid: 65534 });
  expect(await worker.said).toMatchObject({ code: "journal", fault: "unwritable" });
  expect(server.requests).toHaveLength(sent);
  chmodSync(folder.path("."), 0o755);
});
