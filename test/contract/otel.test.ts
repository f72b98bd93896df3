import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { CallRequest, CommonParams, ProviderTypes } from "../../src/contract/provider.ts";
import { retry } from "../../src/layers/retry.ts";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { instrument } from "../../src/otel/instrument.ts";
import { otel } from "../../src/otel/layer.ts";
import { tool } from "../../src/tools/tool.ts";
import * as fault from "../support/fault-server.ts";
import { startTelemetry, useContexts } from "../support/otel.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, askFor, eventsOf, type Lane, type NetworkLane, secret, serve, streamOf } from "./lane.ts";
import { lanes, networkLanes } from "./lanes/index.ts";

// What the conventions call each provider, by lane.
const names: Readonly<Record<string, string>> = {
  anthropic: "anthropic",
  "azure (ai-inference)": "azure.ai.inference",
  azure: "azure.ai.openai",
  bedrock: "aws.bedrock",
  cohere: "cohere",
  gemini: "gcp.gemini",
  groq: "groq",
  litellm: "litellm",
  local: "local",
  mistral: "mistral_ai",
  openai: "openai",
  vertex: "gcp.vertex_ai",
};

const providerOf = (lane: Lane) => names[lane.name] ?? names[lane.name.split(/[-. ]/)[0] ?? ""] ?? "?";
const operationOf = (lane: Lane) => (/^(?:gemini|vertex)/.test(lane.name) ? "generate_content" : "chat");

const ways = [
  ["a layer", (telemetry: Telemetry) => ({ layers: [otel(telemetry.to)], end: () => {} })],
  ["the channels", (telemetry: Telemetry) => ({ layers: [], end: instrument(telemetry.to) })],
  [
    "both",
    (telemetry: Telemetry) => ({ layers: [otel(telemetry.to), otel(telemetry.to)], end: instrument(telemetry.to) }),
  ],
] as const;

type Telemetry = ReturnType<typeof startTelemetry>;

const common = {
  temperature: 0.5,
  maxTokens: 7,
  topP: 0.9,
  stop: ["END"],
  seed: 3,
  frequencyPenalty: 0.1,
  presencePenalty: 0.2,
} as const satisfies CommonParams;

// checklist: 149
describe.each(lanes)("$name: spans and metrics", (lane) => {
  const identity = {
    "gen_ai.operation.name": operationOf(lane),
    "gen_ai.provider.name": providerOf(lane),
    "gen_ai.request.model": lane.model,
  };
  const usage = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5 };

  test.each(ways)("by %s: a request, whole and streamed, is one span each", async (_, watch) => {
    await using server = await serve(lane, { text: "Hello" });
    const telemetry = startTelemetry();
    const { layers, end } = watch(telemetry);
    try {
      const options = { client: server.client, layers, callParams: lane.native.params };
      const response = await ask(lane, options)();
      const stream = streamOf(lane, options)();
      await collect(stream);
      const [whole, streamed, ...more] = telemetry.spans();
      expect(more).toEqual([]);
      expect(whole?.name).toBe(`${identity["gen_ai.operation.name"]} ${lane.model}`);
      expect(whole?.kind).toBe(lane.name === "local" ? SpanKind.INTERNAL : SpanKind.CLIENT);
      expect(whole?.status).toEqual({ code: SpanStatusCode.UNSET });
      expect(whole?.attributes).toMatchObject({
        ...identity,
        ...usage,
        "gen_ai.request.max_tokens": 7,
        "gen_ai.response.id": response.id,
        "gen_ai.response.model": response.model,
        "gen_ai.response.finish_reasons": ["stop"],
      });
      expect(whole?.attributes["callscope.cost.usd"]).toBe(response.cost);
      expect(whole?.attributes).not.toHaveProperty("gen_ai.request.stream");
      expect(streamed?.attributes).toMatchObject({
        ...identity,
        ...usage,
        "gen_ai.request.stream": true,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": expect.any(Number),
      });
      expect(streamed?.attributes["callscope.cost.usd"]).toBe(stream.cost);
      expect(JSON.stringify([whole?.attributes, streamed?.attributes])).not.toMatch(/Hello|"Hi"|sk-secret/);
      const metrics = await telemetry.metrics();
      const modal = { ...identity, "gen_ai.response.model": response.model, "gen_ai.token.modality": "text" };
      expect(metrics["gen_ai.client.inference.duration"]).toMatchObject([{ unit: "s", count: 2 }]);
      expect(metrics["gen_ai.client.inference.usage.input_tokens"]).toMatchObject([
        { unit: "{token}", sum: 20, attributes: modal },
      ]);
      expect(metrics["gen_ai.client.inference.usage.output_tokens"]).toMatchObject([{ sum: 10, attributes: modal }]);
      expect(metrics["gen_ai.client.inference.operation.input_tokens"]).toMatchObject([{ count: 2, sum: 20 }]);
      expect(metrics["gen_ai.client.inference.time_to_first_chunk"]).toMatchObject([{ count: 1 }]);
    } finally {
      end();
    }
  });

  test.each(ways)(
    "by %s: a loop, its requests and its tools nest, and what a tool does nests in it",
    async (_, watch) => {
      using _contexts = useContexts();
      const asks = { toolCalls: [{ id: "call_1", name: "now", args: "{}" }] };
      await using server = await serve(lane, asks, { text: "noon" }, asks, { text: "noon" });
      const telemetry = startTelemetry();
      const { layers, end } = watch(telemetry);
      const now = tool({
        name: "now",
        description: "Tells the time.",
        call: () => {
          telemetry.to.tracer.startSpan("of the tool").end();
          return "noon";
        },
      });
      try {
        for (const stream of [false, true]) {
          const call = lane.call(lane.model, { client: server.client, layers, tools: [now], stream }, () => "Hi");
          const before = telemetry.spans().length;
          const result = await inSpan(telemetry, async () => toolLoop(call as never)());
          expect((result as { status: string }).status).toBe("done");
          const spans = telemetry.spans().slice(before);
          const [outer, ...named] = spans;
          const byName = (name: string) => named.find((span) => span.name === name);
          const loop = byName("invoke_agent");
          const executed = byName("execute_tool now");
          expect(named.map(({ name }) => name).sort()).toEqual(
            [
              "invoke_agent",
              ...Array(2).fill(`${operationOf(lane)} ${lane.model}`),
              "execute_tool now",
              "of the tool",
            ].sort(),
          );
          for (const span of named) {
            const parent = span === loop ? outer : span.name === "of the tool" ? executed : loop;
            expect(span.parentSpanContext?.spanId, span.name).toBe(parent?.spanContext().spanId);
          }
          expect(executed?.kind).toBe(SpanKind.INTERNAL);
          expect(executed?.attributes).toEqual({
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "now",
            "gen_ai.tool.call.id": "call_1",
            "gen_ai.tool.description": "Tells the time.",
            "gen_ai.tool.type": "function",
          });
          expect(loop?.attributes).toMatchObject({
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.provider.name": providerOf(lane),
            "callscope.loop.status": "done",
            "callscope.loop.requests": 2,
          });
        }
        const { "gen_ai.execute_tool.duration": durations } = await telemetry.metrics();
        expect(durations).toMatchObject([{ unit: "s", count: 2, attributes: { "gen_ai.tool.name": "now" } }]);
      } finally {
        end();
      }
    },
  );

  test.each(ways)("by %s: each re-ask is a span of its own, in one parent", async (_, watch) => {
    using _contexts = useContexts();
    const args = (pages: unknown) => JSON.stringify({ pages });
    const said = (pages: unknown) => ({ toolCalls: [{ id: "call_1", name: "Book", args: args(pages) }] });
    await using server = await serve(lane, said("many"), said(3));
    const telemetry = startTelemetry();
    const { layers, end } = watch(telemetry);
    try {
      const Book = z.object({ pages: z.number() }).meta({ title: "Book" });
      const call = askFor(lane, { client: server.client, layers, responseModel: Book, retries: { validation: 1 } });
      expect(await inSpan(telemetry, () => call())).toEqual({ pages: 3 });
      const [outer, ...asked] = telemetry.spans();
      for (const span of asked) expect(span.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
      expect(asked.map(({ attributes }) => attributes["callscope.request.purpose"])).toEqual([undefined, "validation"]);
      for (const { attributes } of asked) expect(attributes).toMatchObject(usage);
    } finally {
      end();
    }
  });

  test.each(ways)("by %s: a stream that is left ends its span, without a failure", async (_, watch) => {
    await using server = await serve(lane, { text: "Hello there" });
    const telemetry = startTelemetry();
    const { layers, end } = watch(telemetry);
    try {
      for await (const _chunk of streamOf(lane, { client: server.client, layers })()) break;
      const [span, ...more] = telemetry.spans();
      expect(more).toEqual([]);
      expect(span?.status.code).toBe(SpanStatusCode.UNSET);
      expect(span?.attributes).toMatchObject({ ...identity, "callscope.stream.left": true });
      expect(span?.attributes).not.toHaveProperty("gen_ai.usage.output_tokens");
      expect(span?.attributes).not.toHaveProperty("callscope.cost.usd");
    } finally {
      end();
    }
  });

  test("what was said is told where it is asked for, in the form of messages", async () => {
    const thinking = lane.traits.thinking ? { thinking: "Hm." } : {};
    await using server = await serve(lane, { text: "Hello", ...thinking });
    const telemetry = startTelemetry();
    const layers = [otel({ ...telemetry.to, content: true })];
    const write = () => [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ];
    await ask(lane, { client: server.client, layers }, write)();
    await collect(streamOf(lane, { client: server.client, layers }, write)());
    const user = { role: "user", parts: [{ type: "text", content: "Hi" }] };
    const brief = { type: "text", content: "Be brief." };
    for (const { attributes } of telemetry.spans()) {
      const read = (name: string) => {
        const text = attributes[`gen_ai.${name}`];
        return text === undefined ? undefined : (JSON.parse(String(text)) as unknown);
      };
      const apart = lane.traits.systemField;
      expect(read("input.messages")).toEqual(apart ? [user] : [{ role: "system", parts: [brief] }, user]);
      expect(read("system_instructions")).toEqual(apart ? [brief] : undefined);
      const [answer] = read("output.messages") as { role: string; parts: object[] }[];
      expect(answer?.role).toBe("assistant");
      expect(answer?.parts).toContainEqual({ type: "text", content: "Hello" });
      if (lane.traits.thinking) expect(answer?.parts).toContainEqual({ type: "reasoning", content: "Hm." });
    }
  });

  test("its settings are read from what is sent, under their common names", () => {
    for (const name of lane.traits.common) {
      const neutral: CallRequest<ProviderTypes> = {
        model: lane.model,
        messages: [{ role: "user", content: "Hi" }],
        callParams: {},
        common: { [name]: common[name] },
        stream: false,
        tools: [],
        output: undefined,
      };
      const { request } = lane.provider.params(neutral);
      expect(lane.provider.settings?.(request), name).toMatchObject({ [name]: common[name] });
    }
  });
});

describe.each(networkLanes)("$name: spans of what fails", (lane: NetworkLane) => {
  test.each(ways)("by %s: a refusal is the span's error, without its words", async (_, watch) => {
    await using server = await serve(lane, lane.error(429));
    const telemetry = startTelemetry();
    const { layers, end } = watch(telemetry);
    try {
      for (const streamed of [false, true]) {
        const options = { client: server.client, layers };
        const error = await thrownBy(() => (streamed ? collect(streamOf(lane, options)()) : ask(lane, options)()));
        expect(error).toBeInstanceOf(lane.errorClass(429));
        const span = telemetry.spans().at(-1);
        expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: "rate_limit" });
        expect(span?.attributes).toMatchObject({
          "error.type": expect.stringMatching(/^\w+$/),
          "callscope.error.kind": "rate_limit",
          "http.response.status_code": 429,
        });
        expect(JSON.stringify([span?.attributes, span?.events])).not.toContain(secret);
        expect(span?.events).toEqual([]);
      }
      expect(telemetry.spans()).toHaveLength(2);
      const metrics = await telemetry.metrics();
      expect(metrics["gen_ai.client.inference.duration"]?.[0]?.attributes).toHaveProperty(["error.type"]);
      expect(metrics["gen_ai.client.inference.usage.input_tokens"]).toMatchObject([
        { sum: 0, attributes: { "gen_ai.token.modality": "unknown" } },
      ]);
    } finally {
      end();
    }
  });

  test.each(ways)("by %s: each attempt of a retry is a span in the same parent", async (_, watch) => {
    using _contexts = useContexts();
    await using server = await serve(lane, lane.error(503), { text: "Hello" });
    const telemetry = startTelemetry();
    const { layers, end } = watch(telemetry);
    try {
      const again = retry({ wait: async () => {} });
      const call = ask(lane, { client: server.client, layers: [...layers, again] });
      await inSpan(telemetry, () => call());
      const [outer, first, second, ...more] = telemetry.spans();
      expect(more).toEqual([]);
      expect([first, second].map((span) => span?.attributes["callscope.request.attempt"])).toEqual([undefined, 2]);
      expect([first, second].map((span) => span?.status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.UNSET]);
      for (const span of [first, second]) expect(span?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    } finally {
      end();
    }
  });

  test.each(ways)("by %s: a stream that breaks is an error, and its answer has no end", async (_, watch) => {
    const events = eventsOf(lane, { text: "Hello there" });
    const { opening } = lane.script({ text: "Hello there" });
    await using server = await serve(lane, fault.cleanCut(events, opening.length + 1));
    const telemetry = startTelemetry();
    const { layers, end } = watch(telemetry);
    try {
      const error = await thrownBy(() => collect(streamOf(lane, { client: server.client, layers })()));
      const [span, ...more] = telemetry.spans();
      expect(more).toEqual([]);
      expect(span?.status.code).toBe(SpanStatusCode.ERROR);
      expect(span?.attributes["error.type"]).toBe((error as { code: string }).code);
      expect(span?.attributes).not.toHaveProperty("gen_ai.usage.output_tokens");
    } finally {
      end();
    }
  });
});

/** Runs work in a span of the application's own. */
async function inSpan<Result>({ to: { tracer } }: Telemetry, work: () => Promise<Result>): Promise<Result> {
  return tracer.startActiveSpan("outer", async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}
