import { expect, test } from "vitest";
import { startRows } from "../../test/support/row-server.ts";
import { costOf, loadPrices } from "../money/cost.ts";
import { openai } from "../providers/openai/index.ts";
import { estimate } from "./index.ts";

const say = (text: string) => text;
const texts = (count: number) => Array.from({ length: count }, (_, index) => "word ".repeat((index % 10) + 1));

test("an estimate prepares every row, sends nothing, and knows both prices", async () => {
  await using server = await startRows();
  const call = openai.call("gpt-4o-mini", { client: server.client, callParams: { max_tokens: 100 } }, say);
  const rows = texts(20);
  const found = await estimate(call, rows);
  let input = 0;
  for (const row of rows) input += (await call.prepare(row)).estimatedInputTokens;
  expect(found).toMatchObject({ rows: 20, sampled: 20, inputTokens: input, outputTokens: 2000 });
  const source = await loadPrices();
  const usd = (output: number, serviceTier?: string) => {
    const query = { provider: "openai", model: "gpt-4o-mini", tokens: { input, output }, at: Date.now(), serviceTier };
    return costOf(query, source).usd ?? Number.NaN;
  };
  expect(found.live.least).toBeCloseTo(usd(0), 10);
  expect(found.live.most).toBeCloseTo(usd(2000), 10);
  expect(found.batch?.most).toBeCloseTo(usd(2000, "batch"), 10);
  expect(found.batch?.most).toBeCloseTo(usd(2000) / 2, 10);
  expect(server.requests).toHaveLength(0);
});

test("a call without a limit is bounded by what it is told", async () => {
  const call = openai.call("gpt-4o-mini", say);
  const open = await estimate(call, ["a"]);
  expect(open).toMatchObject({ outputTokens: undefined, live: { most: undefined } });
  expect(open.live.least).toBeGreaterThan(0);
  expect(await estimate(call, ["a", "b"], { outputTokens: 30 })).toMatchObject({ outputTokens: 60 });
  const limited = openai.call("gpt-4o-mini", { callParams: { max_tokens: 20 } }, say);
  expect(await estimate(limited, ["a"], { outputTokens: 30 })).toMatchObject({ outputTokens: 20 });
  const unknown = await estimate(openai.call("nobody-knows-this-model", say), ["a"], { outputTokens: 1 });
  expect(unknown).toMatchObject({ live: { least: undefined, most: undefined }, batch: undefined });
});

test("a sample stands for all rows, also of a generator, and is spread over them", async () => {
  const call = openai.call("gpt-4o-mini", say);
  const rows = function* () {
    yield* texts(1000);
  };
  const whole = await estimate(call, rows());
  for (const sample of [10, 33, 100, 1000]) {
    const part = await estimate(call, rows(), { sample });
    expect(part).toMatchObject({ rows: 1000, sampled: sample });
    expect(Math.abs(part.inputTokens / whole.inputTokens - 1)).toBeLessThan(0.5);
  }
  expect(await estimate(call, [])).toMatchObject({ rows: 0, sampled: 0, inputTokens: 0, live: { least: 0, most: 0 } });
  await expect(estimate(call, ["a"], { sample: 0 })).rejects.toThrow(/whole number/);
  await expect(estimate(say as unknown as typeof call, ["a"])).rejects.toThrow(/takes a call/);
});
