import { expect, test } from "vitest";
import { completion } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { openai } from "../providers/openai/index.ts";
import { budget } from "./budget.ts";
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
  const call = openai.call("gpt-4o-mini", { client, layers: [patient, limit({ concurrency: 1 }), purse] }, say);
  const response = await call("hi");
  expect(response.content).toBe("Dune");
  expect(server.requests).toHaveLength(2);
  expect(waits).toEqual([500]);
  expect(response.attempts).toMatchObject([{ cost: 0, model: "gpt-4o-mini" }]);
  expect(response.total).toMatchObject({ cost: response.cost, requests: 2 });
  expect(purse.spent.usd).toBeCloseTo(response.cost ?? 0, 8);
  expect([purse.spent.requests, purse.reserved]).toEqual([2, { usd: 0, tokens: 0, requests: 0 }]);
});
