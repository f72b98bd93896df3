import { expect, test } from "vitest";
import { startRows } from "../../test/support/row-server.ts";
import { openai } from "../providers/openai/index.ts";
import { map } from "./index.ts";
import { figuresOf } from "./progress.ts";
import { Tally } from "./totals.ts";

const used = { cost: 0.001, inputTokens: 1, outputTokens: 1, requests: 1, tag: undefined };
const row = { ...used, resumed: false, status: "done" } as const;

test("figures: rows, rate, cost so far, time and cost left", () => {
  const tally = new Tally();
  for (let index = 0; index < 100; index++) tally.add({ ...row, status: index < 98 ? "done" : "failed" });
  tally.add({ ...row, resumed: true });
  const figures =
    "101/1,101 rows, 1 from the journal, 2 failed, 10 rows/s, $0.1010 so far, about 1m 40s and $1.00 left";
  expect(figuresOf(tally, 1101, 10)).toBe(figures);
  expect(figuresOf(tally, undefined, 10)).toBe("101 rows, 1 from the journal, 2 failed, 10 rows/s, $0.1010 so far");
  tally.add({ ...row, cost: undefined });
  expect(figuresOf(tally, 1102, 10.1)).toMatch(/at least \$0\.1010 so far, about 1m 40s left$/);
});

test("a bar on a terminal, lines elsewhere, nothing by default", async () => {
  await using server = await startRows(() => new Promise((resolve) => setTimeout(resolve, 30)));
  const call = openai.call("gpt-4o-mini", { client: server.client }, (text: string) => text);
  for (const isTTY of [true, false]) {
    const written: string[] = [];
    const to = { isTTY, columns: 120, write: (text: string) => written.push(text) };
    await map(call, Array(20).fill("a"), { concurrency: 2, progress: { to } });
    const all = written.join("");
    if (isTTY) {
      expect(written.length).toBeGreaterThan(2);
      expect(all.startsWith("\r\u001b[2K[")).toBe(true);
      expect(all).toMatch(/\[[#-]{20}\] \d+\/20 rows/);
      expect(all).toMatch(/\[#{20}\] 20\/20 rows, [^\r]*\n$/);
    } else expect(all).toMatch(/^20\/20 rows, [\d.]+ rows\/s, \$0\.\d{4} so far\n$/);
  }
  // How many come from a generator nobody knows, unless it is told.
  const written: string[] = [];
  const some = function* () {
    yield* ["a", "b"];
  };
  await map(call, some(), { progress: { to: { write: (text) => written.push(text) } }, count: 2 });
  await map(call, some(), { progress: { to: { write: (text) => written.push(text) } } });
  expect(written.map((line) => line.split(",")[0])).toEqual(["2/2 rows", "2 rows"]);
  const wrong = { progress: { to: {} } } as unknown as { progress: true };
  await expect(map(call, ["a"], wrong)).rejects.toThrow(/`progress` is true or/);
});
