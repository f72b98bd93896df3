import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  badJsonEvent,
  bom,
  cleanCut,
  comments,
  crlf,
  errorEvent,
  gzip,
  noDone,
  reset,
  shortLength,
  splitBytes,
  sse,
  streamStall,
  whole,
} from "../../../../test/support/fault-server.ts";
import { collect, deepFreeze, type Json, thrownBy } from "../../../../test/support/replay.ts";
import {
  answer,
  answering,
  begun,
  callEvents,
  ended,
  eventStream,
  functionCall,
  message,
  reasoning,
  serve,
  textEvents,
  usage,
} from "../../../../test/support/responses-server.ts";
import type { Draft } from "../../../contract/provider.ts";
import { classify } from "../../../errors/classify.ts";
import { ConnectionError, ResponseError } from "../../../errors/errors.ts";
import { StreamError } from "../../../read/stream-error.ts";
import { tool } from "../../../tools/tool.ts";
import { responses } from "../index.ts";

const asked = "gpt-5-mini";
type Types = responses.OpenAIResponsesTypes;

const hello = [...begun, ...textEvents(0, "Hel", "lo ", "🌍"), ended([message("Hello 🌍")])];
const events = eventStream(...hello);

const weather = tool({
  name: "get_weather",
  parameters: z.object({ city: z.string() }),
  call: ({ city }) => `Sunny in ${city}`,
});
const now = tool({ name: "get_time", call: () => "12:00" });

const thought = (delta: string, more: Json = {}): Json => ({
  type: "response.reasoning_summary_text.delta",
  output_index: 0,
  summary_index: 0,
  delta,
  ...more,
});

describe("a stream", () => {
  test("gives text, thoughts and tools as they come, and the whole response at its end", async () => {
    const [rs, first, second] = [
      reasoning(["Hm. ", "So."]),
      functionCall("a", "get_weather", '{"city":"Rome"}'),
      functionCall("b", "get_time", ""),
    ];
    const output = [rs, message("Let me see."), first, second];
    const body = answer(output, { service_tier: "priority" });
    await using api = await serve(
      whole(
        eventStream(
          ...begun,
          { type: "keepalive" },
          { type: "response.output_item.added", output_index: 0, item: reasoning([]) },
          thought("Hm. "),
          thought("So.", { summary_index: 1 }),
          { type: "response.output_item.done", output_index: 0, item: rs },
          ...textEvents(1, "Let me ", "see."),
          ...callEvents(2, first, '{"city"', ':"Rome"}'),
          ...callEvents(3, second),
          { type: "response.completed", response: body },
        ),
      ),
    );
    const call = responses.call(asked, { client: api.client, tools: [weather, now], stream: true }, () => "Weather?");
    const stream = call();
    const steps = await collect(stream);
    expect(api.body()).toMatchObject({ model: asked, stream: true, input: [{ role: "user", content: "Weather?" }] });
    expect(steps.map(([{ content }]) => content).join("")).toBe("Let me see.");
    expect(steps.map(([{ thinking }]) => thinking ?? "").join("")).toBe("Hm. So.");
    const tools = steps.flatMap(([chunk, use]) => (use ? [[chunk.chunk.type, use.name, use.args]] : []));
    expect(tools).toEqual([
      ["response.output_item.done", "get_weather", { city: "Rome" }],
      ["response.output_item.done", "get_time", {}],
    ]);
    expect(steps[0]?.[0]).toMatchObject({ id: "resp_1", model: answering, usage: undefined });
    expect(steps.at(-1)?.[0]).toMatchObject({
      finishReasons: ["completed"],
      usage,
      inputTokens: 100,
      outputTokens: 20,
    });
    const response = stream.constructCallResponse();
    expect(response.response).toEqual({ ...body, output_text: "Let me see." });
    expect(response).toMatchObject({ stopReason: "tool_calls", thinking: "Hm. So.", outputTokens: 20 });
    expect(response.cost).toBeCloseTo(0.0001008, 12);
    expect(stream.messageParam).toEqual({ role: "assistant", output });
  });

  test("shows tool calls while they grow", async () => {
    const item = functionCall("a", "get_weather", '{"city":"Rome"}');
    await using api = await serve(
      whole(eventStream(...begun, ...callEvents(0, item, '{"city":"Ro', 'me"}'), ended([item]))),
    );
    const options = { client: api.client, tools: [weather], stream: { partialTools: true } } as const;
    const seen: unknown[] = [];
    for await (const [, use] of responses.call(asked, options, () => "Weather?")()) {
      if (use) seen.push("delta" in use ? [use.delta, use.args] : use.args);
    }
    expect(seen).toEqual([['{"city":"Ro', { city: "Ro" }], ['me"}', { city: "Rome" }], { city: "Rome" }]);
  });

  test("of a structured answer grows, by tool and by schema", async () => {
    const item = functionCall("a", "answer", '{"title":"Emma"}');
    const byTool = eventStream(...begun, ...callEvents(0, item, '{"title":', '"Emma"}'), ended([item]));
    const byText = eventStream(
      ...begun,
      ...textEvents(0, '{"title":', '"Emma"}'),
      ended([message('{"title":"Emma"}')]),
    );
    for (const [given, jsonMode] of [
      [byTool, false],
      [byText, "schema"],
    ] as const) {
      await using api = await serve(whole(given));
      const options = {
        client: api.client,
        responseModel: z.object({ title: z.string() }),
        jsonMode,
        stream: true,
      } as const;
      const values = await collect(responses.call(asked, options, () => "A book")());
      expect(values.at(-1)).toEqual({ title: "Emma" });
    }
  });

  test("is the same however its bytes come", async () => {
    for (const handler of [
      splitBytes(events),
      crlf(events),
      comments(events),
      bom(events),
      gzip(events),
      noDone(events),
    ]) {
      await using api = await serve(handler);
      const stream = responses.call(asked, { client: api.client, stream: true }, () => "Hi")();
      const steps = await collect(stream);
      expect(steps.map(([{ chunk }]) => chunk)).toEqual(
        hello.map((event, index) => ({ ...event, sequence_number: index })),
      );
      expect(stream.content).toBe("Hello 🌍");
      expect(stream.cost).toBeCloseTo((60 * 0.25 + 40 * 0.025 + 20 * 2) / 1e6, 12);
    }
  });
});

describe("a stream that fails", () => {
  test("throws what the SDK throws for a named error event, and keeps what came", async () => {
    const error = `event: error\n${sse({ type: "error", code: "server_error", message: "Oops", param: null })[0]}`;
    await using api = await serve(errorEvent(events, 6, error));
    const stream = responses.call(asked, { client: api.client, stream: true }, () => "Hi")();
    const thrown = await thrownBy(() => collect(stream));
    expect(thrown).toBeInstanceOf(OpenAI.APIError);
    expect(thrown).toMatchObject({ code: "server_error" });
    expect(classify(thrown).kind).toBe("server");
    expect(stream.content).toBe("Hello ");
    expect(stream.finishReasons).toBeUndefined();
  });

  test("throws a typed error where the SDK throws none, with what was said and what was used", async () => {
    const failed = answer([], { status: "failed", error: { code: "rate_limit_exceeded", message: "Slow down" } });
    const bare = sse({ type: "error", code: "server_error", message: "Oops", param: null })[0]!;
    for (const [event, said] of [
      [eventStream({ type: "response.failed", response: failed })[0]!, "rate_limit_exceeded: Slow down"],
      [bare, "server_error: Oops"],
    ] as const) {
      await using api = await serve(errorEvent(events, 6, event));
      const stream = responses.call(asked, { client: api.client, stream: true }, () => "Hi")();
      const broken = (await thrownBy(() => collect(stream))) as StreamError & {
        readonly partial: responses.CallResponse | undefined;
      };
      expect(broken).toMatchObject({ code: "stream_broken", partial: { content: "Hello " } });
      const thrown = broken.cause as ResponseError;
      expect(thrown).toBeInstanceOf(ResponseError);
      expect(thrown.message).toBe(`The response of openai-responses failed: ${said}`);
      expect(thrown.cause).toMatchObject({ code: said.split(":")[0] });
      expect(stream.content).toBe("Hello ");
      expect(() => stream.constructCallResponse()).toThrow(StreamError);
      if (event !== bare) expect([thrown.response, stream.usage]).toEqual([failed, usage]);
    }
  });

  test("never looks whole when it is cut", async () => {
    const cases = [
      [cleanCut(events, 6), StreamError, "stream_ended_early"],
      [reset(events, 6), StreamError, "stream_broken"],
      [shortLength(events, 6), StreamError, "stream_broken"],
      [badJsonEvent(events, 6), StreamError, "stream_broken"],
      [cleanCut(events, 0), StreamError, "stream_ended_early"],
      [reset(events, 0), ConnectionError, "connection"],
    ] as const;
    for (const [handler, expected, code] of cases) {
      await using api = await serve(handler);
      const stream = responses.call(asked, { client: api.client, stream: true }, () => "Hi")();
      const thrown = await thrownBy(() => collect(stream));
      expect(thrown).toBeInstanceOf(expected);
      expect(thrown).toMatchObject({ code });
      expect(stream.cost).toBeUndefined();
      expect(() => stream.messageParam).toThrow(StreamError);
    }
  });

  test("never runs a tool whose call was cut", async () => {
    const item = functionCall("a", "get_weather", '{"city":"Rome"}');
    const given = eventStream(...begun, ...callEvents(0, item, '{"city"', ':"Rome"}'), ended([item]));
    await using api = await serve(cleanCut(given, 4));
    const stream = responses.call(asked, { client: api.client, tools: [weather], stream: true }, () => "Hi")();
    const uses: unknown[] = [];
    const thrown = await thrownBy(async () => {
      for await (const [, use] of stream) uses.push(use);
    });
    expect(thrown).toMatchObject({ code: "stream_ended_early" });
    expect(uses.filter(Boolean)).toEqual([]);
    expect(stream.partialResponse?.toolCalls?.[0]?.input).toBe('{"city"');
  });

  test("ends on silence, on a time limit, on an abort, and when the loop is left", async () => {
    const open = async (overrides: object, abort?: AbortController) => {
      await using api = await serve(streamStall(events, 6));
      const stream = responses.call(asked, { client: api.client, stream: true }, () => "Hi").with(overrides)();
      const thrown = await thrownBy(async () => {
        for await (const [chunk] of stream) if (chunk.content === "lo ") abort?.abort(new Error("enough"));
      });
      await api.server.clientClosed;
      expect(stream.content).toBe("Hello ");
      return thrown;
    };
    expect(await open({ idleTimeout: 50 })).toMatchObject({ code: "stream_stalled" });
    expect(await open({ timeout: 100 })).toMatchObject({ code: "timeout" });
    const abort = new AbortController();
    expect(await open({ signal: abort.signal }, abort)).toMatchObject({ message: "enough" });
    await using api = await serve(streamStall(events, 6));
    const stream = responses.call(asked, { client: api.client, stream: true }, () => "Hi")();
    for await (const [chunk] of stream) if (chunk.content !== "") break;
    await api.server.clientClosed;
    expect(stream.content).toBe("Hel");
  });
});

describe("events", () => {
  const fold = (...given: readonly Json[]) => {
    const draft: Draft<Types> = { response: undefined, calls: [], done: false };
    // Frozen: what was received is the caller's, too.
    const readings = given.map((event) =>
      responses.provider.readChunk(deepFreeze(event) as object as Types["Chunk"], draft),
    );
    return { draft, readings, response: draft.response && responses.provider.read(draft.response) };
  };

  test("fold into the response that a call without a stream gives", () => {
    const items = [reasoning(["Hm."]), message("Hello"), functionCall("a", "f", "{}")];
    const given = [
      ...begun,
      { type: "response.output_item.added", output_index: 0, item: reasoning([]) },
      { type: "response.output_item.done", output_index: 0, item: items[0]! },
      ...textEvents(1, "Hel", "lo"),
      ...callEvents(2, items[2]!, "{", "}"),
    ];
    const before = fold(...given).draft.response;
    expect(before?.output).toEqual(items);
    expect(before?.output_text).toBe("Hello");
    expect(fold(...given, ended(items)).draft.response).toEqual({ ...answer(items), output_text: "Hello" });
  });

  test("of a service that leaves some out still give the whole", () => {
    const items = [message("Hello"), functionCall("a", "f", "{}")];
    const lastOnly = fold(ended(items));
    expect(lastOnly.draft).toMatchObject({ done: true, calls: [{ id: "a", name: "f", input: "{}", complete: true }] });
    expect(lastOnly.response).toMatchObject({ content: "Hello", finishReasons: ["completed"] });
    // Items one by one, then an end without any; whole texts and arguments without their pieces.
    const wholes = fold(
      { type: "response.output_item.added", output_index: 0, item: message("", { content: [] }) },
      { type: "response.output_text.done", output_index: 0, content_index: 0, text: "Hello" },
      { type: "response.output_item.done", output_index: 1, item: items[1] },
      ended([]),
    );
    expect(wholes.readings.map(({ content }) => content).join("")).toBe("Hello");
    expect(wholes.response).toMatchObject({ content: "Hello", toolCalls: [{ id: "a", input: "{}" }] });
    expect(wholes.draft.calls).toMatchObject([{ id: "a", input: "{}", complete: true }]);
  });

  test("add nothing to a tool call that is whole", () => {
    const item = functionCall("a", "f", "{}");
    const late = { type: "response.function_call_arguments.delta", output_index: 0, delta: "!" };
    const { draft } = fold(...begun, ...callEvents(0, item, "{}"), late, { ...late, output_index: 1 });
    expect(draft.calls).toMatchObject([{ input: "{}", complete: true }]);
    expect(draft.response?.output).toEqual([item]);
  });

  test("that make no sense change nothing", () => {
    const text = { type: "response.output_text.delta", content_index: 0, delta: "x" };
    const { draft, readings } = fold(
      { type: "brand_new.event", output_index: 0 },
      { ...text, output_index: 0 },
      { type: "response.output_item.added", output_index: 1e9, item: message("x") },
      { type: "response.output_item.added", output_index: -1, item: functionCall("a", "f", "") },
      { type: "response.output_item.added", output_index: 0 },
      { type: "response.completed" },
      ended([message("Hello")]),
      { ...text, output_index: 0 },
      { type: "response.output_item.done", output_index: 0, item: message("other") },
    );
    expect(readings.map(({ content }) => content).join("")).toBe("");
    expect(draft).toMatchObject({ done: true, calls: [], response: { output_text: "Hello" } });
  });

  test("of refusals, raw thoughts, citations and custom tools are kept", () => {
    const at = { output_index: 0, content_index: 0 };
    const citation = { type: "url_citation", url: "https://example.com", title: "E", start_index: 0, end_index: 1 };
    const { draft, readings, response } = fold(
      ...begun,
      { type: "response.output_item.added", output_index: 0, item: message("", { content: [] }) },
      { type: "response.output_text.delta", ...at, delta: "A" },
      { type: "response.output_text.annotation.added", ...at, annotation: citation },
      { type: "response.refusal.delta", output_index: 0, content_index: 1, delta: "I can" },
      { type: "response.refusal.done", output_index: 0, content_index: 1, refusal: "I cannot." },
      { type: "response.output_item.added", output_index: 1, item: reasoning([]) },
      { type: "response.reasoning_text.delta", output_index: 1, content_index: 0, delta: "Raw." },
      {
        type: "response.output_item.added",
        output_index: 2,
        item: { type: "custom_tool_call", call_id: "c", name: "sql", input: "" },
      },
      { type: "response.custom_tool_call_input.delta", output_index: 2, delta: "SELECT 1" },
    );
    const toolCalls = [{ id: "c", name: "sql", input: "SELECT 1" }];
    expect(response).toMatchObject({ content: "A", refusal: "I cannot.", thinking: [{ text: "Raw." }], toolCalls });
    expect(readings.map(({ thinking }) => thinking ?? "").join("")).toBe("Raw.");
    expect(draft.response?.output).toMatchObject([
      { content: [{ text: "A", annotations: [citation] }, { refusal: "I cannot." }] },
      { content: [{ text: "Raw." }] },
      { input: "SELECT 1" },
    ]);
  });
});
