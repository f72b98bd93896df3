import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { frame } from "../../../test/support/converse.ts";
import {
  answer,
  clientOf,
  delta,
  events,
  hello,
  messageStop,
  metadata,
  opening,
  start,
  stop,
  usage,
} from "../../../test/support/converse-server.ts";
import {
  type Handler,
  type LoopbackServer,
  splitBytes,
  startServer,
  status,
  whole,
} from "../../../test/support/fault-server.ts";
import { collect } from "../../../test/support/replay.ts";
import { tool } from "../../tools/tool.ts";
import { bedrock } from "./index.ts";

const model = "us.anthropic.claude-sonnet-4-20250514-v1:0";
const weather = tool({ name: "weather", parameters: z.object({ city: z.string() }), call: ({ city }) => city });
const now = tool({ name: "now", call: () => "noon" });

let server: LoopbackServer;
let client: BedrockRuntimeClient;

async function serve(handler: Handler): Promise<void> {
  server = await startServer(handler);
  client = clientOf(server.url);
}

afterEach(async () => {
  client?.destroy();
  await server?.close();
});

const stream = () => bedrock.call(model, { client, stream: true }, () => "hi")();

describe("text", () => {
  // checklist: 93, 94, 100, 101
  test("event by event, with the id of the answer and the usage after its end", async () => {
    const [first, ...rest] = hello;
    await serve(async (reply) => {
      reply.head(200, { "content-type": "application/vnd.amazon.eventstream", "x-amzn-requestid": "request-7" });
      await reply.write(Buffer.concat([first as Uint8Array, ...rest]));
      reply.end();
    });
    const running = stream();
    const steps = await collect(running);
    expect(steps.map(([chunk]) => chunk.content)).toEqual(["", "Hel", "lo", "", "", ""]);
    expect(steps.map(([{ id }]) => id)).toEqual(["request-7", ...Array(5).fill(undefined)]);
    expect(steps[4]?.[0].finishReasons).toEqual(["end_turn"]);
    expect(steps[5]?.[0]).toMatchObject({ usage, inputTokens: 10, outputTokens: 5 });
    expect(running).toMatchObject({ content: "Hello", id: "request-7", model, finishReasons: ["end_turn"], usage });
    expect(running.cost).toBeCloseTo((10 * 3 + 5 * 15) / 1e6, 10);
    expect(server.requests[0]?.path).toBe(`/model/${encodeURIComponent(model)}/converse-stream`);
  });

  test("cut anywhere, it is the same", async () => {
    await serve(splitBytes(hello));
    const running = stream();
    expect(await collect(running)).toHaveLength(6);
    expect(running.content).toBe("Hello");
  });
});

test("the response is the one the SDK gives without a stream", async () => {
  const source = [{ text: "Ruby was made in 1993." }];
  const citation = {
    title: "facts",
    sourceContent: source,
    location: { documentChar: { documentIndex: 0, start: 0, end: 9 } },
  };
  const redacted = Buffer.from([1, 2, 3, 250]).toString("base64");
  const content = [
    { reasoningContent: { reasoningText: { text: "Let me see", signature: "sig==" } } },
    { reasoningContent: { redactedContent: redacted } },
    { text: "In " },
    { citationsContent: { content: [{ text: "1993" }], citations: [citation, citation] } },
    { toolUse: { toolUseId: "s1", name: "nova_code_interpreter", input: { snippet: "1+1" }, type: "server_tool_use" } },
    { toolResult: { toolUseId: "s1", content: [{ json: { out: "2" } }, { text: "two lines" }], status: "success" } },
    { image: { format: "png", source: { bytes: Buffer.from([9, 8, 7]).toString("base64") } } },
    { hologram: { depth: 3 } },
    { toolUse: { toolUseId: "c1", name: "weather", input: { city: "Rome" } } },
    { toolUse: { toolUseId: "c2", name: "now", input: {} } },
  ];
  const end = { trace: { promptRouter: { invokedModelId: "arn:router/anthropic.claude-3-haiku-20240307-v1:0" } } };
  const extra = { additionalModelResponseFields: { stop_sequence: "x" } };
  const frames = [
    delta(0, { reasoningContent: { text: "Let me" } }),
    delta(0, { reasoningContent: { text: " see" } }),
    delta(0, { reasoningContent: { signature: "sig==" } }),
    stop(0),
    delta(1, { reasoningContent: { redactedContent: Buffer.from([1, 2]).toString("base64") } }),
    delta(1, { reasoningContent: { redactedContent: Buffer.from([3, 250]).toString("base64") } }),
    delta(2, { text: "In " }),
    delta(3, { text: "19" }),
    delta(3, { citation }),
    delta(3, { text: "93" }),
    delta(3, { citation }),
    start(4, { toolUse: { toolUseId: "s1", name: "nova_code_interpreter", type: "server_tool_use" } }),
    delta(4, { toolUse: { input: '{"snippet":"1+1"}' } }),
    start(5, { toolResult: { toolUseId: "s1", status: "success" } }),
    delta(5, { toolResult: [{ json: { out: "2" } }] }),
    delta(5, { toolResult: [{ text: "two " }, { text: "lines" }] }),
    start(6, { image: { format: "png" } }),
    delta(6, { image: { source: { bytes: Buffer.from([9]).toString("base64") } } }),
    delta(6, { image: { source: { bytes: Buffer.from([8, 7]).toString("base64") } } }),
    delta(7, { hologram: { depth: 3 } }),
    start(8, { toolUse: { toolUseId: "c1", name: "weather" } }),
    delta(8, { toolUse: { input: '{"ci' } }),
    start(9, { toolUse: { toolUseId: "c2", name: "now" } }),
    delta(8, { toolUse: { input: 'ty":"Rome"}' } }),
    frame("messageStop", { stopReason: "tool_use", ...extra }),
    metadata(end),
  ];
  await serve(whole([opening, ...frames]));
  const running = bedrock.call(model, { client, stream: true, tools: [weather, now] }, () => "hi")();
  const steps = await collect(running);
  const folded = running.constructCallResponse();
  await server.close();
  client.destroy();
  await serve(answer(content, "tool_use", { ...end, ...extra }));
  const straight = await bedrock.call(model, { client, tools: [weather, now] }, () => "hi")();
  const { $metadata: _, ...expected } = straight.response;
  const { $metadata: __, ...found } = folded.response;
  expect(found).toEqual(expected);
  for (const response of [folded, straight]) {
    expect(response).toMatchObject({ content: "In 1993", thinking: "Let me see", stopReason: "tool_calls" });
    expect(response.model).toBe(end.trace.promptRouter.invokedModelId);
    expect(response.tools?.map(({ id, args }) => [id, args])).toEqual([
      ["c1", { city: "Rome" }],
      ["c2", {}],
    ]);
    expect(JSON.parse(JSON.stringify(response)).message.native.message.content).toEqual(
      content.map((block) => ("hologram" in block ? { $unknown: ["hologram", { depth: 3 }] } : block)),
    );
  }
  expect(steps.flatMap(([, use]) => (use ? [use.id] : []))).toEqual(["c1", "c2"]);
});

describe("tools", () => {
  // checklist: 103, 105
  test("each once, when nothing can follow; its pieces if asked for", async () => {
    const use = start(0, { toolUse: { toolUseId: "1", name: "weather" } });
    const pieces = ["", '{"city":"R', 'ome"}'].map((input) => delta(0, { toolUse: { input } }));
    await serve(events(use, ...pieces, stop(0), messageStop("tool_use")));
    const call = bedrock.call(model, { client, stream: { partialTools: true }, tools: [weather] }, () => "hi");
    const steps = await collect(call());
    expect(
      steps.map(([{ chunk }, use]) => [Object.keys(chunk)[0], use && ("delta" in use ? use.delta : use.args)]),
    ).toEqual([
      ["messageStart", undefined],
      ["contentBlockStart", undefined],
      ["contentBlockDelta", undefined],
      ["contentBlockDelta", '{"city":"R'],
      ["contentBlockDelta", 'ome"}'],
      ["contentBlockStop", { city: "Rome" }],
      ["messageStop", undefined],
      ["metadata", undefined],
    ]);
  });

  test("arguments that are no JSON stay text, and the error comes with them", async () => {
    const use = start(0, { toolUse: { toolUseId: "1", name: "weather" } });
    await serve(events(use, delta(0, { toolUse: { input: '{"city":' } }), stop(0), messageStop("max_tokens")));
    const running = bedrock.call(model, { client, stream: true, tools: [weather] }, () => "hi")();
    const [[, broken] = []] = (await collect(running)).filter(([, use]) => use !== undefined);
    expect(() => broken?.args).toThrow("they are not JSON");
    expect(running.constructCallResponse().toolCalls?.[0]?.input).toBe('{"city":');
  });

  test("a structured answer is forced and read as it grows", async () => {
    const use = start(0, { toolUse: { toolUseId: "1", name: "answer", type: "tool_use" } });
    const pieces = ['{"title":"Em', 'ma"}'].map((input) => delta(0, { toolUse: { input } }));
    await serve(events(use, ...pieces, stop(0), messageStop("tool_use")));
    const responseModel = z.object({ title: z.string() });
    const books = await collect(bedrock.call(model, { client, stream: true, responseModel }, () => "hi")());
    expect(books.at(0)).toEqual({ title: "Em" });
    expect(books.at(-1)).toEqual({ title: "Emma" });
    expect(server.requests[0]?.body).toMatchObject({ toolConfig: { toolChoice: { tool: { name: "answer" } } } });
  });
});

test("tokens: the cache is part of what was read, an hour's writes are told apart", async () => {
  const cached = {
    ...usage,
    cacheReadInputTokens: 100,
    cacheWriteInputTokens: 30,
    cacheDetails: [
      { ttl: "1h", inputTokens: 20 },
      { ttl: "5m", inputTokens: 10 },
    ],
  };
  await serve(
    status(200, {
      output: { message: { role: "assistant", content: [{ text: "x" }] } },
      usage: cached,
      stopReason: "new_reason",
      performanceConfig: { latency: "optimized" },
    }),
  );
  const response = await bedrock.call(model, { client }, () => "hi")();
  expect(response.tokens).toEqual({ input: 140, output: 5, cacheRead: 100, cacheWrite: 30, cacheWrite1h: 20 });
  expect([response.finishReasons, response.stopReason]).toEqual([["new_reason"], "other"]);
  // Latency-optimized inference has prices of its own, which the list has not.
  expect(response.cost).toBeUndefined();
});
