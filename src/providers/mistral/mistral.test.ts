import { Mistral } from "@mistralai/mistralai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { startServer, status } from "../../../test/support/fault-server.ts";
import { deepFreeze, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, ToolError, UnsupportedError } from "../../errors.ts";
import { type ImagePart, type Message, Messages, type Part } from "../../message.ts";
import { tool } from "../../tool.ts";
import { mistral, provider } from "./index.ts";

// The wire shapes below are hand-written after https://docs.mistral.ai/api and the recordings; the SDK is the real one.

type Wire = { [key: string]: unknown };

const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };

function completion(message: Wire = {}, more: Wire = {}): Wire {
  const choice = {
    index: 0,
    finish_reason: "stop",
    message: { role: "assistant", tool_calls: null, content: "Hi!", ...message },
  };
  return { id: "c1", object: "chat.completion", created: 1, model: "mistral-tiny", choices: [choice], usage, ...more };
}

/** Runs a call against a server that answers so, and gives its result and what was sent. */
async function send<Result>(
  run: (client: Mistral) => PromiseLike<Result>,
  answer: Wire = completion(),
): Promise<{ result: Result; body: Wire; headers: Wire }> {
  await using server = await startServer(status(200, answer));
  const result = await run(new Mistral({ apiKey: "test", serverURL: server.url }));
  const [request] = server.requests;
  return { result, body: request?.body as Wire, headers: request?.headers as Wire };
}

/** The request that would be sent for these messages. */
async function sentMessages(messages: readonly unknown[]): Promise<Wire[]> {
  const { body } = await send((client) => mistral.call("m", { client }, () => messages as Message[])());
  return body.messages as Wire[];
}

const lookUp = tool({
  name: "look_up",
  description: "Looks things up.",
  parameters: z.object({ query: z.object({ words: z.array(z.string()) }), limit: z.number().optional() }),
  call: ({ query }) => query.words.join(),
});
const now = tool({ name: "now", call: () => "noon" });

function toolCall(id: string, name: string, args: string | object): Wire {
  return { id, type: "function", function: { name, arguments: args }, index: 0 };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe("messages", () => {
  test("text: the whole body, and the SDK's own response", async () => {
    const { result, body, headers } = await send((client) =>
      mistral.call("mistral-tiny", { client }, (genre: string) => `Recommend a ${genre} book`)("fantasy"),
    );
    expect(body).toEqual({
      model: "mistral-tiny",
      messages: [{ role: "user", content: "Recommend a fantasy book" }],
      stream: false,
    });
    expect(headers.authorization).toBe("Bearer test");
    expect(result).toMatchObject({ content: "Hi!", id: "c1", model: "mistral-tiny", finishReasons: ["stop"] });
    expect(result.response.choices[0]?.message?.content).toBe("Hi!");
    expect(result.stopReason).toBe("stop");
    expect([result.tokens, result.usage]).toEqual([
      { input: 10, output: 4 },
      { promptTokens: 10, completionTokens: 4, totalTokens: 14 },
    ]);
    expect(result.cost).toBeCloseTo((14 * 0.25) / 1e6, 12);
    expect(result.messageParam).toEqual({ role: "assistant", content: "Hi!", prefix: false });
  });

  test("every role stays where it stands; plain text is passed on as the same object", async () => {
    const messages = [
      Messages.system("Be brief."),
      Messages.user("Hi"),
      Messages.assistant("Hello"),
      {
        role: "system",
        content: [
          { type: "text", text: "Be" },
          { type: "text", text: "rude" },
        ],
      } as const,
      Messages.user([{ type: "text", text: "Bye" }]),
    ];
    expect(await sentMessages(messages)).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello", prefix: false },
      {
        role: "system",
        content: [
          { type: "text", text: "Be" },
          { type: "text", text: "rude" },
        ],
      },
      { role: "user", content: [{ type: "text", text: "Bye" }] },
    ]);
    const prepared = await mistral.call("m", () => messages).prepare();
    expect(prepared.messages[0]).toBe(messages[0]);
  });

  const bytes = { data: "QUJD" };
  const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  test.each<[string, Part, Wire]>([
    [
      "an image",
      { type: "image", mediaType: "image/png", ...bytes, detail: "low" },
      { type: "image_url", image_url: { url: "data:image/png;base64,QUJD", detail: "low" } },
    ],
    [
      "an image's address",
      { type: "image", url: "https://a.example/b.png" },
      { type: "image_url", image_url: { url: "https://a.example/b.png", detail: "auto" } },
    ],
    ["sound", { type: "audio", mediaType: "audio/mp3", ...bytes }, { type: "input_audio", input_audio: "QUJD" }],
    [
      "a sound's address",
      { type: "audio", url: "https://a.example/b.mp3" },
      { type: "input_audio", input_audio: "https://a.example/b.mp3" },
    ],
    [
      "a document",
      { type: "document", mediaType: "application/pdf", ...bytes, name: "a.pdf" },
      { type: "document_url", document_url: "data:application/pdf;base64,QUJD", document_name: "a.pdf" },
    ],
    [
      "an office document",
      { type: "document", mediaType: docx, ...bytes },
      { type: "document_url", document_url: `data:${docx};base64,QUJD` },
    ],
  ])("takes %s", async (_, part, chunk) => {
    expect(await sentMessages([{ role: "user", content: [part] }])).toEqual([{ role: "user", content: [chunk] }]);
  });

  test.each<[string, Part, RegExp]>([
    ["HEIC", { type: "image", mediaType: "image/heic", ...bytes }, /mistral takes image parts of .*image\/heic/],
    ["AIFF", { type: "audio", mediaType: "audio/aiff", ...bytes }, /mistral takes audio parts of .*audio\/aiff/],
    ["text files", { type: "document", mediaType: "text/plain", ...bytes }, /application\/pdf.*text\/plain/],
    ["gs addresses", { type: "image", url: "gs://bucket/a.png" }, /http.*give the bytes/],
    ["cache marks", { type: "cache_control", cacheType: "ephemeral" }, /promptCacheKey/],
    ["thoughts of users", { type: "thinking", text: "hm" }, /no thinking part in a user message/],
  ])("refuses %s before any request", async (_, part, words) => {
    const error = await thrownBy(() => mistral.call("m", () => [Messages.user([part])]).prepare());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toMatch(words);
  });

  test.each<[string, Message]>([
    ["a picture in a system message", { role: "system", content: [{ type: "image", url: "https://a.example/b.png" }] }],
    ["a picture in an answer", { role: "assistant", content: [{ type: "image", url: "https://a.example/b.png" }] }],
    ["text in a tool message", { role: "tool", content: "done" }],
    ["a text part in a tool message", { role: "tool", content: [{ type: "text", text: "done" }] }],
  ])("refuses %s", async (_, message) => {
    expect(await thrownBy(() => mistral.call("m", () => [message]).prepare())).toBeInstanceOf(UnsupportedError);
  });

  test("native messages go by reference, and mixed with neutral ones", async () => {
    const native = deepFreeze({
      role: "assistant" as const,
      content: [
        { type: "thinking" as const, thinking: [{ type: "text" as const, text: "hm" }], signature: "s", closed: true },
        { type: "reference" as const, referenceIds: [1] },
        { type: "text" as const, text: "So:" },
      ],
      prefix: true,
    });
    const messages = [Messages.user("Why?"), native];
    expect((await mistral.call("m", () => messages).prepare()).messages[1]).toBe(native);
    expect((await sentMessages(messages))[1]).toEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "hm" }], signature: "s", closed: true },
        { type: "reference", reference_ids: [1] },
        { type: "text", text: "So:" },
      ],
      prefix: true,
    });
  });

  test.each<[string, object, RegExp]>([
    ["a foreign role", { role: "developer", content: "x" }, /Message 1 .*role is "developer", not one of system, user/],
    ["no role", { parts: [] }, /Message 1 .*role is undefined/],
    ["a snake-case key", { role: "assistant", content: "", tool_calls: [] }, /drop "tool_calls".*write "toolCalls"/],
    ["an unknown key", { role: "user", content: "x", name: "Ann" }, /drop "name".*it takes role, content/],
    [
      "a snake-case key in a part",
      { role: "user", content: [{ type: "document_url", documentUrl: "https://a.example/b", document_name: "b" }] },
      /drop "content\[0\]\.document_name".*write "documentName"/,
    ],
  ])("refuses %s, which the SDK would drop or not know", async (_, message, words) => {
    const error = await thrownBy(() => mistral.call("m", () => [Messages.user("x"), message] as Message[]).prepare());
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(words);
  });
});

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
      { role: "assistant", content: "", tool_calls: calls, prefix: false },
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
    const ids = (at: number) => (sent[at]?.tool_calls as { id: string }[]).map(({ id }) => id);
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
    // https://docs.mistral.ai/api refuses a response format in a request with tools.
    for (const jsonMode of [true, "schema"] as const) {
      const tools = await send(
        (client) => mistral.call("m", { ...options, jsonMode, client, tools: [now] }, () => "x")(),
        json,
      );
      expect(tools.body).not.toHaveProperty("response_format");
      expect(words(tools.body)?.role).toBe("system");
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

describe("parameters", () => {
  test("the common ones have the SDK's names, the caller's own win", () => {
    const common = {
      temperature: 0.1,
      maxTokens: 5,
      topP: 0.9,
      stop: ["a"],
      seed: 7,
      frequencyPenalty: 1,
      presencePenalty: 2,
    };
    const messages = [{ role: "user", content: "x" } as const];
    const rest = { model: "m", messages, stream: false, tools: [], output: undefined };
    const { request } = provider.params({ ...rest, common, callParams: { temperature: 0 } });
    const { seed, ...same } = common;
    expect(request).toEqual({ model: "m", messages, ...same, randomSeed: seed, temperature: 0 });
    expect(provider.params({ ...rest, common: undefined, callParams: {} }).request).toEqual({ model: "m", messages });
  });

  test.each<[string, object, RegExp]>([
    ["max_tokens", { max_tokens: 5 }, /mistral: .*"max_tokens".*write "maxTokens".*beforeRequest/],
    ["a key of another API", { topK: 5 }, /"topK" without a word; it takes temperature, topP/],
    [
      "one inside another",
      { responseFormat: { type: "json_schema", jsonSchema: { name: "a", schema: {} } } },
      /"responseFormat\.jsonSchema\.schema".*it takes name, description, schemaDefinition/,
    ],
    [
      "one of a tool",
      { tools: [{ type: "document_library", library_ids: ["a"] }] },
      /"tools\[0\]\.library_ids".*write "libraryIds"/,
    ],
  ])("%s would be dropped and is refused", async (_, callParams, words) => {
    const call = mistral.call("m", { callParams }, () => "x");
    const error = await thrownBy(() => call.prepare());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(words);
  });

  test("what users name themselves is not looked into", async () => {
    const parameters = { type: "object", properties: { snake_case: {} } };
    const tools = [{ type: "function" as const, function: { name: "f", parameters } }];
    const { body } = await send((client) =>
      mistral.call("m", { client, callParams: { metadata: { user_id: 1 }, tools, n: null } }, () => "x")(),
    );
    expect(body).toMatchObject({ metadata: { user_id: 1 }, tools: [{ function: { parameters } }], n: null });
  });

  test("nothing the caller gave is changed", async () => {
    const call = { type: "tool_call", id: "call_1", name: "now", arguments: "{}" } as const;
    const picture: ImagePart = { type: "image", url: "https://a.example/b.png" };
    const messages: Message[] = deepFreeze([
      Messages.system([{ type: "text", text: "a" }]),
      Messages.user([picture]),
      { role: "assistant", content: [call] },
      { role: "tool", content: [{ type: "tool_result", id: "call_1", name: "now", content: "noon" }] },
    ]);
    const callParams: mistral.CallParams = deepFreeze({
      tools: [{ type: "web_search" }],
      stop: ["a"],
      metadata: { a: 1 },
    });
    for (const jsonMode of [true, "schema", false] as const) {
      await send(
        (client) => {
          const options = { client, callParams, jsonMode, tools: [lookUp] as const };
          return mistral.call(
            "m",
            { ...options, responseModel: deepFreeze(z.object({ a: z.string() })) },
            () => messages,
          )();
        },
        completion({ content: '{"a":"b"}', tool_calls: null }),
      );
    }
  });
});
