import OpenAI from "openai";
import { describe, expect, test, vi } from "vitest";
import { chunk, completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { ResponseError, TimeoutError } from "../errors/errors.ts";
import { openai } from "../providers/openai/index.ts";
import { jsonSchema } from "../schema/schema.ts";
import { tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { StreamError } from "./stream-error.ts";

const say = (genre: string) => `Recommend a ${genre} book`;
const clientOf = (url: string) => new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });
const streamOf = (client: OpenAI) => openai.call("gpt-4o-mini", { stream: true, client }, say);

const add = tool({
  name: "add",
  parameters: jsonSchema<{ a: number }>({ type: "object", properties: { a: { type: "number" } }, required: ["a"] }),
  call: ({ a }) => a + 1,
});
const now = tool({ name: "now", call: () => 0 });

describe("a stream", () => {
  // checklist: 92, 102
  test("sends nothing until it is iterated", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const stream = streamOf(server.client)("fantasy");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.requests).toHaveLength(0);
    expect(() => stream.content).toThrow("for await");
    expect(stream.spent).toBeUndefined();
    const steps = await collect(stream);
    expect(steps.map(([{ content }]) => content)).toEqual(["Du", "ne", "", ""]);
    expect(server.bodies).toEqual([
      {
        model: "gpt-4o-mini",
        messages: [{ role: "user", content: "Recommend a fantasy book" }],
        stream: true,
        stream_options: { include_usage: true },
      },
    ]);
  });

  // checklist: 96, 97, 100, 106
  test("is, at its end, what the call would have given", async () => {
    await using server = await startChat(textChunks("Du", "ne"), completion({ content: "Dune" }));
    const stream = streamOf(server.client)("x");
    await collect(stream);
    const streamed = stream.constructCallResponse();
    const plain = await openai.call("gpt-4o-mini", { client: server.client }, say)("x");
    for (const key of [
      "content",
      "finishReasons",
      "stopReason",
      "model",
      "id",
      "usage",
      "inputTokens",
      "outputTokens",
      "cost",
      "messageParam",
      "message",
      "fnArgs",
      "messages",
    ] as const) {
      expect(streamed[key], key).toEqual(plain[key]);
    }
    expect(stream.cost).toBe(plain.cost);
    expect(stream.cost).toBeGreaterThan(0);
    expect(stream.spent).toEqual({ inputTokens: 10, outputTokens: 5, cost: plain.cost, estimated: false });
    expect(`${stream}`).toBe("Dune");
    expect(stream.startTime).toBeLessThanOrEqual(stream.endTime ?? 0);
    expect(stream.finishReasons).toEqual(["stop"]);
    expect(JSON.parse(JSON.stringify(streamed))).toMatchObject({ content: "Dune", cost: plain.cost });
  });

  // checklist: 102
  test("merges the user's stream options and honours a no", async () => {
    await using server = await startChat(textChunks("a"));
    const { client } = server;
    await collect(
      openai.call(
        "m",
        { stream: true, client, callParams: { stream_options: { include_obfuscation: false } } },
        say,
      )("x"),
    );
    await collect(openai.call("m", { stream: true, client, callParams: { stream_options: null } }, say)("x"));
    expect(server.bodies.map(({ stream_options: options }) => options)).toEqual([
      { include_usage: true, include_obfuscation: false },
      null,
    ]);
  });

  test("asks for no usage where the caller says so", async () => {
    await using server = await startChat(textChunks("a"));
    const callParams = { stream_options: { include_usage: false } };
    await collect(openai.call("m", { stream: true, client: server.client, callParams }, say)("x"));
    expect(server.bodies[0]?.stream_options).toEqual({ include_usage: false });
  });

  // checklist: 108
  test("without usage has no cost", async () => {
    await using server = await startChat([chunk({ content: "a" }), chunk({}, "stop")]);
    const stream = streamOf(server.client)("x");
    await collect(stream);
    expect(stream).toMatchObject({ usage: undefined, inputTokens: undefined, cost: undefined });
    expect(stream.spent).toMatchObject({ estimated: true });
  });

  // checklist: 99
  test("is iterated once, and a second time erases nothing", async () => {
    await using server = await startChat(textChunks("Dune"));
    const stream = streamOf(server.client)("x");
    await collect(stream);
    expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_consumed" });
    expect(stream.content).toBe("Dune");
    expect(stream.constructCallResponse().content).toBe("Dune");
  });

  // checklist: 96, 97
  test("is no response before its end", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const stream = streamOf(server.client)("x");
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
    for await (const _ of stream) {
      expect(() => stream.constructCallResponse()).toThrow(StreamError);
      expect(() => stream.messageParam).toThrow(StreamError);
      expect(stream.cost).toBeUndefined();
      break;
    }
    expect(() => stream.constructCallResponse()).toThrow("has not come to its end");
    expect(stream.content).toBe("Du");
  });

  // checklist: 77, 107
  test("keeps sound: bytes, transcript and the id to go on with", async () => {
    const audio = (value: object, finish: string | null = null) => chunk({ audio: value }, finish);
    const bytes = [Buffer.from("abcd"), Buffer.from("efg"), Buffer.from("h")];
    await using server = await startChat([
      audio({ id: "audio_1", transcript: "He" }),
      ...bytes.map((data) => audio({ data: data.toString("base64") })),
      audio({ transcript: "y", expires_at: 5 }, "stop"),
    ]);
    const stream = streamOf(server.client)("x");
    const steps = await collect(stream);
    expect(Buffer.concat(steps.map(([{ audio: sound }]) => sound ?? new Uint8Array())).toString()).toBe("abcdefgh");
    expect(steps.map(([chunk]) => chunk.audioTranscript ?? "").join("")).toBe("Hey");
    const response = stream.constructCallResponse();
    expect(Buffer.from(response.audio ?? []).toString()).toBe("abcdefgh");
    expect(response.audioTranscript).toBe("Hey");
    expect(response.messageParam).toMatchObject({ audio: { id: "audio_1" } });
  });
});

describe("tools in a stream", () => {
  const useTools = (client: OpenAI) => openai.call("m", { stream: true, client, tools: [add, now] }, say);

  // checklist: 103, 109
  test("come once, whole, with the event that completes them", async () => {
    await using server = await startChat(toolChunks("add", "call_1", ['{"a"', ":1}"]));
    const stream = useTools(server.client)("x");
    const steps = await collect(stream);
    expect(steps.map(([, use]) => use?.name)).toEqual([undefined, undefined, undefined, "add", undefined]);
    const use = steps[3]?.[1];
    expect(use?.args).toEqual({ a: 1 });
    expect(await use?.call()).toBe(2);
    expect(use?.toolCall).toEqual(toolCall("add", '{"a":1}'));
    expect(stream.toolMessageParams([[use as NonNullable<typeof use>, 2]])).toEqual([
      { role: "tool", tool_call_id: "call_1", content: "2" },
    ]);
  });

  const call = (index: number, fn: object, id?: string) =>
    chunk({ tool_calls: [{ index, ...(id && { id, type: "function" }), function: fn }] });

  // checklist: 93, 103
  test.each<[string, object[], [string, unknown][]]>([
    [
      "without arguments",
      [
        call(0, { name: "now", arguments: "" }, "a"),
        call(1, { name: "add", arguments: '{"a":1}' }, "b"),
        chunk({}, "tool_calls"),
      ],
      [
        ["now", {}],
        ["add", { a: 1 }],
      ],
    ],
    [
      "two in one event",
      [
        chunk(
          {
            tool_calls: [
              { index: 0, id: "a", function: { name: "add", arguments: '{"a":1}' } },
              { index: 1, id: "b", function: { name: "add", arguments: '{"a":2}' } },
            ],
          },
          "tool_calls",
        ),
      ],
      [
        ["add", { a: 1 }],
        ["add", { a: 2 }],
      ],
    ],
    [
      "last of all",
      [call(0, { name: "add", arguments: '{"a":1}' }, "a"), chunk({}, "tool_calls")],
      [["add", { a: 1 }]],
    ],
    [
      "in turns",
      [
        call(0, { name: "add", arguments: "{" }, "a"),
        call(1, { name: "add", arguments: "{" }, "b"),
        call(0, { arguments: '"a":1}' }),
        call(1, { arguments: '"a":2}' }),
        chunk({}, "tool_calls"),
      ],
      [
        ["add", { a: 1 }],
        ["add", { a: 2 }],
      ],
    ],
    [
      "with one id twice",
      [
        call(0, { name: "add", arguments: '{"a":1}' }, "a"),
        call(1, { name: "add", arguments: '{"a":2}' }, "a"),
        chunk({}, "tool_calls"),
      ],
      [
        ["add", { a: 1 }],
        ["add", { a: 2 }],
      ],
    ],
    [
      "with a further id under one index",
      [
        call(0, { name: "add", arguments: '{"a":1}' }, "a"),
        call(0, { name: "add", arguments: '{"a":2}' }, "b"),
        chunk({}, "tool_calls"),
      ],
      [
        ["add", { a: 1 }],
        ["add", { a: 2 }],
      ],
    ],
    [
      "without an index",
      [
        chunk({ tool_calls: [{ id: "a", function: { name: "add", arguments: '{"a"' } }] }),
        chunk({ tool_calls: [{ function: { arguments: ":1}" } }] }),
        chunk({}, "tool_calls"),
      ],
      [["add", { a: 1 }]],
    ],
  ])("are not lost %s", async (_, events, expected) => {
    await using server = await startChat(events);
    const stream = useTools(server.client)("x");
    const steps = await collect(stream);
    expect(steps.flatMap(([, use]) => (use ? [[use.name, use.args]] : []))).toEqual(expected);
    expect(new Set(steps.map(([{ chunk }]) => chunk)).size).toBe(events.length);
    expect(steps.map(([{ content }]) => content).join("")).toBe(stream.content);
    const message = stream.messageParam as { tool_calls: { function: { arguments: string } }[] };
    expect(message.tool_calls).toHaveLength(expected.length);
  });

  // checklist: 105
  test("grow, if asked for, and then come whole; the turn lists each once", async () => {
    await using server = await startChat(toolChunks("add", "call_1", ['{"a', '":', "12", "3}"]));
    const stream = openai.call("m", { stream: { partialTools: true }, client: server.client, tools: [add] }, say)("x");
    const seen = (await collect(stream)).flatMap(([, use]) =>
      use === undefined ? [] : ["delta" in use ? [use.delta, use.args] : ["whole", use.args]],
    );
    expect(seen).toEqual([
      ['{"a', {}],
      ['":', {}],
      ["12", {}],
      ["3}", { a: 123 }],
      ["whole", { a: 123 }],
    ]);
    expect(stream.constructCallResponse().toolCalls).toHaveLength(1);
  });

  // checklist: 80
  test("that do not exist are thrown at the end, by name; nothing else is lost", async () => {
    await using server = await startChat([
      call(0, { name: "constructor", arguments: "{}" }, "a"),
      call(1, { name: "add", arguments: '{"a":1}' }, "b"),
      chunk({ content: "x" }, "tool_calls"),
    ]);
    const stream = useTools(server.client)("x");
    const names: string[] = [];
    const error = await thrownBy(async () => {
      for await (const [, use] of stream) if (use) names.push(use.name);
    });
    expect(error).toBeInstanceOf(ToolError);
    expect(error).toMatchObject({ code: "unknown_tool", toolName: "constructor" });
    expect(names).toEqual(["add"]);
    expect(stream.constructCallResponse().toolCalls).toHaveLength(2);
    expect(() => stream.constructCallResponse().tools).toThrow("constructor");
  });

  test("that are cut off are never emitted", async () => {
    await using server = await fault.startServer(
      fault.cleanCut(fault.sse(...toolChunks("add", "a", ['{"a', '":1}'])), 2),
    );
    const stream = useTools(clientOf(server.url))("x");
    const uses: unknown[] = [];
    const error = (await thrownBy(async () => {
      for await (const [, use] of stream) uses.push(use);
    })) as StreamError & { readonly partial: openai.CallResponse | undefined };
    expect(error).toMatchObject({ code: "stream_ended_early" });
    expect(uses.filter((use) => use !== undefined)).toEqual([]);
    expect(error.partial?.toolCalls).toHaveLength(1);
  });
});

// checklist: 95
describe("a stream that does not end well", () => {
  const events = fault.sse(...textChunks("Du", "ne", "!"), "[DONE]");

  const broken = async (handler: Parameters<typeof fault.startServer>[0], overrides = {}) => {
    const server = await fault.startServer(handler);
    const stream = streamOf(clientOf(server.url)).with(overrides)("x");
    const error = await thrownBy(() => collect(stream));
    return { server, stream, error: error as StreamError & { readonly partial: openai.CallResponse | undefined } };
  };

  test("cut by a clean end throws and keeps what came", async () => {
    const { server, stream, error } = await broken(fault.cleanCut(events, 2));
    await using _ = server;
    expect(error).toBeInstanceOf(StreamError);
    expect(error.code).toBe("stream_ended_early");
    expect(error.partial?.content).toBe("Dune");
    expect(error.partial?.cost).toBeUndefined();
    expect(stream.content).toBe("Dune");
    expect(stream.cost).toBeUndefined();
    expect(stream.endTime).toBeGreaterThan(0);
  });

  test.each([
    ["reset", fault.reset(events, 2)],
    ["cut short of its length", fault.shortLength(events, 2)],
    ["broken by an event that is no JSON", fault.badJsonEvent(events, 2)],
  ])("%s throws with the language's error behind ours", async (_, handler) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { server, stream, error } = await broken(handler);
    await using __ = server;
    expect(error).toBeInstanceOf(StreamError);
    expect(error.code).toBe("stream_broken");
    expect(error.cause).toBeInstanceOf(Error);
    expect(stream.content).toBe("Dune");
    vi.restoreAllMocks();
  });

  test("by an error event is the SDK's own error", async () => {
    const { server, stream, error } = await broken(fault.errorEvent(events, 2, fault.errorEvents.openai));
    await using _ = server;
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(stream.content).toBe("Dune");
    expect(stream.spent).toMatchObject({ estimated: true, outputTokens: 1 });
    expect(stream.spent?.cost).toBeGreaterThan(0);
  });

  test("that stalls ends by the idle timeout", async () => {
    const { server, error } = await broken(fault.streamStall(events, 2), { idleTimeout: 1_000 });
    await using _ = server;
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_stalled", message: expect.stringContaining("1000 ms") });
    expect(error.partial?.content).toBe("Dune");
    await server.clientClosed;
  });

  test("that takes too long ends by the timeout", async () => {
    const { server, stream, error } = await broken(fault.slow(events, 150), { timeout: 500 });
    await using _ = server;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(stream.content.length).toBeGreaterThan(0);
    await server.clientClosed;
  });

  test("whose answer never begins ends by either", async () => {
    for (const limits of [{ timeout: 50 }, { idleTimeout: 50 }]) {
      const { server, error } = await broken(fault.hang, limits);
      await using _ = server;
      expect(error).toMatchObject({ code: limits.timeout ? "timeout" : "stream_stalled" });
      await server.clientClosed;
    }
  });

  test.each([
    [
      "an error status",
      fault.status(401, '{"error":{}}', { "content-type": "application/json" }),
      OpenAI.AuthenticationError,
    ],
    ["no stream at all", fault.html200, ResponseError],
    ["an empty object", fault.emptyObject200, ResponseError],
  ])("from the start: %s", async (_, handler, ErrorClass) => {
    const { server, error } = await broken(handler);
    await using __ = server;
    if (ErrorClass === ResponseError) expect(error).toMatchObject({ code: "stream_ended_early" });
    else expect(error).toBeInstanceOf(ErrorClass);
  });

  test("an abort throws its reason although the SDK ends silently, and what was used is told", async () => {
    await using server = await fault.startServer(fault.slow(events, 30));
    const controller = new AbortController();
    const reason = new Error("enough");
    const stream = streamOf(clientOf(server.url)).with({ signal: controller.signal })("x");
    const error = await thrownBy(async () => {
      for await (const [{ content }] of stream) if (content === "ne") controller.abort(reason);
    });
    expect(error).toBe(reason);
    expect(stream.content).toBe("Dune");
    expect(stream.spent).toMatchObject({ estimated: true });
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
    await server.clientClosed;
  });

  test("an abort before sends nothing", async () => {
    await using server = await startChat(textChunks("a"));
    const reason = new Error("no");
    const stream = streamOf(server.client).with({ signal: AbortSignal.abort(reason) })("x");
    expect(await thrownBy(() => collect(stream))).toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  test("an SDK that does not listen is not waited for", async () => {
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    const client = { chat: { completions: { create: async () => silent } } } as unknown as OpenAI;
    const error = await thrownBy(() => collect(streamOf(client).with({ idleTimeout: 20 })("x")));
    expect(error).toMatchObject({ code: "stream_stalled" });
  });

  // checklist: 98
  test("leaving it closes the connection", async () => {
    await using server = await fault.startServer(
      fault.slow(fault.sse(...textChunks(...Array<string>(200).fill("a"))), 10),
    );
    const stream = streamOf(clientOf(server.url))("x");
    for await (const [{ content }] of stream) if (content !== "") break;
    await server.clientClosed;
    expect(stream.content).toBe("a");
  });

  test("a slow reader is not taken for a stalled stream", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const stream = streamOf(server.client).with({ idleTimeout: 30 })("x");
    for await (const _ of stream) await new Promise((resolve) => setTimeout(resolve, 45));
    expect(stream.content).toBe("Dune");
  });
});

describe("odd but right streams", () => {
  const events = fault.sse(...textChunks("héllo 😀", " wörld"), "[DONE]");

  test.each([
    ["byte by byte", fault.splitBytes(events)],
    ["with CRLF", fault.crlf(events)],
    ["with comments", fault.comments(events)],
    ["without [DONE]", fault.noDone(events)],
    ["gzipped", fault.gzip(events)],
  ])("%s", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const stream = streamOf(clientOf(server.url))("x");
    await collect(stream);
    expect(stream.content).toBe("héllo 😀 wörld");
  });

  test("ten thousand events", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `${index} `);
    await using server = await startChat(textChunks(...many));
    const stream = streamOf(server.client)("x");
    let content = "";
    for await (const [chunk] of stream) content += chunk.content;
    expect(content).toBe(many.join(""));
    expect(stream.content).toBe(content);
  });
});

test("an abort while the reader is busy ends the stream with the very next step", async () => {
  await using server = await startChat(textChunks("a", "b", "c", "d", "e"));
  const controller = new AbortController();
  const reason = new Error("enough");
  const stream = streamOf(server.client).with({ signal: controller.signal })("x");
  const seen: string[] = [];
  const error = await thrownBy(async () => {
    for await (const [{ content }] of stream) {
      seen.push(content);
      if (content === "a") controller.abort(reason);
    }
  });
  expect(error).toBe(reason);
  expect(seen).toEqual(["a"]);
});

test("a stream that is refused has spent nothing", async () => {
  await using server = await fault.startServer(fault.retryAfter("1"));
  const stream = streamOf(clientOf(server.url))("x");
  expect(await thrownBy(() => collect(stream))).toMatchObject({ status: 429 });
  expect(stream.spent).toBeUndefined();
});

test("what a broken stream has spent is priced by the user's own table and the tier it was served at", async () => {
  const first = { ...chunk({ content: "Dune" }), model: "deployed", service_tier: "priority" };
  await using server = await startChat([first]);
  const call = openai.call("house-model", { stream: true, client: server.client }, say);
  const priced = call.with({ prices: { "house-model": { input: 1_000_000, output: 1_000_000 } } })("x");
  await thrownBy(() => collect(priced));
  expect(priced.spent?.cost).toBeGreaterThan(1);
  const listed = openai.call("gpt-4o-mini", { stream: true, client: server.client }, say)("x");
  await thrownBy(() => collect(listed));
  expect(listed.spent).toMatchObject({ estimated: true, cost: undefined });
});
