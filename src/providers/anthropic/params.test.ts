import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, serve, toolUse } from "../../../test/support/anthropic-server.ts";
import { inTurn, status } from "../../../test/support/fault-server.ts";
import { type Json, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import type { Message } from "../../message/parts.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { ParseError } from "../../structured/parse-error.ts";
import { tool } from "../../tools/tool.ts";
import { ToolError } from "../../tools/tool-error.ts";
import { anthropic } from "./index.ts";

const asked = "claude-haiku-4-5";

type Prompted = readonly (Message | Anthropic.MessageParam)[];

/** The body that is sent for these messages and options. */
async function sent(messages: Prompted, options: object = {}): Promise<Json> {
  const prepared = await anthropic.call(asked, options, () => ({ messages: [...messages] })).prepare();
  return prepared.request as object as Json;
}

const weather = tool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ place: z.object({ city: z.string() }) }),
  call: ({ place }) => `Sunny in ${place.city}`,
});
const now = tool({ name: "get_time", call: () => "12:00" });
const weatherSchema = {
  type: "object",
  properties: {
    place: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
    },
  },
  required: ["place"],
};
const emptySchema = { type: "object", properties: {}, additionalProperties: false };

describe("tools", () => {
  // checklist: 77, 86, 111
  test("are offered beside the caller's own, called in parallel, and answered in one message", async () => {
    const content = [
      { type: "text", text: "Let me see." },
      toolUse("a", "get_weather", { place: { city: "Rome" } }),
      { type: "server_tool_use", id: "s", name: "web_search", input: { query: "x" } },
      toolUse("b", "get_time", {}),
    ];
    await using api = await serve(
      inTurn(status(200, answer({ content, stop_reason: "tool_use" })), status(200, answer())),
    );
    const web = { type: "web_search_20250305", name: "web_search" } as const;
    const options = { client: api.client, tools: [weather, now], callParams: { tools: [web] } };
    const response = await anthropic.call(asked, options, () => "Weather and time in Rome?")();
    expect(api.body().tools).toEqual([
      { name: "get_weather", description: "The weather in a city", input_schema: weatherSchema },
      { name: "get_time", input_schema: emptySchema },
      web,
    ]);
    expect(response.stopReason).toBe("tool_calls");
    expect(response.toolCalls?.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(response.toolCalls?.[0]?.native).toBe(response.response.content[1]);
    const outcomes = await Promise.all((response.tools ?? []).map(async (use) => [use, await use.call()] as const));
    const messages = [
      ...response.messages,
      response.messageParam,
      ...response.toolMessageParams([outcomes[0]!, [outcomes[1]![0], new Error("no clock")]]),
    ];
    expect(messages.slice(1)).toEqual([
      { role: "assistant", content },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "Sunny in Rome" },
          { type: "tool_result", tool_use_id: "b", content: "no clock", is_error: true },
        ],
      },
    ]);
    expect(messages[1]?.content).toBe(response.response.content);
    await anthropic.call(asked, { client: api.client }, () => ({ messages }))();
    expect(api.body(1).messages).toEqual(messages);
    expect(anthropic.provider.toolMessages([])).toEqual([]);
  });

  test("a result of a toolset's tool names its toolset", () => {
    const native = { ...toolUse("a", "screenshot", {}), toolset_name: "browser" } as Anthropic.ToolUseBlock;
    const result = { call: { id: "a", name: "screenshot", input: {}, native }, output: "done", isError: false };
    expect(anthropic.provider.toolMessages([result])[0]?.content).toEqual([
      { type: "tool_result", tool_use_id: "a", content: "done", toolset_name: "browser" },
    ]);
  });

  // checklist: 112
  test("strict tools keep what the API holds the model to, and tell the rest", async () => {
    const strict = tool({
      name: "rate",
      strict: true,
      parameters: z.object({ stars: z.number().int().min(1).max(5).describe("Stars."), note: z.string().optional() }),
      call: () => "ok",
    });
    type Tree = { value: string; children: Tree[] };
    const tree: z.ZodType<Tree> = z.object({ value: z.string(), children: z.array(z.lazy(() => tree)) });
    const recursive = tool({ name: "plant", strict: true, parameters: tree, call: () => "ok" });
    const [rate, plant] = (await sent([Messages.user("Hi")], { tools: [strict, recursive] })).tools as Json[];
    expect(rate).toEqual({
      name: "rate",
      strict: true,
      input_schema: {
        type: "object",
        properties: {
          stars: { type: "integer", description: "Stars. (minimum: 1, maximum: 5)" },
          note: { type: "string" },
        },
        required: ["stars"],
        additionalProperties: false,
      },
    });
    // A schema that refers to itself is offered all the same, without the guarantee.
    expect(plant).not.toHaveProperty("strict");
    expect(plant).toMatchObject({ name: "plant", input_schema: { type: "object" } });
  });

  test("a union at the root of a tool's parameters is refused", async () => {
    const parameters = jsonSchema({ type: "object", anyOf: [{ required: ["a"] }], properties: { a: {} } });
    const odd = tool({ name: "odd", parameters, call: () => "" });
    await expect(sent([Messages.user("Hi")], { tools: [odd] })).rejects.toThrow(
      'anthropic takes no "anyOf" at the root of a tool\'s parameters, as "odd" has it',
    );
  });

  // checklist: 80
  test("an unknown tool stays visible, and is an error where tools are asked for", async () => {
    const content = [toolUse("a", "constructor", {})];
    await using api = await serve(status(200, answer({ content, stop_reason: "tool_use" })));
    const response = await anthropic.call(asked, { client: api.client, tools: [now] }, () => "Hi")();
    expect(response.toolCalls?.[0]?.name).toBe("constructor");
    expect(() => response.tools).toThrow(ToolError);
  });
});

// checklist: 127, 134, 137
describe("structured answers", () => {
  const Book = z.object({ title: z.string(), year: z.number().int().min(0).optional() });

  test("by a forced tool: named when alone, any beside others", async () => {
    const content = [toolUse("a", "answer", { title: "Emma", year: 1815 })];
    await using api = await serve(status(200, answer({ content, stop_reason: "tool_use" })));
    const call = anthropic.call(asked, { client: api.client, responseModel: Book }, () => "A book");
    expect(await call()).toEqual({ title: "Emma", year: 1815 });
    expect(api.body()).toMatchObject({
      tool_choice: { type: "tool", name: "answer" },
      tools: [{ name: "answer", input_schema: { type: "object", required: ["title"] } }],
    });
    expect(api.body().tools).not.toHaveProperty("0.strict");
    expect(await call.with({ tools: [now] })()).toEqual({ title: "Emma", year: 1815 });
    expect(api.body(1)).toMatchObject({
      tool_choice: { type: "any" },
      tools: [{ name: "get_time" }, { name: "answer" }],
    });
    const own = call.with({ callParams: { tool_choice: { type: "auto" } } });
    await expect(own()).rejects.toThrow(ConfigError);
  });

  test("a wrong value goes back with its tool call, and what was wrong as its result", async () => {
    const said = (input: Json) =>
      status(200, answer({ content: [toolUse("a", "answer", input)], stop_reason: "tool_use" }));
    await using api = await serve(inTurn(said({ title: 1 }), said({ title: "Emma" })));
    const options = { client: api.client, responseModel: Book, retries: { validation: 1 } };
    expect(await anthropic.call(asked, options, () => "A book")()).toEqual({ title: "Emma" });
    const [, turn, result] = api.body(1).messages as Json[];
    expect(turn).toEqual({ role: "assistant", content: [toolUse("a", "answer", { title: 1 })] });
    expect(result).toMatchObject({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "a", is_error: true }],
    });
  });

  // checklist: 133, 152
  test("a model that thinks cannot be forced, and is told instead", async () => {
    const content = [
      { type: "thinking", thinking: "Which?", signature: "sig" },
      toolUse("a", "answer", { title: "Emma" }),
    ];
    await using api = await serve(status(200, answer({ content, stop_reason: "tool_use" })));
    const callParams = { thinking: { type: "adaptive" }, system: "Be brief." } as const;
    const call = anthropic.call(asked, { client: api.client, responseModel: Book, callParams }, () => "A book");
    const { value, response } = await call().withResponse();
    expect(value).toEqual({ title: "Emma" });
    expect(response.thinking).toBe("Which?");
    expect(api.body()).toMatchObject({
      tool_choice: { type: "auto" },
      system: 'Be brief.\n\nAnswer only by calling the tool "answer".',
    });
  });

  test("JSON mode asks in words, in the system field only", async () => {
    await using api = await serve(status(200, answer({ content: [{ type: "text", text: 'Sure: {"title":"Emma"}' }] })));
    const call = anthropic.call(asked, { client: api.client, responseModel: Book, jsonMode: true }, () => "A book");
    expect(await call()).toEqual({ title: "Emma" });
    expect(api.body()).toMatchObject({ messages: [{ role: "user", content: "A book" }] });
    expect(api.body().system).toContain('"title"');
    expect(api.body()).not.toHaveProperty("tools");
    const bare = await sent([Messages.system("Be kind."), Messages.user("Hi")], { jsonMode: true });
    expect(bare.system).toBe("Be kind.\n\nAnswer with one JSON object and nothing else.");
  });

  test("schema mode is native, beside other output settings", async () => {
    await using api = await serve(
      status(200, answer({ content: [{ type: "text", text: '{"title":"Emma","year":null}' }] })),
    );
    const options = { client: api.client, responseModel: Book, jsonMode: "schema" } as const;
    const call = anthropic.call(
      asked,
      { ...options, callParams: { output_config: { effort: "low" } } },
      () => "A book",
    );
    expect(await call()).toEqual({ title: "Emma" });
    expect(api.body().output_config).toEqual({
      effort: "low",
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            title: { type: "string" },
            year: { type: "integer", description: "(minimum: 0)" },
          },
          required: ["title"],
          additionalProperties: false,
        },
      },
    });
    expect(api.body()).not.toHaveProperty("system");
    const format = { type: "json_schema", schema: {} } as const;
    await expect(call.with({ callParams: { output_config: { format } } })()).rejects.toThrow(ConfigError);
  });

  test("a schema the API cannot hold the model to is asked for in words", async () => {
    const responseModel = z.object({ counts: z.record(z.string(), z.number()) });
    const body = await sent([Messages.user("Count")], { responseModel, jsonMode: "schema" });
    expect(body).not.toHaveProperty("output_config");
    expect(body.system).toContain('"counts"');
  });

  // checklist: 130
  test("a refusal, a cut answer and a missing one are told apart, with the response", async () => {
    const refusal = { type: "refusal", category: "cyber", explanation: "I will not." };
    const cases = [
      [{ content: [], stop_reason: "refusal", stop_details: refusal }, "refused"],
      [{ content: [{ type: "text", text: "I" }], stop_reason: "max_tokens" }, "truncated"],
      [{ content: [{ type: "text", text: "No." }] }, "no_tool_call"],
    ] as const;
    for (const [more, kind] of cases) {
      await using api = await serve(status(200, answer(more)));
      const call = anthropic.call(asked, { client: api.client, responseModel: Book }, () => "A book");
      const error = await thrownBy(call);
      expect(error).toBeInstanceOf(ParseError);
      expect(error).toMatchObject({ kind, response: { inputTokens: 10 } });
      if (kind === "refused") expect((error as Error).message).toContain("I will not.");
    }
  });
});
