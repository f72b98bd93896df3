import { type Meter, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  answer,
  eventStream,
  messageStart,
  serve as serveAnthropic,
  textEvents,
  toolUse,
} from "../../test/support/anthropic-server.ts";
import { completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { startTelemetry, useContexts } from "../../test/support/otel.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import type { Layer } from "../contract/layer.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { watch } from "../send/watch.ts";
import { tool } from "../tools/tool.ts";
import { instrument, otel } from "./index.ts";

const say = (text: string) => text;
const fail = () => {
  throw new Error("telemetry is broken");
};
// A tracer and a meter whose every method throws; only that they are called matters.
const broken = {
  tracer: { startSpan: fail, startActiveSpan: fail } as unknown as Tracer,
  meter: {
    createHistogram: () => ({ record: fail }),
    createCounter: () => ({ add: fail }),
  } as unknown as Meter,
};

describe("what is given", () => {
  test.each([
    [{ trace: 1 }, 'otel() has no option "trace"; it has tracer, meter, content.'],
    [{ tracer: {} }, "`tracer` is a tracer"],
    [{ meter: 3 }, "`meter` is a meter"],
    [{ content: "yes" }, "`content` is true or false"],
    [null, "otel() takes an object of options"],
  ])("that makes no sense is refused before anything is sent: %j", (options, message) => {
    expect(() => otel(options as never)).toThrow(ConfigError);
    expect(() => otel(options as never)).toThrow(message);
    expect(() => instrument(options as never)).toThrow(message.replace("otel()", "instrument()"));
  });

  test("may be nothing: what the process has set up counts, and where it has nothing nothing is felt", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const response = await openai.call("m", { client: server.client, layers: [otel()] }, say)("hi");
    expect(response.content).toBe("Dune");
  });

  test("that fails is never felt by the call", async () => {
    await using server = await startChat(
      completion({ content: "Dune" }),
      textChunks("Du", "ne"),
      completion({ tool_calls: [toolCall("now", {})] }),
      completion({ content: "noon" }),
    );
    const end = instrument(broken);
    try {
      const options = { client: server.client, layers: [otel(broken)] };
      expect((await openai.call("m", options, say)("hi")).content).toBe("Dune");
      const stream = openai.call("m", { ...options, stream: true }, say)("hi");
      await collect(stream);
      expect(stream.content).toBe("Dune");
      const now = tool({ name: "now", call: () => "noon" });
      expect((await toolLoop(openai.call("m", { ...options, tools: [now] }, say))("hi")).status).toBe("done");
    } finally {
      end();
    }
  });
});

// checklist: 149
describe("a request's attributes", () => {
  test("are its settings, where they were set", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const { to, spans } = startTelemetry();
    const callParams = {
      temperature: 0.5,
      top_p: 0.9,
      max_completion_tokens: 7,
      seed: 3,
      stop: "END",
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      n: 2,
      reasoning_effort: "low" as const,
      response_format: { type: "json_object" as const },
    };
    await openai.call("o", { client: server.client, layers: [otel(to)], callParams }, say)("hi JSON");
    expect(spans()[0]?.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "o",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(server.url).port),
      "gen_ai.request.temperature": 0.5,
      "gen_ai.request.top_p": 0.9,
      "gen_ai.request.max_tokens": 7,
      "gen_ai.request.seed": 3,
      "gen_ai.request.stop_sequences": ["END"],
      "gen_ai.request.frequency_penalty": 0.1,
      "gen_ai.request.presence_penalty": 0.2,
      "gen_ai.request.choice.count": 2,
      "gen_ai.request.reasoning.level": "low",
      "gen_ai.output.type": "json",
      "gen_ai.response.id": "chatcmpl-1",
      "gen_ai.response.model": "gpt-4o-mini",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.usage.input_tokens": 10,
      "gen_ai.usage.output_tokens": 5,
      "callscope.cost.usd": expect.any(Number),
    });
  });

  test("tell a reason a choice", async () => {
    const choice = (index: number, finish_reason: string) => ({
      index,
      finish_reason,
      message: { role: "assistant", content: "x" },
    });
    const choices = [choice(0, "stop"), choice(1, "length"), choice(2, "tool_calls")];
    await using server = await startChat({ ...completion({ content: "x" }), choices });
    const { to, spans } = startTelemetry();
    await openai.call("m", { client: server.client, layers: [otel(to)], callParams: { n: 3 } }, say)("hi");
    expect(spans()[0]?.attributes["gen_ai.response.finish_reasons"]).toEqual(["stop", "length", "tool_call"]);
  });

  test("count all input, cached tokens included, and tell those apart", async () => {
    const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 30, cache_creation_input_tokens: 20 };
    await using served = await serveAnthropic(fault.status(200, answer({ usage })));
    const { to, spans, metrics } = startTelemetry();
    await anthropic.call("claude-haiku-4-5", { client: served.client, layers: [otel(to)] }, say)("hi");
    expect(spans()[0]?.attributes).toMatchObject({
      "gen_ai.usage.input_tokens": 60,
      "gen_ai.usage.cache_read.input_tokens": 30,
      "gen_ai.usage.cache_write.input_tokens": 20,
    });
    const { "gen_ai.client.inference.usage.cache_read.input_tokens": read } = await metrics();
    expect(read).toMatchObject([{ sum: 30 }]);
  });

  test("tell sound apart by modality, and of pictures that nobody knows", async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { audio_tokens: 80 },
      completion_tokens_details: { audio_tokens: 40, reasoning_tokens: 4 },
    };
    await using server = await startChat(completion({ content: "Dune", usage }));
    const { to, spans, metrics } = startTelemetry();
    const write = () => [Messages.user(["Look", image("https://example.com/a.png")])];
    await openai.call("gpt-4o-mini", { client: server.client, layers: [otel(to)] }, write)();
    expect(spans()[0]?.attributes).toMatchObject({
      "gen_ai.usage.audio.input_tokens": 80,
      "gen_ai.usage.audio.output_tokens": 40,
      "gen_ai.usage.reasoning.output_tokens": 4,
    });
    const measured = await metrics();
    const byModality = (kind: string) =>
      Object.fromEntries(
        (measured[`gen_ai.client.inference.usage.${kind}`] ?? []).map(({ attributes, sum }) => [
          attributes["gen_ai.token.modality"],
          sum,
        ]),
      );
    expect(byModality("input_tokens")).toEqual({ audio: 80, unknown: 20 });
    expect(byModality("output_tokens")).toEqual({ audio: 40, text: 10 });
    expect(byModality("reasoning.output_tokens")).toEqual({ text: 4 });
  });

  test("hold no key, no header and no words of an error, also where the service repeats them", async () => {
    const { to, spans } = startTelemetry();
    const body = { error: { message: "Incorrect API key sk-secret for: hello", code: "invalid_api_key" } };
    await using faulty = await serveAnthropic(fault.status(401, body));
    const layers = [otel(to)];
    const call = anthropic.call("m", { client: faulty.client, layers }, say).with({ headers: { "x-a": "hidden" } });
    await thrownBy(() => call("hello"));
    const [span] = spans();
    expect(span?.attributes).toMatchObject({
      "error.type": "AuthenticationError",
      "callscope.error.kind": "authentication",
    });
    expect(JSON.stringify([span?.attributes, span?.events, span?.status])).not.toMatch(/sk-secret|hello|hidden/);
  });

  test("of an answer from a cache say so, and nothing is counted", async () => {
    const { to, spans, metrics } = startTelemetry();
    const cache: Layer = { send: async () => ({ response: completion({ content: "Dune" }), cached: true }) };
    const perRequest = { ...cache, perRequest: true as const };
    await openai.call("m", { client: {} as never, layers: [otel(to), perRequest] }, say)("hi");
    expect(spans()[0]?.attributes["callscope.response.cached"]).toBe(true);
    const measured = await metrics();
    expect(measured["gen_ai.client.inference.duration"]).toMatchObject([{ count: 1 }]);
    expect(measured["gen_ai.client.inference.usage.input_tokens"] ?? []).toEqual([]);
  });
});

describe("spans of tools", () => {
  const parameters = z.object({ zone: z.string() });
  const failing = tool({
    name: "now",
    parameters,
    call: () => {
      throw new RangeError("no such hour: hello");
    },
  });
  const asks = completion({ tool_calls: [toolCall("now", { zone: "UTC" })] });

  test("fail with their tool, without its words", async () => {
    await using server = await startChat(asks, completion({ content: "Sorry" }));
    const { to, spans } = startTelemetry();
    const call = openai.call("m", { client: server.client, layers: [otel(to)], tools: [failing] }, say);
    await toolLoop(call)("hi");
    const executed = spans().find(({ name }) => name === "execute_tool now");
    expect(executed?.status.code).toBe(SpanStatusCode.ERROR);
    expect(executed?.attributes["error.type"]).toBe("RangeError");
    expect(JSON.stringify([executed?.attributes, executed?.events, executed?.status])).not.toContain("hello");
  });

  test("hold arguments and result where content is asked for", async () => {
    await using server = await startChat(asks, completion({ content: "noon" }));
    const { to, spans } = startTelemetry();
    const now = tool({ name: "now", parameters, call: () => ({ hour: 12 }) });
    const layers = [otel({ ...to, content: true })];
    await toolLoop(openai.call("m", { client: server.client, layers, tools: [now] }, say))("hi");
    const [, first, executed, second] = spans();
    expect(executed?.attributes).toMatchObject({
      "gen_ai.tool.call.arguments": '{"zone":"UTC"}',
      "gen_ai.tool.call.result": '{"hour":12}',
    });
    expect(first?.attributes["gen_ai.output.messages"]).toBe(
      '[{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"now","arguments":{"zone":"UTC"}}]}]',
    );
    const [, , result] = JSON.parse(String(second?.attributes["gen_ai.input.messages"])) as object[];
    expect(result).toEqual({
      role: "tool",
      parts: [{ type: "tool_call_response", id: "call_1", response: '{"hour":12}' }],
    });
    expect(first?.attributes["gen_ai.tool.definitions"]).toBe('[{"type":"function","name":"now"}]');
  });

  test("show media as the conventions have them, where content is asked for", async () => {
    const png = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de", "hex");
    const calls = { content: [toolUse("toolu_1", "look", {})], stop_reason: "tool_use" };
    const answers = fault.inTurn(fault.status(200, answer(calls)), fault.status(200, answer()));
    await using api = await serveAnthropic(answers);
    const { to, spans } = startTelemetry();
    const look = tool({ name: "look", call: () => ["A cat:", image(png)] });
    const layers = [otel({ ...to, content: true })];
    await toolLoop(anthropic.call("claude-haiku-4-5", { client: api.client, layers, tools: [look] }, say))("hi");
    const parts = [
      { type: "text", content: "A cat:" },
      { type: "blob", modality: "image", mime_type: "image/png", content: png.toString("base64") },
    ];
    const [, , executed, second] = spans();
    expect(JSON.parse(String(executed?.attributes["gen_ai.tool.call.result"]))).toEqual(parts);
    const [, , result] = JSON.parse(String(second?.attributes["gen_ai.input.messages"])) as object[];
    expect(result).toEqual({ role: "tool", parts: [{ type: "tool_call_response", id: "toolu_1", response: parts }] });
  });

  test.each([false, true])("and of a run that is left before its end are no failure; streamed: %s", async (stream) => {
    await using server = await startChat(stream ? toolChunks("now", "call_1", ['{"zone":"UTC"}']) : asks);
    const { to, spans } = startTelemetry();
    const call = openai.call("m", { client: server.client, layers: [otel(to)], tools: [failing], stream }, say);
    for await (const _event of toolLoop(call as never)("hi" as never)) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(spans().map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET]);
    expect(spans()[0]).toMatchObject({ name: "invoke_agent", attributes: { "callscope.loop.status": "left" } });
  });

  test("nest without a context manager, too, and a call that a tool makes nests in it", async () => {
    await using server = await startChat(asks, completion({ content: "inner" }), completion({ content: "done" }));
    const { to, spans } = startTelemetry();
    await within({ layers: [otel(to)] }, async () => {
      const inner = openai.call("inner", { client: server.client }, say);
      const now = tool({ name: "now", parameters, call: async () => (await inner("hi")).content });
      await toolLoop(openai.call("outer", { client: server.client, tools: [now] }, say))("hi");
    });
    const byName = Object.fromEntries(spans().map((span) => [span.name, span]));
    expect(byName["chat inner"]?.parentSpanContext?.spanId).toBe(byName["execute_tool now"]?.spanContext().spanId);
    expect(byName["execute_tool now"]?.parentSpanContext?.spanId).toBe(byName.invoke_agent?.spanContext().spanId);
    expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(1);
  });
});

describe("a stream", () => {
  test.each(["a layer", "the channels"])("that is aborted and never asked again ends its span, by %s", async (way) => {
    await using served = await serveAnthropic(fault.streamStall(eventStream(messageStart, ...textEvents(0, "Du"))));
    const { to, spans } = startTelemetry();
    const end = way === "a layer" ? () => {} : instrument(to);
    const layers = way === "a layer" ? [otel(to)] : [];
    const controller = new AbortController();
    const call = anthropic.call("m", { client: served.client, layers, stream: true }, say);
    const steps = call.with({ signal: controller.signal })("hi")[Symbol.asyncIterator]();
    await steps.next();
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 10));
    end();
    expect(spans()).toHaveLength(1);
    expect(spans()[0]?.attributes["error.type"]).toBe("AbortError");
    await thrownBy(() => steps.next());
    expect(spans()).toHaveLength(1);
  });

  test("is measured from event to event", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const { to, spans, metrics } = startTelemetry();
    await collect(openai.call("m", { client: server.client, layers: [otel(to)], stream: true }, say)("hi"));
    const measured = await metrics();
    const [first] = measured["gen_ai.client.inference.time_to_first_chunk"] ?? [];
    expect(first).toMatchObject({ unit: "s", count: 1 });
    expect(first?.sum).toBe(spans()[0]?.attributes["gen_ai.response.time_to_first_chunk"]);
    expect(measured["gen_ai.client.inference.time_per_output_chunk"]).toMatchObject([{ unit: "s", count: 3 }]);
  });
});

describe("instrument", () => {
  test("ends when it is told to, and leaves the channels as they were", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const call = openai.call("m", { client: server.client }, say);
    const { to, spans } = startTelemetry();
    const end = instrument(to);
    await call("hi");
    end();
    end();
    await call("hi");
    expect(spans()).toHaveLength(1);
    expect(watch.channels?.request.hasSubscribers).toBe(false);
    expect(watch.channels?.tool.hasSubscribers || watch.channels?.loop.hasSubscribers).toBe(false);
  });

  test("follows to its end what had begun", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const { to, spans } = startTelemetry();
    const end = instrument(to);
    const stream = openai.call("m", { client: server.client, stream: true }, say)("hi");
    for await (const _chunk of stream) end();
    expect(spans()[0]?.attributes["gen_ai.usage.output_tokens"]).toBe(5);
    expect(watch.channels?.request.hasSubscribers).toBe(false);
  });

  test("two at once each tell all of it, one within the other", async () => {
    using _contexts = useContexts();
    await using server = await startChat(completion({ content: "Dune" }));
    const [one, other] = [startTelemetry(), startTelemetry()];
    const ends = [instrument(one.to), instrument(other.to)];
    await openai.call("m", { client: server.client }, say)("hi");
    for (const end of ends) end();
    expect(one.spans()).toHaveLength(1);
    expect(other.spans()).toHaveLength(1);
  });
});
