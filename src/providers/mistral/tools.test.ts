import { describe, expect, test } from "vitest";
import { z } from "zod";
import { completion, send, sentMessages, toolCall, type Wire } from "../../../test/support/mistral-wire.ts";
import { thrownBy } from "../../../test/support/replay.ts";
import { ConfigError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import { tool } from "../../tools/tool.ts";
import { ToolError } from "../../tools/tool-error.ts";
import { mistral } from "./index.ts";

const lookUp = tool({
  name: "look_up",
  description: "Looks things up.",
  parameters: z.object({ query: z.object({ words: z.array(z.string()) }), limit: z.number().optional() }),
  call: ({ query }) => query.words.join(),
});
const now = tool({ name: "now", call: () => "noon" });

describe("tools", () => {
  test("are declared beside the caller's own, one without parameters too", async () => {
    const strict = tool({ name: "strict", strict: true, parameters: z.object({ a: z.string() }), call: () => 0 });
    const tools = [lookUp, now, strict] as const;
    const { body } = await send((client) =>
      mistral.call("m", { client, tools, callParams: { tools: [{ type: "web_search" }] } }, () => "x")(),
    );
    const empty = { type: "object", properties: {}, additionalProperties: false };
    expect(body.tools).toMatchObject([
      { type: "function", function: { name: "look_up", description: "Looks things up." } },
      { type: "function", function: { name: "now", parameters: empty } },
      { type: "function", function: { name: "strict", strict: true } },
      { type: "web_search" },
    ]);
    const [declared] = body.tools as { function: { parameters: Wire } }[];
    expect(declared?.function.parameters).toMatchObject({
      type: "object",
      properties: { query: { properties: { words: { type: "array", items: { type: "string" } } } } },
      required: ["query"],
    });
    expect(body).not.toHaveProperty("tool_choice");
  });

  test("parallel calls come back with their results, an error among them", async () => {
    const calls = [toolCall("abcDEF123", "look_up", '{"query":{"words":["a"]}}'), toolCall("abcDEF124", "now", "")];
    const { result } = await send(
      (client) => mistral.call("m", { client, tools: [lookUp, now] }, () => "x")(),
      completion({ content: "", tool_calls: calls }, {}),
    );
    expect(result.tools?.map(({ name, id, args }) => ({ name, id, args }))).toEqual([
      { name: "look_up", id: "abcDEF123", args: { query: { words: ["a"] } } },
      { name: "now", id: "abcDEF124", args: {} },
    ]);
    expect(result.toolCalls?.[0]?.native).toBe(result.response.choices[0]?.message?.toolCalls?.[0]);
    const [first, second] = result.tools ?? [];
    const results = result.toolMessageParams([
      [first!, await first!.call()],
      [second!, new Error("no clock")],
    ]);
    expect(results).toEqual([
      { role: "tool", toolCallId: "abcDEF123", name: "look_up", content: "a" },
      { role: "tool", toolCallId: "abcDEF124", name: "now", content: "no clock" },
    ]);
    expect(await sentMessages([Messages.user("x"), result.messageParam, ...results])).toEqual([
      { role: "user", content: "x" },
      {
        role: "assistant",
        content: "",
        tool_calls: [calls[0], toolCall("abcDEF124", "now", "{}")],
        prefix: false,
      },
      { role: "tool", tool_call_id: "abcDEF123", name: "look_up", content: "a" },
      { role: "tool", tool_call_id: "abcDEF124", name: "now", content: "no clock" },
    ]);
  });

  test("arguments may be an object, an id may be missing, an unknown name is an error", async () => {
    const { id: _, ...nameless } = toolCall("", "look_up", { query: { words: [] } });
    const { result } = await send(
      (client) => mistral.call("m", { client, tools: [lookUp] }, () => "x")(),
      completion({ tool_calls: [nameless] }),
    );
    expect(result.tool).toMatchObject({ id: "", args: { query: { words: [] } } });
    const neutral = {
      role: "tool",
      content: [{ type: "tool_result", id: "", name: "look_up", content: "!" }],
    } as const;
    // The SDK writes "null" where the API gave no id, and so do we for the result that belongs to it.
    const expected = { role: "tool", tool_call_id: "null", name: "look_up", content: "!" };
    expect((await sentMessages([result.message, neutral])).at(-1)).toEqual(expected);
    const [param] = result.toolMessageParams([[result.tool!, "!"]]);
    expect((await sentMessages([result.messageParam, param])).at(-1)).toEqual(expected);
    const unknown = await send(
      (client) => mistral.call("m", { client, tools: [now] }, () => "x")(),
      completion({ tool_calls: [toolCall("abcDEF123", "constructor", "{}")] }),
    );
    expect(() => unknown.result.tools).toThrow(ToolError);
  });

  test("calls from elsewhere get ids the API takes, and their results the same", async () => {
    const call = (id: string, name = "now") => ({ type: "tool_call" as const, id, name, arguments: "{}" });
    const result = (id: string, name = "now") => ({ type: "tool_result" as const, id, name, content: id });
    const sent = await sentMessages([
      {
        role: "assistant",
        content: [{ type: "thinking", text: "hm" }, call("call_1"), call("abcDEF123"), call("call_2")],
      },
      { role: "tool", content: [result("call_2"), result("abcDEF123"), result("call_1")] },
      { role: "assistant", content: [call("", "a"), call("", "b"), call("", "a")] },
      { role: "tool", content: [result("", "b"), result("", "a"), result("", "a")] },
    ]);
    const ids = (at: number) => ((sent[at]?.tool_calls ?? []) as { id: string }[]).map(({ id }) => id);
    const answered = (...at: number[]) => at.map((index) => sent[index]?.tool_call_id);
    const [first, second, third] = ids(0);
    expect(answered(1, 2, 3)).toEqual([third, second, first]);
    expect(second).toBe("abcDEF123");
    const [a, b, otherA] = ids(4);
    expect(answered(5, 6, 7)).toEqual([b, a, otherA]);
    const all = [...ids(0), ...ids(4)];
    expect(new Set(all).size).toBe(6);
    for (const id of all) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(sent[0]).toMatchObject({
      content: "",
      tool_calls: [{ function: { name: "now", arguments: "{}" } }, {}, {}],
    });
  });

  test("a call that is no function is Mistral's own", async () => {
    const { result } = await send(
      (client) => mistral.call("m", { client, tools: [now] }, () => "x")(),
      completion({ tool_calls: [{ ...toolCall("abcDEF123", "search", "{}"), type: "connector" }] }),
    );
    expect(result.toolCalls).toBeUndefined();
  });
});

describe("structured answers", () => {
  const Book = z.object({ title: z.string(), year: z.number().optional() }).meta({ title: "Book" });
  const named = completion({ tool_calls: [toolCall("abcDEF123", "Book", '{"title":"Dune"}')] });
  const words = (body: Wire) => (body.messages as { role: string; content: string }[])[0];

  test("by a forced tool: named alone, any beside others", async () => {
    const alone = await send((client) => mistral.call("m", { client, responseModel: Book }, () => "x")(), named);
    expect(alone.result).toEqual({ title: "Dune" });
    expect(alone.body.tool_choice).toEqual({ type: "function", function: { name: "Book" } });
    expect(alone.body.messages).toEqual([{ role: "user", content: "x" }]);
    const beside = await send(
      (client) => mistral.call("m", { client, responseModel: Book, tools: [now] }, () => "x")(),
      named,
    );
    expect(beside.body.tool_choice).toBe("any");
    expect((beside.body.tools as unknown[]).length).toBe(2);
  });

  test("the caller's own choice or format beside it is refused", async () => {
    const callParams = { toolChoice: "auto" as const, responseFormat: { type: "text" as const } };
    const choice = mistral.call("m", { responseModel: Book, callParams }, () => "x");
    expect(await thrownBy(() => choice.prepare())).toBeInstanceOf(ConfigError);
    const format = mistral.call("m", { responseModel: Book, jsonMode: true, callParams }, () => "x");
    expect(await thrownBy(() => format.prepare())).toBeInstanceOf(ConfigError);
  });

  test("JSON mode tells the schema in words, with the flag; beside tools without", async () => {
    const json = completion({ content: 'Here: {"title":"Dune"}' });
    const options = { responseModel: Book, jsonMode: true } as const;
    const plain = await send((client) => mistral.call("m", { ...options, client }, () => "x")(), json);
    expect(plain.result).toEqual({ title: "Dune" });
    expect(plain.body.response_format).toEqual({ type: "json_object" });
    expect(words(plain.body)).toMatchObject({ role: "system", content: expect.stringContaining('"title"') });
    for (const jsonMode of [true, "schema"] as const) {
      const tools = await send(
        (client) => mistral.call("m", { ...options, jsonMode, client, tools: [now] }, () => "x")(),
        json,
      );
      expect(tools.body).not.toHaveProperty("response_format");
      expect(words(tools.body)?.role).toBe("system");
      const own = { type: "function" as const, function: { name: "own", parameters: { type: "object" } } };
      const callParams = { tools: [own] };
      const beside = await send(
        (client) => mistral.call("m", { ...options, jsonMode, client, callParams }, () => "x")(),
        json,
      );
      expect(beside.body.tools).toMatchObject([own]);
      expect(beside.body).not.toHaveProperty("response_format");
      expect(words(beside.body)).toMatchObject({ role: "system", content: expect.stringContaining('"title"') });
    }
  });

  test("schema mode sends the schema", async () => {
    const { body, result } = await send(
      (client) => mistral.call("m", { client, responseModel: Book, jsonMode: "schema" }, () => "x")(),
      completion({ content: '{"title":"Dune","year":null}' }),
    );
    expect(result).toEqual({ title: "Dune" });
    expect(body.messages).toEqual([{ role: "user", content: "x" }]);
    expect(body.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { name: "Book", strict: true, schema: { required: ["title", "year"], additionalProperties: false } },
    });
  });
});
