import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors/errors.ts";
import { Messages } from "../../src/message/message.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { ParseError } from "../../src/structured/parse-error.ts";
import { tool } from "../../src/tools/tool.ts";
import { ToolError } from "../../src/tools/tool-error.ts";
import type { ChatLane } from "./chat-lane.ts";
import { completion, startChat, toolCall } from "./chat-server.ts";
import { deepFreeze, type Json, thrownBy } from "./replay.ts";

// How every provider of the chat-completions wire calls tools and is asked for a shape, over its real SDK.

const say = () => "Hi";
/** A tool with nested arguments. */
export const add = tool({
  name: "add",
  description: "Adds.",
  parameters: jsonSchema<{ n: { a: number } }>({
    type: "object",
    properties: { n: { type: "object", properties: { a: { type: "number" } }, required: ["a"] } },
    required: ["n"],
  }),
  call: ({ n }) => n.a + 1,
});
const now = tool({ name: "now", call: () => 12 });
const addDeclared = {
  type: "function",
  function: {
    name: "add",
    description: "Adds.",
    parameters: {
      type: "object",
      properties: { n: { type: "object", properties: { a: { type: "number" } }, required: ["a"] } },
      required: ["n"],
    },
  },
};
const nowDeclared = { type: "function", function: { name: "now" } };
/** A response model. */
export const book = jsonSchema<{ title: string }>({
  title: "Book",
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
});

/** A turn that only calls tools, as it is sent. */
export const turn = ({ keepsNull }: ChatLane, calls: object[]) => ({
  role: "assistant",
  ...(keepsNull && { content: null }),
  tool_calls: calls,
});

/** The tests of tools and structured answers. */
export function describeChatTools(lane: ChatLane): void {
  describe(`${lane.title}: tools`, () => tools(lane));
  describe(`${lane.title}: structured answers`, () => structured(lane));
}

function tools(lane: ChatLane): void {
  test("are declared with the caller's own beside them, called in parallel, answered one by one", async () => {
    const calls = [toolCall("add", { n: { a: 1 } }, "call_1"), toolCall("now", "", "call_2")];
    await using server = await startChat(completion({ tool_calls: calls }), completion({ content: "2 at 12" }));
    const client = lane.client(server.url);
    const own = { type: "function", function: { name: "own", parameters: { type: "object", properties: {} } } };
    const callParams = deepFreeze({ tools: [own], tool_choice: "auto" });
    const response = await lane.ask({ client, tools: [add, now], callParams }, say)();
    expect(server.bodies[0]).toEqual({
      model: "model-1",
      messages: [{ role: "user", content: "Hi" }],
      tools: [addDeclared, nowDeclared, own],
      tool_choice: "auto",
    });
    expect(response.stopReason).toBe("tool_calls");
    expect(response.tools?.map(({ name, args }) => [name, args])).toEqual([
      ["add", { n: { a: 1 } }],
      ["now", {}],
    ]);
    expect(response.tool?.toolCall).toEqual(calls[0]);
    const [first, second] = response.tools ?? [];
    const results = response.toolMessageParams([
      [first as NonNullable<typeof first>, await first?.call()],
      [second as NonNullable<typeof second>, new Error("late")],
    ]);
    await lane.ask({ client, tools: [add, now] }, () => ({
      messages: [Messages.user("Hi"), response.messageParam, ...results],
    }))();
    expect(((server.bodies[1]?.messages ?? []) as Json[]).slice(1)).toEqual([
      // Arguments of nothing are no JSON: strict servers would refuse the conversation from then on.
      turn(lane, [calls[0] as object, toolCall("now", "{}", "call_2")]),
      { role: "tool", tool_call_id: "call_1", content: "2" },
      { role: "tool", tool_call_id: "call_2", content: expect.stringContaining("late") },
    ]);
  });

  test("that do not exist, and arguments that are none, are errors", async () => {
    const unknown = completion({ tool_calls: [toolCall("toString", {})] });
    await using server = await startChat(unknown, completion({ tool_calls: [toolCall("add", "{")] }));
    const asked = lane.ask({ client: lane.client(server.url), tools: [add] }, say);
    const first = await asked();
    expect(() => first.tools).toThrow(ToolError);
    expect(first.toolCalls).toHaveLength(1);
    const second = await asked();
    expect(() => second.tool?.args).toThrow('The arguments of the tool call "add"');
  });
}

function structured(lane: ChatLane): void {
  test("by a forced tool", async () => {
    await using server = await startChat(completion({ tool_calls: [toolCall("Book", { title: "Dune" })] }));
    const client = lane.client(server.url);
    const value = (await lane.ask({ client, responseModel: book }, say)()) as unknown;
    expect(value).toEqual({ title: "Dune" });
    expect(server.bodies[0]?.tool_choice).toEqual({ type: "function", function: { name: "Book" } });
    await lane.ask({ client, responseModel: book, tools: [now] }, say)();
    expect(server.bodies[1]?.tool_choice).toBe("required");
    expect(((server.bodies[1]?.tools ?? []) as Json[]).map((one) => (one.function as Json).name)).toEqual([
      "now",
      "Book",
    ]);
    const both = lane.ask({ client, responseModel: book, callParams: { tool_choice: "auto" } }, say);
    expect(await thrownBy(both)).toBeInstanceOf(ConfigError);
  });

  test("by JSON mode, with the schema in the prompt", async () => {
    await using server = await startChat(completion({ content: '```json\n{"title":"Dune"}\n```' }));
    const client = lane.client(server.url);
    const value = (await lane.ask({ client, responseModel: book, jsonMode: true }, say)()) as unknown;
    expect(value).toEqual({ title: "Dune" });
    expect(server.bodies[0]?.response_format).toEqual({ type: "json_object" });
    expect(server.bodies[0]?.messages).toEqual([
      { role: "system", content: expect.stringContaining('"title":{"type":"string"}') },
      { role: "user", content: "Hi" },
    ]);
  });

  test("by the schema itself, which is held to it", async () => {
    await using server = await startChat(completion({ content: '{"title":1}' }));
    const asked = lane.ask({ client: lane.client(server.url), responseModel: book, jsonMode: "schema" }, say);
    const error = await thrownBy(asked);
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ kind: "invalid_data", response: { content: '{"title":1}', inputTokens: 10 } });
    expect(server.bodies[0]?.response_format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "Book",
        description: expect.any(String),
        schema: {
          type: "object",
          properties: { title: { type: "string" } },
          required: ["title"],
          additionalProperties: false,
        },
        strict: true,
      },
    });
    expect(server.bodies[0]?.messages).toHaveLength(1);
  });
}
