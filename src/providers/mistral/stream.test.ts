import type { Mistral } from "@mistralai/mistralai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as fault from "../../../test/support/fault-server.ts";
import { chunk, events, send, toolCall, type Wire } from "../../../test/support/mistral-wire.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { stepsOf } from "../../../test/support/steps.ts";
import { tool } from "../../tools/tool.ts";
import { ToolError } from "../../tools/tool-error.ts";
import { mistral } from "./index.ts";

const now = tool({ name: "now", call: () => "noon" });
const weather = tool({ name: "weather", parameters: z.object({ city: z.string() }), call: ({ city }) => city });
const tools = [now, weather] as const;

/** Streams these events to the end. */
async function streamed(chunks: readonly Wire[], partialTools = false) {
  const { result } = await send(
    async (client) => {
      const stream = mistral.call("m", { client, stream: { partialTools }, tools }, () => "x")();
      return { stream, steps: await collect(stream) };
    },
    fault.whole(events(...chunks)),
  );
  const uses = result.steps.flatMap(([, use]) => (use === undefined ? [] : [use]));
  return { ...result, uses, whole: result.stream.constructCallResponse() };
}

describe("text", () => {
  test("the sent body, every event, and the completion a call without a stream gives", async () => {
    const chunks = [
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }, "stop"),
    ];
    const { body, result } = await send(
      async (client) => {
        const stream = mistral.call("mistral-tiny", { client, stream: true }, () => "Hi")();
        return { stream, steps: await collect(stream) };
      },
      fault.whole(events(...chunks)),
    );
    expect(body).toEqual({ model: "mistral-tiny", messages: [{ role: "user", content: "Hi" }], stream: true });
    expect(result.steps.map(([{ content, id }]) => [content, id])).toEqual([
      ["", "s1"],
      ["Hel", "s1"],
      ["lo", "s1"],
    ]);
    expect(result.steps.at(-1)?.[0]).toMatchObject({ finishReasons: ["stop"], inputTokens: 10, outputTokens: 4 });
    expect(result.stream.constructCallResponse().response).toEqual({
      id: "s1",
      object: "chat.completion",
      created: 1,
      model: "mistral-tiny",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello", prefix: false }, finishReason: "stop" }],
      usage: { promptTokens: 10, completionTokens: 4, totalTokens: 14 },
    });
    expect(result.stream.cost).toBeCloseTo((14 * 0.25) / 1e6, 12);
    expect(result.stream.messageParam).toEqual({ role: "assistant", content: "Hello", prefix: false });
  });

  test.each<[string, fault.Handler]>([
    ["byte by byte", fault.splitBytes(events(chunk({ content: "Grüße 🎉" }), chunk({}, "stop")))],
    ["with CRLF", fault.crlf(events(chunk({ content: "Grüße 🎉" }), chunk({}, "stop")))],
    ["with comments", fault.comments(events(chunk({ content: "Grüße 🎉" }), chunk({}, "stop")))],
    ["without [DONE]", fault.noDone(events(chunk({ content: "Grüße 🎉" }), chunk({}, "stop")))],
    ["compressed", fault.gzip(events(chunk({ content: "Grüße 🎉" }), chunk({}, "stop")))],
  ])("is the same %s", async (_, handler) => {
    const { result } = await send(async (client) => {
      const stream = mistral.call("m", { client, stream: true }, () => "x")();
      await collect(stream);
      return stream.content;
    }, handler);
    expect(result).toBe("Grüße 🎉");
  });

  test("what was received can be read at every step", async () => {
    const { result } = await send(
      async (client) => {
        const stream = mistral.call("m", { client, stream: true }, () => "x")();
        const seen: unknown[] = [];
        for await (const _ of stream)
          seen.push([stream.content, stream.finishReasons, stream.inputTokens, stream.cost]);
        return seen;
      },
      fault.whole(events({ ...chunk({}), choices: [] }, chunk({ content: "a" }), chunk({ content: "b" }, "stop"))),
    );
    expect(result).toEqual([
      ["", undefined, undefined, undefined],
      ["a", undefined, undefined, undefined],
      ["ab", ["stop"], 10, undefined],
    ]);
  });

  test("several choices: the first one's text, everyone's reason", async () => {
    const at = (index: number, content: string, reason: string | null = null) => {
      return { ...chunk({}), choices: [{ index, delta: { content }, finish_reason: reason }] };
    };
    const { whole, stream } = await streamed([at(0, "a"), at(1, "x"), at(1, "y", "length"), at(0, "b", "stop")]);
    expect([stream.content, whole.finishReasons]).toEqual(["ab", ["stop", "length"]]);
    expect(whole.response.choices[1]?.message?.content).toBe("xy");
    const cut = thrownBy(() => streamed([at(0, "a", "stop"), at(1, "x")]));
    expect(await cut).toMatchObject({ code: "stream_ended_early" });
  });

  test("thoughts, references and texts become the chunks of one answer", async () => {
    const think = (text: string, more: Wire = {}) => ({
      type: "thinking",
      thinking: [{ type: "text", text }],
      ...more,
    });
    const { steps, whole } = await streamed([
      chunk({ role: "assistant", content: "" }),
      chunk({ content: [think("12 ")] }),
      chunk({ content: [think("times 12", { signature: "c2ln", closed: true }), { type: "text", text: "1" }] }),
      chunk({ content: "4" }),
      chunk({
        content: [
          { type: "reference", reference_ids: [1] },
          { type: "text", text: "4" },
        ],
      }),
      chunk({ content: "!" }, "stop"),
    ]);
    expect(steps.map(([{ content, thinking }]) => [content, thinking])).toEqual([
      ["", undefined],
      ["", "12 "],
      ["1", "times 12"],
      ["4", undefined],
      ["4", undefined],
      ["!", undefined],
    ]);
    expect(whole.messageParam.content).toEqual([
      { type: "thinking", thinking: [{ type: "text", text: "12 times 12" }], signature: "c2ln", closed: true },
      { type: "text", text: "14" },
      { type: "reference", referenceIds: [1] },
      { type: "text", text: "4!" },
    ]);
    expect([whole.content, whole.thinking]).toEqual(["144!", "12 times 12"]);
    // The SDK's events stay what they were.
    expect(steps[1]?.[0].chunk.data.choices[0]?.delta.content).toEqual([think("12 ")]);
  });
});

describe("tools", () => {
  const begin = (id: string, name: string, args: string | object, index = 0) => toolCall(id, name, args, index);

  test("parallel calls in one event, the last one without arguments", async () => {
    const calls = [begin("a", "weather", '{"city":"Rome"}', 0), begin("b", "now", "", 1)];
    const { uses, whole, steps } = await streamed([chunk({ content: "" }), chunk({ tool_calls: calls }, "tool_calls")]);
    expect(uses.map(({ name, id, args }) => ({ name, id, args }))).toEqual([
      { name: "weather", id: "a", args: { city: "Rome" } },
      { name: "now", id: "b", args: {} },
    ]);
    expect(new Set(steps.map(([{ chunk: event }]) => event)).size).toBe(2);
    expect(whole.messageParam.toolCalls).toEqual(calls);
    expect(whole.stopReason).toBe("tool_calls");
  });

  test.each<[string, Wire[][], [string, string, unknown][]]>([
    [
      "fragments without name and id go on with the call of their index",
      [
        [begin("a", "weather", "", 0), begin("b", "weather", "", 1)],
        [{ index: 1, function: { name: "", arguments: '{"city":' } }],
        [{ index: 0, function: { name: "", arguments: '{"city":"Rome"}' } }],
        [{ index: 1, function: { name: "", arguments: '"Oslo"}' } }],
      ],
      [
        ["a", "weather", { city: "Rome" }],
        ["b", "weather", { city: "Oslo" }],
      ],
    ],
    [
      "another id under the same index is another call",
      [[begin("a", "weather", '{"city":"Rome"}')], [begin("b", "weather", '{"city":"Oslo"}')]],
      [
        ["a", "weather", { city: "Rome" }],
        ["b", "weather", { city: "Oslo" }],
      ],
    ],
    [
      "so is another name, or a whole call, where there are no ids",
      [
        [{ function: { name: "now", arguments: "" } }, { function: { name: "weather", arguments: '{"city":"Rome"}' } }],
        [{ function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
      ],
      [
        ["", "now", {}],
        ["", "weather", { city: "Rome" }],
        ["", "weather", { city: "Oslo" }],
      ],
    ],
    [
      "a repeated id or a late one is the same call",
      [
        [{ function: { name: "weather", arguments: '{"city"' } }],
        [begin("a", "weather", ':"Ro')],
        [begin("a", "weather", 'me"}')],
      ],
      [["a", "weather", { city: "Rome" }]],
    ],
    ["arguments may be an object", [[begin("a", "weather", { city: "Rome" })]], [["a", "weather", { city: "Rome" }]]],
  ])("%s", async (_, fragments, expected) => {
    const chunks = fragments.map((tool_calls) => chunk({ tool_calls }));
    const { uses, whole } = await streamed([...chunks, chunk({}, "tool_calls")]);
    expect(uses.map(({ id, name, args }) => [id, name, args])).toEqual(expected);
    expect(whole.tools?.map(({ id, name, args }) => [id, name, args])).toEqual(expected);
  });

  test("partial tools grow, then the whole one comes once", async () => {
    const { uses, whole } = await streamed(
      [
        chunk({ tool_calls: [begin("a", "weather", "")] }),
        chunk({ tool_calls: [{ function: { name: "", arguments: '{"city":"Ro' } }] }),
        chunk({ tool_calls: [{ function: { name: "", arguments: 'me"}' } }] }),
        chunk({}, "tool_calls"),
      ],
      true,
    );
    expect(uses.map((use) => ("delta" in use ? [use.delta, use.args] : use.args))).toEqual([
      ['{"city":"Ro', { city: "Ro" }],
      ['me"}', { city: "Rome" }],
      { city: "Rome" },
    ]);
    expect(whole.messageParam.toolCalls).toHaveLength(1);
  });

  test("an unknown tool is an error at the end, and stays visible", async () => {
    let stream: mistral.Stream | undefined;
    const error = await thrownBy(() =>
      send(
        async (client) => {
          stream = mistral.call("m", { client, stream: true, tools }, () => "x")();
          await collect(stream);
        },
        fault.whole(events(chunk({ tool_calls: [begin("a", "toString", "{}")] }, "tool_calls"))),
      ),
    );
    expect(error).toBeInstanceOf(ToolError);
    expect(stream?.constructCallResponse().toolCalls).toMatchObject([{ name: "toString" }]);
  });

  test("what Mistral's own tools did between two turns is neither text nor call", async () => {
    const { stream, uses, whole } = await streamed([
      chunk({ role: "assistant", content: "Let me look. ", index: 0 }),
      chunk({ tool_calls: [begin("a", "web_search", "{}")], index: 0 }),
      chunk({ role: "tool", tool_call_id: "a", content: "a long page", index: 1 }),
      chunk({ role: "assistant", content: "Found ", index: 2 }),
      chunk({ content: "it.", tool_calls: [begin("b", "now", "{}")], index: 2 }, "tool_calls"),
    ]);
    expect(stream.content).toBe("Let me look. Found it.");
    expect(uses.map(({ id }) => id)).toEqual(["b"]);
    expect(whole.toolCalls?.map(({ id }) => id)).toEqual(["b"]);
    expect(whole.response.choices[0]?.messages?.map(({ role }) => role)).toEqual(["assistant", "tool", "assistant"]);
  });

  test("a structured answer grows out of a forced call", async () => {
    const Book = z.object({ title: z.string() }).meta({ title: "Book" });
    const { result } = await send(
      (client: Mistral) => collect(mistral.call("m", { client, stream: true, responseModel: Book }, () => "x")()),
      fault.whole(
        events(
          chunk({ tool_calls: [begin("a", "Book", '{"title":"Du')] }),
          chunk({ tool_calls: [{ function: { name: "", arguments: 'ne"}' } }] }, "tool_calls"),
        ),
      ),
    );
    expect(result).toEqual([{ title: "Du" }, { title: "Dune" }, { title: "Dune" }]);
  });

  test("indices that are nonsense allocate nothing", async () => {
    const far = { ...chunk({}), choices: [{ index: 2 ** 30, delta: { content: "x" }, finish_reason: "stop" }] };
    const { whole } = await streamed([far, chunk({ content: "y", index: 2 ** 30 }), chunk({ content: "a" }, "stop")]);
    expect([whole.content, whole.response.choices.length]).toEqual(["a", 1]);
  });
});

test("a long answer takes steps in proportion to its length", async () => {
  const many = Array.from({ length: 5_000 }, () => chunk({ content: "word " }));
  const { stream } = await streamed([...many, chunk({}, "stop")]);
  expect(stream.content).toHaveLength(25_000);
  const event = { data: { id: "c", model: "m", choices: [{ index: 0, delta: { content: "a" }, finishReason: null }] } };
  const steps = (count: number) => {
    const draft = { response: undefined, calls: [], done: false };
    return stepsOf(() => {
      for (let at = 0; at < count; at++) mistral.provider.readChunk(event as never, draft);
    });
  };
  expect(steps(5_000)).toBeLessThan(steps(500) * 11);
});
