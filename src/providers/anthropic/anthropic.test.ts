import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, answering, serve, toolUse, usage } from "../../../test/support/anthropic-server.ts";
import { inTurn, status } from "../../../test/support/fault-server.ts";
import { type Json, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, ParseError, ToolError, UnsupportedError } from "../../errors.ts";
import { audio, document, image } from "../../media.ts";
import { type Message, Messages } from "../../message.ts";
import { jsonSchema } from "../../schema.ts";
import { tool } from "../../tool.ts";
import { anthropic } from "./index.ts";

const asked = "claude-haiku-4-5";

type Prompted = readonly (Message | Anthropic.MessageParam)[];

/** The body that is sent for these messages and options. */
async function sent(messages: Prompted, options: anthropic.CallOptions = {}): Promise<Json> {
  const prepared = await anthropic.call(asked, options as object, () => ({ messages: [...messages] })).prepare();
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

describe("requests", () => {
  test("the shortest call sends model, message and a limit, and reads everything", async () => {
    await using api = await serve();
    const response = await anthropic.call(asked, { client: api.client }, (name: string) => `I am ${name}`)("Ada");
    expect(api.server.requests[0]?.path).toBe("/v1/messages");
    expect(api.body()).toEqual({
      model: asked,
      max_tokens: 8192,
      messages: [{ role: "user", content: "I am Ada" }],
    });
    expect(response.content).toBe("Hello");
    expect(response.response).toEqual(answer());
    expect(response.callKwargs).toEqual(api.body());
    expect(response).toMatchObject({
      provider: "anthropic",
      model: answering,
      id: "msg_1",
      finishReasons: ["end_turn"],
    });
    expect(response).toMatchObject({ stopReason: "stop", usage, inputTokens: 10, outputTokens: 5 });
    // 3 and 15 US dollars a million tokens: https://platform.claude.com/docs/en/about-claude/pricing
    expect(response.cost).toBeCloseTo((10 * 3 + 5 * 15) / 1e6, 12);
    expect([response.tools, response.toolCalls, response.thinking, response.refusal]).toEqual(Array(4).fill(undefined));
  });

  test("system messages become the system field, wherever they stand", async () => {
    const turns = [Messages.user("Hi"), Messages.assistant("Ho"), Messages.user("Bye")] as const;
    const plain = turns.map(({ role, content }) => ({ role, content }));
    const one = await sent([Messages.system("Be brief."), ...turns]);
    expect(one).toMatchObject({ system: "Be brief.", messages: plain });
    const later = await sent([Messages.system("One."), turns[0], Messages.system("Two."), turns[1], turns[2]], {
      callParams: { system: "Zero." },
    });
    expect(later).toMatchObject({ system: "Zero.\n\nOne.\n\nTwo.", messages: plain });
    const cached = Messages.system(["Long.", { type: "cache_control", cacheType: "ephemeral", ttl: "1h" }]);
    const blocks = await sent([cached, Messages.system("Short."), turns[0]]);
    expect(blocks["system"]).toEqual([
      { type: "text", text: "Long.", cache_control: { type: "ephemeral", ttl: "1h" } },
      { type: "text", text: "Short." },
    ]);
    expect(await sent(turns)).not.toHaveProperty("system");
  });

  test("native messages pass by reference, among neutral ones too", async () => {
    const native: Anthropic.MessageParam[] = [
      { role: "system", content: [{ type: "text", text: "Rules", cache_control: { type: "ephemeral" } }] },
      { role: "user", content: [{ type: "document", source: { type: "text", media_type: "text/plain", data: "x" } }] },
      { role: "system", content: [{ type: "text", text: "From now on", cache_control: null }] },
    ];
    const origin = { role: "assistant", content: [{ type: "redacted_thinking", data: "abc" }] };
    const neutral: Message = { role: "assistant", content: "", native: { provider: "anthropic", message: origin } };
    const prompt = () => ({ messages: [...native, neutral, Messages.user("Go on")] });
    const { request } = await anthropic.call(asked, prompt).prepare();
    expect(request.messages).toEqual([native[1], native[2], origin, { role: "user", content: "Go on" }]);
    expect(request.messages[0]).toBe(native[1]);
    expect(request.messages[1]).toBe(native[2]);
    expect(request.messages[2]).toBe(origin);
    // The API wants no system message first: one that leads goes where it belongs, its blocks untouched.
    expect(request.system).toBe(native[0]?.content);
  });

  test("a foreign message is refused by its index", async () => {
    for (const foreign of [
      { role: "tool", tool_call_id: "1", content: "x" },
      { role: "assistant", content: null, tool_calls: [] },
      { role: "model", parts: [] },
    ]) {
      const error = await thrownBy(() => sent([Messages.user("Hi"), foreign as unknown as Anthropic.MessageParam]));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/^Message 1 is no message of anthropic: .*user, assistant or system/);
    }
  });

  test("common parameters are translated, and refused where there is no such parameter", () => {
    const { params } = anthropic.provider;
    const neutral = { model: asked, messages: [Messages.user("Hi")], stream: false, tools: [], output: undefined };
    const common = { temperature: 0.5, topP: 0.9, maxTokens: 100, stop: "END" };
    const { request } = params({ ...neutral, common, callParams: { max_tokens: 50 } });
    expect(request).toMatchObject({ temperature: 0.5, top_p: 0.9, max_tokens: 50, stop_sequences: ["END"] });
    const list = params({ ...neutral, common: { stop: ["A", "B"], maxTokens: 7 }, callParams: {} }).request;
    expect(list).toMatchObject({ stop_sequences: ["A", "B"], max_tokens: 7 });
    for (const param of ["seed", "frequencyPenalty", "presencePenalty"]) {
      const refused = () => params({ ...neutral, common: { [param]: 1 }, callParams: {} });
      expect(refused).toThrow(UnsupportedError);
      expect(refused).toThrow(`anthropic has no parameter for "${param}"`);
    }
  });

  test("a thinking budget comes on top of the default limit", async () => {
    const thinking = { type: "enabled", budget_tokens: 4000 } as const;
    expect(await sent([Messages.user("Hi")], { callParams: { thinking } })).toMatchObject({ max_tokens: 12192 });
    const set = { thinking, max_tokens: 5000 };
    expect(await sent([Messages.user("Hi")], { callParams: set })).toMatchObject({ max_tokens: 5000 });
  });

  test("unknown parameters and headers reach the wire", async () => {
    await using api = await serve();
    const callParams = { temperature: 0, context_management: { edits: [] } } as anthropic.CallParams;
    const call = anthropic.call(asked, { client: api.client, callParams }, () => "Hi");
    await call.with({ headers: { "anthropic-beta": "some-feature" } })();
    expect(api.body()).toMatchObject({ temperature: 0, context_management: { edits: [] } });
    expect(api.server.requests[0]?.headers["anthropic-beta"]).toBe("some-feature");
  });
});

describe("parts", () => {
  const png = Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(48)]);
  const pdf = Buffer.from("%PDF-1.7\n");
  const user = async (...parts: Parameters<typeof Messages.user>[0][]) =>
    ((await sent([Messages.user(parts.flat() as [])]))["messages"] as Json[])[0]?.["content"];

  test("text, pictures and documents become blocks, addresses pass on", async () => {
    const data = Buffer.from(png).toString("base64");
    expect(await user("Look:", image(png), image("https://example.com/a.png", { detail: "high" }))).toEqual([
      { type: "text", text: "Look:" },
      { type: "image", source: { type: "base64", media_type: "image/png", data } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    ]);
    const note = { type: "document", data: Buffer.from("Grüße").toString("base64"), mediaType: "text/plain" } as const;
    expect(await user(document(pdf, { name: "Report" }), document("https://example.com/a.pdf"), note)).toEqual([
      {
        type: "document",
        title: "Report",
        source: { type: "base64", media_type: "application/pdf", data: pdf.toString("base64") },
      },
      { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "Grüße" } },
    ]);
  });

  test("a cache mark stands on the block before it", async () => {
    const mark = { type: "cache_control", cacheType: "ephemeral" } as const;
    expect(await user("Long", mark, "short", { ...mark, ttl: "5m" })).toEqual([
      { type: "text", text: "Long", cache_control: { type: "ephemeral" } },
      { type: "text", text: "short", cache_control: { type: "ephemeral", ttl: "5m" } },
    ]);
    await expect(user(mark, "x")).rejects.toThrow("takes no cache_control part in the first place of a message");
  });

  test("what the API cannot take is refused before any request", async () => {
    const wav = Buffer.from("RIFF\x24\0\0\0WAVEfmt ");
    const heic = { type: "image", data: "AAAA", mediaType: "image/heic" } as const;
    const cases = [
      [audio(wav), "takes no audio part in a message of the role user; it takes text, image, document, cache_control"],
      [heic, "takes image parts of the types image/jpeg, image/png, image/gif, image/webp; this one is image/heic"],
      [image("gs://bucket/a.png"), "begins with http: or https:, not gs:"],
      [{ type: "tool_call", id: "1", name: "x", arguments: "{}" }, "takes no tool_call part in a message of the role"],
    ] as const;
    for (const [part, message] of cases) {
      const error = await thrownBy(() => user(part));
      expect(error).toBeInstanceOf(UnsupportedError);
      expect((error as Error).message).toContain(
        `anthropic ${message.startsWith("begins") ? "takes the address" : message}`,
      );
      expect((error as Error).message).toContain(message);
    }
  });

  test("neutral tool calls and results of any provider are converted, the results of a turn in one message", async () => {
    const messages: Message[] = [
      Messages.user("Weather?"),
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "hm", signature: "foreign" },
          { type: "text", text: "" },
          { type: "tool_call", id: "a", name: "get_weather", arguments: '{"place":{"city":"Rome"}}' },
          { type: "tool_call", id: "b", name: "get_time", arguments: "" },
          { type: "tool_call", id: "c", name: "get_time", arguments: '{"cut":' },
        ],
      },
      { role: "tool", content: [{ type: "tool_result", id: "a", name: "get_weather", content: "Sunny" }] },
      { role: "tool", content: [{ type: "tool_result", id: "b", name: "get_time", content: "no", isError: true }] },
      { role: "assistant", content: [{ type: "thinking", text: "only a thought" }] },
    ];
    expect((await sent(messages))["messages"]).toEqual([
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: [
          toolUse("a", "get_weather", { place: { city: "Rome" } }),
          toolUse("b", "get_time", {}),
          toolUse("c", "get_time", { INVALID_JSON: '{"cut":' }),
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "Sunny" },
          { type: "tool_result", tool_use_id: "b", content: "no", is_error: true },
        ],
      },
    ]);
  });
});

describe("tools", () => {
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
    expect(api.body()["tools"]).toEqual([
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
    expect(api.body(1)["messages"]).toEqual(messages);
    expect(anthropic.provider.toolMessages([])).toEqual([]);
  });

  test("a result of a toolset's tool names its toolset", () => {
    const native = { ...toolUse("a", "screenshot", {}), toolset_name: "browser" } as Anthropic.ToolUseBlock;
    const result = { call: { id: "a", name: "screenshot", input: {}, native }, output: "done", isError: false };
    expect(anthropic.provider.toolMessages([result])[0]?.content).toEqual([
      { type: "tool_result", tool_use_id: "a", content: "done", toolset_name: "browser" },
    ]);
  });

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
    const [rate, plant] = (await sent([Messages.user("Hi")], { tools: [strict, recursive] }))["tools"] as Json[];
    expect(rate).toEqual({
      name: "rate",
      strict: true,
      input_schema: {
        type: "object",
        properties: {
          stars: { type: "integer", description: "Stars. (minimum: 1, maximum: 5)" },
          note: { type: ["string", "null"] },
        },
        required: ["stars", "note"],
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

  test("an unknown tool stays visible, and is an error where tools are asked for", async () => {
    const content = [toolUse("a", "constructor", {})];
    await using api = await serve(status(200, answer({ content, stop_reason: "tool_use" })));
    const response = await anthropic.call(asked, { client: api.client, tools: [now] }, () => "Hi")();
    expect(response.toolCalls?.[0]?.name).toBe("constructor");
    expect(() => response.tools).toThrow(ToolError);
  });
});

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
    expect(api.body()["tools"]).not.toHaveProperty("0.strict");
    expect(await call.with({ tools: [now] })()).toEqual({ title: "Emma", year: 1815 });
    expect(api.body(1)).toMatchObject({
      tool_choice: { type: "any" },
      tools: [{ name: "get_time" }, { name: "answer" }],
    });
    const own = call.with({ callParams: { tool_choice: { type: "auto" } } });
    await expect(own()).rejects.toThrow(ConfigError);
  });

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
    expect(api.body()["system"]).toContain('"title"');
    expect(api.body()).not.toHaveProperty("tools");
    const bare = await sent([Messages.system("Be kind."), Messages.user("Hi")], { jsonMode: true });
    expect(bare["system"]).toBe("Be kind.\n\nAnswer with one JSON object and nothing else.");
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
    expect(api.body()["output_config"]).toEqual({
      effort: "low",
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            title: { type: "string" },
            year: { type: ["integer", "null"], description: "(minimum: 0)" },
          },
          required: ["title", "year"],
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
    expect(body["system"]).toContain('"counts"');
  });

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
