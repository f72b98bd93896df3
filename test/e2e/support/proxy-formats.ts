import { describe, expect, test } from "vitest";
import { toolLoop } from "../../../src/loop/tool-loop.ts";
import type { CallResponse } from "../../../src/read/response.ts";
import { collect } from "../../support/replay.ts";
import { Capital, type Lane, lanes, weather } from "./lanes.ts";
import type { LogEntry, ProxyServer } from "./proxy.ts";
import { price } from "./proxy-config.ts";

// One body of tests for the three formats the proxy speaks. What the model says is its own affair: it is held against
// what the proxy's log says that it said.

/** The tests of answers in every format. */
export function describeProxyFormats(proxy: () => ProxyServer): void {
  describe.each(Object.values(lanes))("in the format of $name", (lane) => {
    answers(lane, proxy);
    structured(lane, proxy);
    tools(lane, proxy);
  });

  test("a model of OpenAI's in the format of anthropic", async () => {
    const response = await lanes.anthropic.bind(proxy().url, { model: "smol", maxTokens: 4 })("Count to a hundred.");
    // LiteLLM takes the Responses API for it, whose least is 16 tokens; llama.cpp's says of a cut answer that it is whole.
    expect([response.outputTokens, response.stopReason]).toEqual([16, "stop"]);
    expect(response.content).not.toBe("");
  });
}

/** What the log calls one request, by a text that is in no other. */
function logged(proxy: ProxyServer, words: string): Promise<LogEntry> {
  return proxy.entry(({ messages }) => JSON.stringify(messages).includes(words));
}

function answers(lane: Lane, proxy: () => ProxyServer): void {
  test("an answer is what the proxy logged, tokens and all", async () => {
    const words = `Say hi to ${lane.name}`;
    const response = await lane.bind(proxy().url, { model: "smol-chat" })(words);
    const entry = await logged(proxy(), words);
    expect(response.content).not.toBe("");
    expect(JSON.stringify(entry.response)).toContain(JSON.stringify(response.content));
    expect([response.model, response.stopReason]).toEqual(["smol-chat", "length"]);
    expect([response.inputTokens, response.outputTokens]).toEqual([entry.prompt_tokens, 24]);
    expect(entry.completion_tokens).toBe(24);
    expectCost(lane, response, entry);
  });

  test("a stream gives the answer in pieces", async () => {
    const stream = lane.stream(proxy().url, { model: "smol-chat", maxTokens: 5 });
    const pieces = (await collect(stream)).map(([chunk]) => chunk.content).filter(Boolean);
    expect(pieces.length).toBeGreaterThan(2);
    expect(stream.content).toBe(pieces.join(""));
    expect(stream.partialResponse?.stopReason).toBe("length");
    if (lane.name === "gemini") {
      // LiteLLM does not ask for the usage of a stream in Google's format, then says it was nothing.
      expect(stream.usage).toMatchObject({ promptTokenCount: 0, candidatesTokenCount: 0 });
    } else expect([stream.inputTokens, stream.outputTokens]).toEqual([expect.any(Number), 5]);
  });
}

/** Only the proxy's own format says what a request cost. */
function expectCost(lane: Lane, response: CallResponse, entry: LogEntry): void {
  if (lane.name !== "litellm") {
    expect(response.cost).toBeUndefined();
    return;
  }
  const { inputTokens = 0, outputTokens = 0 } = response;
  expect(response.cost).toBeCloseTo(inputTokens * price.input + outputTokens * price.output, 12);
  expect(response.cost).toBe(entry.response_cost);
  expect(response.id).toBe(entry.id);
  const headers = response.head?.headers;
  expect(headers?.["x-litellm-call-id"]).toBe(entry.call_id);
  expect(headers?.["x-litellm-model-id"]).toBe(entry.model_id);
}

function structured(lane: Lane, proxy: () => ProxyServer): void {
  test.each([
    ["the tool it must call", "tool", {}],
    ["the provider's schema mode", "schema", { jsonMode: "schema" }],
  ])("an answer of a shape, by %s", async (_, mode, options) => {
    const { value, response } = await lane.extract(proxy().url, { model: "smol-chat", options });
    expect(value).toEqual({ city: "Paris", country: "France" });
    expect(response.structuredMode).toBe(mode);
  });

  test("an answer of a shape as it comes", async () => {
    const model = "smol-chat";
    const stream = lane.stream(proxy().url, { model, maxTokens: 80, options: { responseModel: Capital } });
    const values: unknown[] = await collect(stream);
    expect(values.at(-1)).toEqual({ city: "Paris", country: "France" });
  });
}

function tools(lane: Lane, proxy: () => ProxyServer): void {
  const request = { model: "smol-chat", maxTokens: 60, options: { tools: [weather] } };

  test("a tool that the model calls, and its answer to what the tool gave", async () => {
    const done = await toolLoop(lane.bind(proxy().url, request), { maxSteps: 3 })("What is the weather in Paris?");
    const [first, second] = done.responses;
    expect(first?.stopReason).toBe("tool_calls");
    expect(first?.toolCalls?.map(({ name }) => name)).toEqual(["get_weather"]);
    expect(first?.tools?.map(({ args }) => args)).toEqual([{ city: "Paris" }]);
    expect(second?.content).toContain("Sunny in Paris");
  });

  test("a tool call in a stream", async () => {
    const stream = lane.stream(proxy().url, { ...request, words: "What is the weather in Rome?" });
    const uses = (await collect(stream)).flatMap(([, use]) => (use ? [use] : []));
    expect(uses.map(({ name, args }) => [name, args])).toEqual([["get_weather", { city: "Rome" }]]);
  });
}
