import { expect, test } from "vitest";
import { completion } from "./support/chat-server.ts";
import { booksOf, type Night, runJob } from "./support/nightly.ts";
import { query, startRows, temporaryFolder } from "./support/row-server.ts";

// The night's job of the examples. `npm run soak -- nightly` asks the local model for all 5,000 rows.

const concurrency = 8;
const usage = { prompt_tokens: 30, completion_tokens: 1, total_tokens: 31 };

test("5,000 rows with a budget on a service: killed twice, out of budget, and finished the next night", async () => {
  using folder = temporaryFolder();
  const again: string[] = [];
  const kept = new Set<string>();
  await using server = await startRows((text, answer) => {
    const id = `r${/Copy (\d+)/.exec(text)?.[1]}`;
    if (kept.has(id)) again.push(id);
    const content = text.includes("missing") ? "bad" : "good";
    answer.send(200, { "content-type": "application/json" }, JSON.stringify({ ...completion({ content }), usage }));
  });
  const environment = { OPENAI_API_KEY: "key", OPENAI_BASE_URL: server.url };
  const poor: Night = { folder: folder.path("."), rows: 5000, tokens: 100_000, environment };
  for (const killAfter of [700, 900]) {
    const { kept: rows, totals } = await runJob(poor, killAfter);
    expect(totals).toBeUndefined();
    for (const id of rows) kept.add(id);
  }
  const short = await runJob(poor);
  for (const id of short.kept) kept.add(id);
  expect(short.totals).toMatchObject({ failed: 0, stopped: "budget" });
  const billed = () => server.requests.length * usage.total_tokens;
  expect(billed()).toBeLessThanOrEqual(poor.tokens);
  // It was used up but for what one request may need at most, and what was set aside for those that were cut off.
  expect(billed()).toBeGreaterThan(poor.tokens * 0.9);
  const rich = { ...poor, tokens: 200_000 };
  const { totals } = await runJob(rich);
  expect(totals).toMatchObject({ done: 5000, failed: 0, stopped: "finished", resumed: short.totals?.done });
  expect(again).toEqual([]);
  const extra = server.requests.length - 5000;
  expect(extra).toBeLessThanOrEqual(2 * concurrency);
  // Some were entered and cut off before they left.
  expect(booksOf(rich).requests).toBeGreaterThanOrEqual(server.requests.length);
  expect(booksOf(rich).requests - 5000).toBeLessThanOrEqual(2 * concurrency);
  expect(booksOf(rich).tokens).toBeGreaterThanOrEqual(billed());
  expect(booksOf(rich).tokens).toBeLessThanOrEqual(rich.tokens);
  const values = query(folder.path("night.db"), "SELECT value, count(*) AS rows FROM results GROUP BY value");
  expect(values).toEqual([
    { value: '"bad"', rows: 1667 },
    { value: '"good"', rows: 3333 },
  ]);
}, 120_000);

test("the same job on the local model: killed once, nothing kept is asked again", async () => {
  using folder = temporaryFolder();
  const environment = { JOB_MODEL: "local/default", CALLSCOPE_CACHE: process.env.CALLSCOPE_CACHE };
  const night: Night = { folder: folder.path("."), rows: 20, tokens: 100_000, environment };
  const before = await runJob(night, 8);
  expect(before.totals).toBeUndefined();
  const { totals, kept } = await runJob(night);
  expect(totals).toMatchObject({ done: 20, failed: 0, stopped: "finished" });
  expect(totals?.resumed).toBeGreaterThanOrEqual(before.kept.length);
  expect(kept.filter((id) => before.kept.includes(id))).toEqual([]);
  // Every request was entered before it began.
  expect(booksOf(night).requests - 20).toBeLessThanOrEqual(concurrency);
  expect(booksOf(night).tokens).toBeLessThanOrEqual(night.tokens);
}, 180_000);
