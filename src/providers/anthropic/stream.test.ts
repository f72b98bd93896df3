import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  answer,
  answering,
  blockEvents,
  endEvents,
  eventStream,
  messageStart,
  serve,
  textEvents,
  toolEvents,
  toolUse,
} from "../../../test/support/anthropic-server.ts";
import { crlf, splitBytes, whole } from "../../../test/support/fault-server.ts";
import { collect, type Json } from "../../../test/support/replay.ts";
import { Messages } from "../../message/message.ts";
import { tool } from "../../tools/tool.ts";
import { ToolError } from "../../tools/tool-error.ts";
import { anthropic } from "./index.ts";

const asked = "claude-haiku-4-5";
const hello = eventStream(messageStart, ...textEvents(0, "Hel", "lo"), ...endEvents("end_turn"));
const city = tool({ name: "get_weather", parameters: z.object({ city: z.string() }), call: ({ city }) => city });
const clock = tool({ name: "get_time", call: () => "12:00" });

const streaming = (client: Anthropic) => anthropic.call(asked, { client, stream: true }, () => "Hi");

describe("streams", () => {
  // checklist: 93, 94, 96, 100
  test("text: every event once, and in the end the message a call would have given", async () => {
    for (const handler of [whole(hello), splitBytes(hello), crlf(hello)]) {
      await using api = await serve(handler);
      const stream = streaming(api.client)();
      expect(api.server.requests).toEqual([]);
      const steps = await collect(stream);
      expect(api.body()).toEqual({
        model: asked,
        max_tokens: 8192,
        messages: [{ role: "user", content: "Hi" }],
        stream: true,
      });
      expect(eventStream(...steps.map(([{ chunk }]) => chunk as object as Json))).toEqual(hello);
      expect(steps.map(([{ content }]) => content).filter(Boolean)).toEqual(["Hel", "lo"]);
      const response = stream.constructCallResponse();
      expect(response.response).toEqual(answer());
      expect(response).toMatchObject({ content: "Hello", finishReasons: ["end_turn"], id: "msg_1", model: answering });
      // 3 and 15 US dollars a million tokens: https://platform.claude.com/docs/en/about-claude/pricing
      expect(stream.cost).toBeCloseTo((10 * 3 + 5 * 15) / 1e6, 12);
      expect([steps[0]?.[0].inputTokens, steps.at(-2)?.[0].outputTokens]).toEqual([10, 5]);
      expect(stream.messageParam).toEqual({ role: "assistant", content: answer().content });
    }
  });

  // checklist: 101
  test("the counts of the last event replace the first ones, each where it has one", async () => {
    const first = { input_tokens: 10, cache_creation_input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 1 };
    const begin = { type: "message_start", message: answer({ content: [], stop_reason: null, usage: first }) };
    const counts = { input_tokens: 20, cache_creation_input_tokens: null, output_tokens: 9 };
    const details = { output_tokens_details: { thinking_tokens: 4 }, server_tool_use: { web_search_requests: 1 } };
    const last = endEvents("end_turn", { ...counts, ...details });
    await using api = await serve(whole(eventStream(begin, ...textEvents(0, "Hi"), ...last)));
    const stream = streaming(api.client)();
    const steps = await collect(stream);
    const { response, tokens } = stream.constructCallResponse();
    expect(response.usage).toEqual({ ...first, input_tokens: 20, output_tokens: 9, ...details });
    expect(tokens).toEqual({ input: 30, output: 9, cacheRead: 3, cacheWrite: 7, reasoning: 4 });
    // What was given with an earlier event stays as it was.
    expect(steps[0]?.[0].usage).toEqual(first);
  });

  // checklist: 77, 152
  test("thoughts stay apart, signatures and citations survive the round trip", async () => {
    const citation = { type: "char_location", cited_text: "x", document_index: 0 };
    const sent = eventStream(
      messageStart,
      ...blockEvents(
        0,
        { type: "thinking", thinking: "", signature: "" },
        { type: "thinking_delta", thinking: "Let me " },
        { type: "thinking_delta", thinking: "see." },
        { type: "signature_delta", signature: "c2ln" },
      ),
      ...blockEvents(1, { type: "redacted_thinking", data: "abc" }),
      ...blockEvents(
        2,
        { type: "text", text: "", citations: null },
        { type: "text_delta", text: "So." },
        { type: "citations_delta", citation },
        { type: "citations_delta", citation },
      ),
      ...blockEvents(
        3,
        { type: "future", text: "x" },
        { type: "future_delta", data: "a" },
        { type: "future_delta", data: "b", n: 1 },
      ),
      ...endEvents("end_turn"),
    );
    await using api = await serve(whole(sent));
    const stream = streaming(api.client)();
    const steps = await collect(stream);
    const thoughts = steps.flatMap(([{ thinking }]) => thinking ?? []);
    expect(thoughts).toEqual(["Let me ", "see."]);
    const { response, content, thinking, message } = stream.constructCallResponse();
    expect([content, thinking]).toEqual(["So.", "Let me see."]);
    expect(response.content).toEqual([
      { type: "thinking", thinking: "Let me see.", signature: "c2ln" },
      { type: "redacted_thinking", data: "abc" },
      { type: "text", text: "So.", citations: [citation, citation] },
      { type: "future", text: "x", data: "ab", n: 1 },
    ]);
    expect(message.content).toEqual([
      { type: "thinking", text: "Let me see.", signature: "c2ln" },
      { type: "text", text: "So." },
    ]);
    const again = await anthropic.call(asked, () => ({ messages: [Messages.user("Hi"), message] })).prepare();
    expect(again.messages[1]?.content).toEqual(response.content);
  });

  // checklist: 103
  test("tool calls are given once, whole, at the event that completes each", async () => {
    const sent = eventStream(
      messageStart,
      ...toolEvents(0, "a", "get_weather", "", '{"ci', 'ty":"Rome"}'),
      ...toolEvents(1, "b", "get_time", ""),
      ...blockEvents(
        2,
        { type: "server_tool_use", id: "s", name: "web_search", input: {} },
        { type: "input_json_delta", partial_json: '{"q":1}' },
      ),
      ...toolEvents(3, "c", "get_time"),
      ...endEvents("tool_use"),
    );
    await using api = await serve(whole(sent));
    const options = { client: api.client, stream: { partialTools: true }, tools: [city, clock] } as const;
    const stream = anthropic.call(asked, options, () => "Hi")();
    const given: [string, unknown][] = [];
    for await (const [{ chunk }, use] of stream) {
      if (use !== undefined) given.push([chunk.type, "delta" in use ? use.delta : [use.id, use.args]]);
    }
    expect(given).toEqual([
      ["content_block_delta", '{"ci'],
      ["content_block_delta", 'ty":"Rome"}'],
      ["content_block_stop", ["a", { city: "Rome" }]],
      ["content_block_stop", ["b", {}]],
      ["content_block_stop", ["c", {}]],
    ]);
    expect(stream.constructCallResponse().response.content).toEqual([
      toolUse("a", "get_weather", { city: "Rome" }),
      toolUse("b", "get_time", {}),
      { type: "server_tool_use", id: "s", name: "web_search", input: { q: 1 } },
      toolUse("c", "get_time", {}),
    ]);
  });

  test("arguments that are no JSON are an error with their text, and go back as an object", async () => {
    const sent = eventStream(
      messageStart,
      ...toolEvents(0, "a", "get_weather", '{"city": Ro'),
      ...endEvents("max_tokens"),
    );
    await using api = await serve(whole(sent));
    const stream = anthropic.call(asked, { client: api.client, stream: true, tools: [city] }, () => "Hi")();
    const uses = (await collect(stream)).flatMap(([, use]) => use ?? []);
    expect(() => uses[0]?.args).toThrow(ToolError);
    const response = stream.constructCallResponse();
    expect(response.toolCalls?.[0]?.input).toBe('{"city": Ro');
    expect(response.messageParam.content).toEqual([toolUse("a", "get_weather", { INVALID_JSON: '{"city": Ro' })]);
  });

  // checklist: 139, 141
  test("a structured stream grows by the forced tool's arguments", async () => {
    const json = ['{"title":"Em', 'ma","tags":["a"', ',"b"]}'];
    await using api = await serve(
      whole(eventStream(messageStart, ...toolEvents(0, "a", "answer", ...json), ...endEvents("tool_use"))),
    );
    const responseModel = z.object({ title: z.string(), tags: z.array(z.string()) });
    const stream = anthropic.call(asked, { client: api.client, stream: true, responseModel }, () => "A book")();
    const values = await collect(stream);
    expect(values[0]).toEqual({ title: "Em" });
    expect(values.at(-1)).toEqual({ title: "Emma", tags: ["a", "b"] });
    expect(api.body()).toMatchObject({ stream: true, tool_choice: { type: "tool", name: "answer" } });
  });

  test("indexes that run ahead of the blocks, as relays leave some out, lose nothing", async () => {
    const sent = eventStream(
      messageStart,
      ...textEvents(1, "One. "),
      ...toolEvents(2, "a", "get_weather", '{"city":"Rome"}'),
      ...endEvents("tool_use"),
    );
    await using api = await serve(whole(sent));
    const stream = streaming(api.client)();
    await collect(stream).catch((error: unknown) => expect(error).toBeInstanceOf(ToolError));
    const response = stream.constructCallResponse();
    expect(response.content).toBe("One. ");
    expect(response.toolCalls).toMatchObject([{ id: "a", input: { city: "Rome" } }]);
  });
});
