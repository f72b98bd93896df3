import { expect, test } from "vitest";
import { completion, startChat, textChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { openai } from "../providers/openai/index.ts";
import { budget } from "./budget.ts";
import { BudgetError } from "./budget-error.ts";
import { limit } from "./limit.ts";
import { retry } from "./retry.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };

test("[E13] a stack of retry, limit and budget around calls and streams: attempts are told, the books balance", async () => {
  const { default: OpenAI } = await import("openai");
  const whole = JSON.stringify(completion({ content: "Dune" }));
  const busy = fault.status(429, "{}", { ...json, "retry-after": "0" });
  await using server = await fault.startServer(fault.inTurn(busy, fault.status(200, whole, json)));
  const client = new OpenAI({ apiKey: "k", baseURL: server.url });
  const purse = budget({ usd: 1, requests: 10, outputTokens: 100 });
  const waits: number[] = [];
  const patient = retry({ wait: async (ms) => void waits.push(ms), random: () => 1 });
  const call = openai.call("gpt-4o-mini", { client, layers: [patient, purse] }, say);
  const response = await call("hi");
  expect(response.content).toBe("Dune");
  expect(server.requests).toHaveLength(2);
  expect(waits).toEqual([500]);
  expect(response.attempts).toMatchObject([{ cost: 0, model: "gpt-4o-mini" }]);
  expect(response.total).toMatchObject({ cost: response.cost, requests: 2 });
  expect(purse.spent.usd).toBeCloseTo(response.cost ?? 0, 8);
  expect([purse.spent.requests, purse.reserved]).toEqual([2, { usd: 0, tokens: 0, requests: 0 }]);
});

test("a budget refuses before anything is sent, also where a thousand ask at once", async () => {
  await using server = await startChat(completion({ content: "x" }));
  const purse = budget({ requests: 10 });
  const call = openai.call("gpt-4o-mini", { client: server.client, layers: [purse] }, say);
  const ended = await Promise.allSettled(Array.from({ length: 1000 }, () => call("hi")));
  expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
  expect(server.requests).toHaveLength(10);
  const error = await thrownBy(() => call("hi"));
  expect(error).toBeInstanceOf(BudgetError);
  expect(error).toMatchObject({ code: "budget", left: { requests: 0 }, needed: { requests: 1 } });
  expect(attemptsOf(error)).toEqual([]);
});

test("a limiter lets so many through at once, in order, and a stream leaves its place when it ends", async () => {
  let running = 0;
  let most = 0;
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  await using server = await fault.startServer(async (answer) => {
    running++;
    most = Math.max(most, running);
    order.push((answer.request.body as { messages: { content: string }[] }).messages[0]?.content ?? "");
    await gate.promise;
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
    answer.send(200, json, JSON.stringify(completion({ content: "x" })));
  });
  const { default: OpenAI } = await import("openai");
  const client = new OpenAI({ apiKey: "k", baseURL: server.url });
  const steady = limit({ concurrency: 3 });
  const call = openai.call("m", { client, layers: [steady] }, say);
  const asked = Array.from({ length: 20 }, (_, index) => String(index));
  const all = Promise.all(asked.map((text) => call(text)));
  await expect.poll(() => [steady.waiting, steady.running]).toEqual([17, 3]);
  gate.resolve();
  await all;
  expect(most).toBe(3);
  expect([...order].sort((a, b) => Number(a) - Number(b))).toEqual(asked);
  await using streams = await startChat(textChunks("Du", "ne"));
  const stream = openai.call("m", { stream: true, client: streams.client, layers: [steady] }, say)("hi");
  await collect(stream);
  expect([steady.running, steady.waiting]).toEqual([0, 0]);
});
