import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  answer,
  blockEvents,
  callEvents,
  eventStream,
  hello,
  messageEnd,
  messageStart,
  planEvents,
  serve,
  toolCall,
  usage,
} from "../../../test/support/cohere-server.ts";
import * as fault from "../../../test/support/fault-server.ts";
import { collect, type Json } from "../../../test/support/replay.ts";
import { tool } from "../../tools/tool.ts";
import { cohere } from "./index.ts";
import { provider } from "./provider.ts";

const model = "command-a-03-2025";
const time = tool({ name: "get_time", call: () => "12:00" });
const weather = tool({ name: "get_weather", parameters: z.object({ city: z.string() }), call: ({ city }) => city });

/** One step, whatever the tools are. */
type Step = readonly [
  chunk: cohere.CallResponseChunk,
  use: { readonly name: string; readonly id: string; readonly args: unknown; readonly delta?: string } | undefined,
];

/** A stream of these events, read to its end, and the answer the API would have given without one. */
async function streamed(events: readonly Json[], options: cohere.CallOptions = {}) {
  return read(fault.whole(eventStream(...events)), options);
}

async function read(handler: fault.Handler, options: cohere.CallOptions = {}) {
  await using api = await serve(handler);
  const given = { stream: true, ...options, client: api.client } as { stream: true; client: typeof api.client };
  const stream = cohere.call(model, given, () => "Hi")();
  const steps: readonly Step[] = await collect(stream);
  expect(api.body()).toMatchObject({ model, stream: true });
  return { stream, steps, whole: stream.constructCallResponse() };
}

async function unstreamed(body: Json): Promise<cohere.CallResponse> {
  await using api = await serve(fault.status(200, body));
  return await cohere.call(model, { client: api.client }, () => "Hi")();
}

describe("a stream", () => {
  test("of text says step by step what the answer says at once", async () => {
    const { stream, steps, whole } = await read(fault.whole(hello));
    expect(steps.map(([chunk]) => [chunk.chunk.type, chunk.content])).toEqual([
      ["message-start", ""],
      ["content-start", ""],
      ["content-delta", "Hel"],
      ["content-delta", "lo"],
      ["content-end", ""],
      ["message-end", ""],
    ]);
    expect(steps[0]?.[0].id).toBe("chat-1");
    const last = steps.at(-1)?.[0];
    expect(last).toMatchObject({ finishReasons: ["COMPLETE"], inputTokens: 10, outputTokens: 5 });
    expect(last?.usage).toEqual(whole.usage);
    const same = await unstreamed(answer());
    expect(whole.response).toEqual(same.response);
    expect(whole.messageParam).toEqual(same.messageParam);
    expect(stream).toMatchObject({ content: "Hello", id: "chat-1", model, inputTokens: 10, cost: same.cost });
    expect(stream.cost).toBeGreaterThan(0);
  });

  test("of thoughts, plan, text, citations and log-probabilities, folded as they would have come", async () => {
    const citation = { start: 0, end: 1, text: "A", sources: [{ type: "document", id: "d", document: { a_b: 1 } }] };
    const events = blockEvents(1, "text", "A", "B");
    const item = { text: "A", token_ids: [1], logprobs: [-0.5] };
    events.splice(2, 0, { type: "citation-start", index: 0, delta: { message: { citations: citation } } });
    events.splice(3, 0, { type: "citation-end", index: 0 });
    const { steps, whole } = await streamed([
      messageStart,
      ...blockEvents(0, "thinking", "I ", "think. "),
      ...planEvents("I ", "plan."),
      ...events.map((event) => (event.type === "content-delta" ? { ...event, logprobs: item } : event)),
      messageEnd(),
    ]);
    const content = [
      { type: "thinking", thinking: "I think. " },
      { type: "text", text: "AB" },
    ];
    const message = { content, tool_plan: "I plan.", citations: [citation] };
    expect(whole.response).toEqual((await unstreamed(answer(message, { logprobs: [item, item] }))).response);
    expect(steps.map(([chunk]) => chunk.thinking ?? "").join("")).toBe("I think. I plan.");
    expect(whole.thinking).toBe("I think. I plan.");
    expect(whole.content).toBe("AB");
  });

  test("of tools gives each once, when its end has come; one without arguments too", async () => {
    const events = [
      messageStart,
      ...callEvents(0, "1", "get_time"),
      ...callEvents(1, "2", "get_weather", '{"ci', 'ty":"Rome"}'),
      ...callEvents(2, "3", "get_time"),
      messageEnd("TOOL_CALL"),
    ];
    const { steps, whole } = await streamed(events, { tools: [time, weather] });
    const emitted = steps.flatMap(([chunk, use]) => (use ? [[chunk.chunk.type, use.name, use.id, use.args]] : []));
    expect(emitted).toEqual([
      ["tool-call-end", "get_time", "1", {}],
      ["tool-call-end", "get_weather", "2", { city: "Rome" }],
      ["tool-call-end", "get_time", "3", {}],
    ]);
    expect(steps).toHaveLength(events.length);
    expect(whole.response.message.toolCalls).toEqual([
      toolCall("1", "get_time", ""),
      toolCall("2", "get_weather", '{"city":"Rome"}'),
      toolCall("3", "get_time", ""),
    ]);
    expect(whole.messageParam.toolCalls?.map((call) => call.function?.arguments)).toEqual([
      "{}",
      '{"city":"Rome"}',
      "{}",
    ]);
    expect(whole.stopReason).toBe("tool_calls");
  });

  test("of tools that come in turns, matched by index", async () => {
    const [start, first, second, end] = callEvents(0, "1", "get_weather", '{"city":', '"Rome"}') as [
      Json,
      Json,
      Json,
      Json,
    ];
    const other = callEvents(1, "2", "get_weather", '{"city":', '"Oslo"}') as [Json, Json, Json, Json];
    const events = [start, other[0], first, other[1], second, other[2], other[3], end];
    const { steps } = await streamed([messageStart, ...events, messageEnd("TOOL_CALL")], { tools: [weather] });
    const emitted = steps.flatMap(([, use]) => (use ? [[use.id, use.args]] : []));
    expect(emitted).toEqual([
      ["2", { city: "Oslo" }],
      ["1", { city: "Rome" }],
    ]);
  });

  test("shows tools as they grow, where asked to", async () => {
    const events = [messageStart, ...callEvents(0, "1", "get_weather", '{"city":"Ro', 'me"}'), messageEnd("TOOL_CALL")];
    const { steps } = await streamed(events, { tools: [weather], stream: { partialTools: true } } as never);
    const grown = steps.flatMap(([, use]) => (use ? [[use.delta, use.args]] : []));
    expect(grown).toEqual([
      ['{"city":"Ro', { city: "Ro" }],
      ['me"}', { city: "Rome" }],
      [undefined, { city: "Rome" }],
    ]);
  });

  test("of a structured answer", async () => {
    const events = [messageStart, ...callEvents(0, "1", "answer", '{"city":"Ro', 'me"}'), messageEnd("TOOL_CALL")];
    await using api = await serve(fault.whole(eventStream(...events)));
    const responseModel = z.object({ city: z.string() });
    const options = { client: api.client, stream: true, responseModel } as const;
    const values = await collect(cohere.call(model, options, () => "Where?")());
    expect(values.at(-1)).toEqual({ city: "Rome" });
    expect(api.body()).toMatchObject({ stream: true, tool_choice: "REQUIRED" });
  });

  test("may have no usage, no first event, and events and keys nobody knows", async () => {
    const [, growing, end] = blockEvents(0, "text", "Hi") as [Json, Json, Json];
    const unknown = { type: "new-thing", delta: { message: { content: { text: "not said" } } } };
    const { stream, steps, whole } = await streamed([unknown, growing, end, messageEnd("COMPLETE", { new_key: 1 })]);
    expect(steps[0]?.[0].chunk).toEqual(unknown);
    expect(stream).toMatchObject({ content: "Hi", usage: undefined, inputTokens: undefined, cost: undefined });
    expect(whole.response).toEqual({
      message: { role: "assistant", content: [{ type: "text", text: "Hi" }] },
      finishReason: "COMPLETE",
      new_key: 1,
    });
  });

  test("may have events without an index or with nothing in them", async () => {
    const bare = [...blockEvents(0, "text", "A", "B"), ...callEvents(0, "1", "get_time", "{", "}")].map(
      ({ index: _, ...event }) => event,
    );
    const empty = bare.map(({ type }) => ({ type }));
    const { whole } = await streamed([messageStart, ...empty, ...bare, messageEnd()], { tools: [time] });
    expect(whole.content).toBe("AB");
    expect(whole.tools?.map(({ args }) => args)).toEqual([{}]);
  });

  test("that failed is not whole, whoever reads its events", () => {
    const draft = { response: undefined, calls: [], done: false };
    provider.readChunk({ type: "message-end", delta: { finishReason: "ERROR" } }, draft);
    expect(draft).toMatchObject({ done: false, response: { finishReason: "ERROR" } });
  });

  const faults = Object.entries({
    "byte by byte": fault.splitBytes(eventStream(messageStart, ...blockEvents(0, "text", "é😀"), messageEnd())),
    "with CR LF": fault.crlf(eventStream(messageStart, ...blockEvents(0, "text", "é😀"), messageEnd())),
    "with comments": fault.comments(eventStream(messageStart, ...blockEvents(0, "text", "é😀"), messageEnd())),
    "with a byte order mark": fault.bom(eventStream(messageStart, ...blockEvents(0, "text", "é😀"), messageEnd())),
    "without its mark at the end": fault.noDone(
      eventStream(messageStart, ...blockEvents(0, "text", "é😀"), messageEnd()),
    ),
    compressed: fault.gzip(eventStream(messageStart, ...blockEvents(0, "text", "é😀"), messageEnd())),
  });
  test.each(faults)("%s is the same", async (_, handler) => {
    const { whole } = await read(handler);
    expect(whole.content).toBe("é😀");
    expect(whole.usage).toEqual((await unstreamed(answer({}, { usage }))).usage);
  });
});
