import type { Content } from "@google/genai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { status } from "../../../test/support/fault-server.ts";
import { answer, asked, serve, usageMetadata } from "../../../test/support/gemini-server.ts";
import { deepFreeze, type Json, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, ParseError, ToolError, UnsupportedError } from "../../errors.ts";
import { document, image } from "../../media.ts";
import { type Message, Messages, type Part } from "../../message.ts";
import { jsonSchema } from "../../schema.ts";
import { tool } from "../../tool.ts";
import { gemini, provider } from "./index.ts";

type Prompted = readonly (Message | Content)[];

/** The whole body that leaves for these messages and options. */
async function sent(messages: Prompted, options: gemini.CallOptions = {}): Promise<Json> {
  await using api = await serve();
  const call = gemini.call(asked, { ...options, client: api.client } as object, () => ({ messages: [...messages] }));
  await call();
  return api.body();
}

const bare = { generationConfig: {} };
const user = (...parts: object[]) => ({ role: "user", parts });
const model = (...parts: object[]) => ({ role: "model", parts });
const hi = user({ text: "Hi" });

const weather = tool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ place: z.object({ city: z.string() }) }),
  call: ({ place }) => `Sunny in ${place.city}`,
});
const now = tool({ name: "get_time", call: () => "12:00" });
const weatherDeclaration = {
  name: "get_weather",
  description: "The weather in a city",
  parametersJsonSchema: {
    type: "object",
    properties: { place: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
    required: ["place"],
  },
};

describe("requests", () => {
  test("the shortest call sends the message, and everything of the answer is read", async () => {
    await using api = await serve();
    const response = await gemini.call(asked, { client: api.client }, (name: string) => `I am ${name}`)("Ada");
    expect(api.server.requests[0]?.path).toBe(`/v1/models/${asked}:generateContent`);
    expect(api.body()).toEqual({ ...bare, contents: [user({ text: "I am Ada" })] });
    expect(response.callKwargs).toEqual({
      model: asked,
      contents: [user({ text: "I am Ada" })],
      config: { automaticContinuation: false, automaticFunctionCalling: { disable: true } },
    });
    expect(response.response.candidates).toEqual(answer().candidates);
    expect(response).toMatchObject({ provider: "gemini", content: "Hello", id: "r1", model: asked });
    expect(response).toMatchObject({ finishReasons: ["STOP"], stopReason: "stop", usage: usageMetadata });
    expect(response).toMatchObject({ inputTokens: 10, outputTokens: 5 });
    // 0.30 and 2.50 US dollars a million tokens: https://ai.google.dev/gemini-api/docs/pricing
    expect(response.cost).toBeCloseTo((10 * 0.3 + 5 * 2.5) / 1e6, 12);
    expect(response.messageParam).toBe(response.response.candidates?.[0]?.content);
    expect([response.tools, response.toolCalls, response.thinking, response.refusal]).toEqual(Array(4).fill(undefined));
  });

  test("system messages become the system instruction, wherever they stand", async () => {
    const turns = [Messages.user("Hi"), Messages.assistant("Ho"), Messages.user("Bye")] as const;
    const contents = [hi, model({ text: "Ho" }), user({ text: "Bye" })];
    const rules = (text: string) => ({ ...bare, contents, systemInstruction: user({ text }) });
    expect(await sent(turns)).toEqual({ ...bare, contents });
    expect(await sent([Messages.system("One."), ...turns])).toEqual(rules("One."));
    const scattered = [Messages.system(["One", "."]), turns[0], Messages.system("Two."), turns[1], turns[2]];
    expect(await sent(scattered)).toEqual(rules("One.\n\nTwo."));
    const own = { systemInstruction: "Zero." };
    expect(await sent(scattered, { callParams: own })).toEqual(rules("Zero.\n\nOne.\n\nTwo."));
    const parts = await sent(scattered, { callParams: { systemInstruction: { parts: [{ text: "Zero." }] } } });
    expect(parts.systemInstruction).toEqual(user({ text: "Zero." }, { text: "One.\n\nTwo." }));
    expect(await thrownBy(() => gemini.call(asked, () => [Messages.system("Alone")]).prepare())).toBeInstanceOf(
      UnsupportedError,
    );
  });

  test("native messages pass by reference, among neutral ones too", async () => {
    const native: Content = deepFreeze({ role: "user", parts: [{ text: "Native", videoMetadata: { fps: 1 } }] });
    const prepared = await gemini
      .call(asked, () => ({ messages: [Messages.user("Hi"), native, { parts: [{ text: "No role" }] }] }))
      .prepare();
    expect(prepared.messages[1]).toBe(native);
    expect(await sent([Messages.user("Hi"), native])).toEqual({ ...bare, contents: [hi, native] });
    const foreign = await thrownBy(() =>
      gemini.call(asked, () => [Messages.user("Hi"), { role: "user", content: [{ kind: "x" }] } as never]).prepare(),
    );
    expect(foreign).toBeInstanceOf(TypeError);
    expect((foreign as Error).message).toContain("Message 1 is no message of gemini");
  });

  test("an answer of either of Google's services comes back as it was", async () => {
    const turn = { role: "model", parts: [{ text: "a", thought: true, thoughtSignature: "c2ln" }, { text: "b" }] };
    for (const from of ["gemini", "vertex"]) {
      const message: Message = { role: "assistant", content: "b", native: { provider: from, message: turn } };
      expect((await sent([Messages.user("Hi"), message])).contents).toEqual([hi, turn]);
    }
    const foreign: Message = { role: "assistant", content: "b", native: { provider: "openai", message: {} } };
    expect((await sent([Messages.user("Hi"), foreign])).contents).toEqual([hi, model({ text: "b" })]);
  });

  test("parameters are the SDK's config, and what it would drop is refused by name", async () => {
    const callParams: gemini.CallParams = {
      temperature: 0,
      maxOutputTokens: 9,
      stopSequences: ["x"],
      thinkingConfig: { thinkingBudget: 0 },
      cachedContent: "cachedContents/c1",
      labels: { team: "a" },
      httpOptions: { extraBody: { generationConfig: { newField: 1 } } },
    };
    expect(await sent([Messages.user("Hi")], { callParams })).toEqual({
      contents: [hi],
      generationConfig: {
        temperature: 0,
        maxOutputTokens: 9,
        stopSequences: ["x"],
        thinkingConfig: { thinkingBudget: 0 },
        newField: 1,
      },
      cachedContent: "cachedContents/c1",
      labels: { team: "a" },
    });
    const refused = async (params: object) =>
      thrownBy(() => gemini.call(asked, { callParams: params as never }, () => "Hi").prepare());
    const unknown = await refused({ max_output_tokens: 9 });
    expect(unknown).toBeInstanceOf(ConfigError);
    expect((unknown as Error).message).toMatch(/gemini.*"max_output_tokens".*extraBody/s);
    for (const key of ["abortSignal", "automaticFunctionCalling", "automaticContinuation", "toString"]) {
      expect(await refused({ [key]: true }), key).toBeInstanceOf(ConfigError);
    }
    expect(await refused({ routingConfig: {} })).toMatchObject({ provider: "gemini", feature: "routingConfig" });
  });

  test("the common parameters have Google's names; the provider's own win", () => {
    const common = {
      temperature: 1,
      maxTokens: 2,
      topP: 0.5,
      stop: "s",
      seed: 3,
      frequencyPenalty: 4,
      presencePenalty: 5,
    };
    const { request } = provider.params({
      ...{ model: asked, messages: [Messages.user("Hi")], stream: false, tools: [], output: undefined },
      common,
      callParams: { temperature: 0 },
    });
    expect(request.config).toEqual({
      ...{ temperature: 0, maxOutputTokens: 2, topP: 0.5, stopSequences: ["s"], seed: 3 },
      ...{ frequencyPenalty: 4, presencePenalty: 5 },
      automaticContinuation: false,
      automaticFunctionCalling: { disable: true },
    });
  });

  test("nothing the caller passed is touched, though the SDK rewrites declarations where they stand", async () => {
    const callParams = deepFreeze({
      tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "object", properties: {} } }] }],
      responseSchema: { $schema: "x", type: "object" },
      httpOptions: { headers: { "x-one": "1" } },
      systemInstruction: { parts: [{ text: "Zero." }] },
    }) as object as gemini.CallParams;
    const messages = deepFreeze([
      Messages.system("One."),
      Messages.user(["Hi", image(png)]),
      { role: "assistant", content: [{ type: "tool_call", id: "1", name: "f", arguments: "{}" }] } as Message,
      { role: "tool", content: [{ type: "tool_result", id: "1", name: "f", content: "ok" }] } as Message,
      { role: "user", parts: [{ text: "Go on" }] },
    ]);
    const options = Object.freeze({ tools: Object.freeze([weather]), callParams });
    await using api = await serve();
    const call = gemini.call(asked, { ...options, client: api.client } as object, () => ({ messages: [...messages] }));
    const response = (await call()) as gemini.CallResponse;
    expect(response.content).toBe("Hello");
    expect((api.body().tools as Json[])[1]).toEqual({
      functionDeclarations: [{ name: "f", parameters: { type: "OBJECT", properties: {} } }],
    });
    expect(response.callParams).toEqual(callParams);
  });
});

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==",
  "base64",
);
const pdf = Buffer.from("%PDF-1.4\n");

describe("parts", () => {
  const converted = async (part: Part) => ((await sent([Messages.user(part)])).contents as Content[])[0]?.parts?.[0];

  test("bytes go inline", async () => {
    expect(await converted(image(png))).toEqual({
      inlineData: { mimeType: "image/png", data: png.toString("base64") },
    });
    expect(await converted(document(pdf))).toEqual({
      inlineData: { mimeType: "application/pdf", data: pdf.toString("base64") },
    });
    for (const mediaType of ["audio/wav", "audio/mp3", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac"]) {
      expect(await converted({ type: "audio", data: "AAAA", mediaType })).toEqual({
        inlineData: { mimeType: mediaType, data: "AAAA" },
      });
    }
  });

  test("addresses are Google's to fetch, with the media type they show", async () => {
    const files: [Part, object][] = [
      [image("https://example.com/a.png?x=1.gif"), { mimeType: "image/png" }],
      [image("https://example.com/a"), {}],
      [{ type: "image", url: "https://example.com/a", mediaType: "image/webp" }, { mimeType: "image/webp" }],
      [{ type: "audio", url: "https://example.com/a.MP3" }, { mimeType: "audio/mp3" }],
      [document("https://example.com/files/x1"), { mimeType: "application/pdf" }],
    ];
    for (const [part, type] of files) {
      const { url } = part as { url: string };
      expect(await converted(part)).toEqual({ fileData: { fileUri: url, ...type } });
    }
  });

  test("what the API has no place for is refused with what it takes", async () => {
    const refused: [Part, string, RegExp][] = [
      [{ type: "image", data: "AAAA", mediaType: "image/gif" }, "image/gif", /image\/png, image\/jpeg, .*image\/gif/],
      [{ type: "audio", data: "AAAA", mediaType: "audio/midi" }, "audio/midi", /audio\/wav/],
      [{ type: "document", data: "AAAA", mediaType: "application/zip" }, "application/zip", /application\/pdf/],
      [{ type: "image", url: "gs://bucket/a.png" }, "image url", /gemini takes no gs:\/\/ address/],
      [
        { type: "cache_control", cacheType: "ephemeral" },
        "cache_control",
        /text, image, audio, document.*cachedContent/,
      ],
      [{ type: "thinking", text: "x" }, "thinking", /text, image, audio, document/],
    ];
    for (const [part, feature, message] of refused) {
      const error = await thrownBy(() => gemini.call(asked, () => ({ messages: [Messages.user(part)] })).prepare());
      expect(error, feature).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ provider: "gemini", feature, message: expect.stringMatching(message) });
    }
    const system = { role: "system", content: [image(png)] } as Message;
    expect(await thrownBy(() => gemini.call(asked, () => ({ messages: [system] })).prepare())).toMatchObject({
      feature: "image",
    });
  });

  test("thoughts of another model are left out, its tool calls and results stay", async () => {
    const messages: Message[] = [
      Messages.user("Hi"),
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "Hm", signature: "s" },
          { type: "text", text: "Let me see." },
          { type: "tool_call", id: "call_1", name: "get_weather", arguments: '{"place":{"city":"Rome"}}' },
          { type: "tool_call", id: "", name: "get_time", arguments: "" },
        ],
      },
      { role: "tool", content: [{ type: "tool_result", id: "call_1", name: "get_weather", content: "Sunny" }] },
      {
        role: "tool",
        content: [{ type: "tool_result", id: "", name: "get_time", content: "No clock", isError: true }],
      },
      { role: "assistant", content: [{ type: "thinking", text: "Only a thought" }] },
      Messages.user("And?"),
    ];
    expect((await sent(messages)).contents).toEqual([
      hi,
      model(
        { text: "Let me see." },
        { functionCall: { id: "call_1", name: "get_weather", args: { place: { city: "Rome" } } } },
        { functionCall: { name: "get_time", args: {} } },
      ),
      user(
        { functionResponse: { id: "call_1", name: "get_weather", response: { output: "Sunny" } } },
        { functionResponse: { name: "get_time", response: { error: "No clock" } } },
      ),
      user({ text: "And?" }),
    ]);
    const broken: Message = {
      role: "assistant",
      content: [{ type: "tool_call", id: "1", name: "f", arguments: '{"a":' }],
    };
    expect(await thrownBy(() => gemini.call(asked, () => ({ messages: [broken] })).prepare())).toMatchObject({
      feature: "tool_call arguments",
    });
  });
});

describe("tools", () => {
  const call = (functionCall: object, thoughtSignature?: string) => ({
    functionCall,
    ...(thoughtSignature && { thoughtSignature }),
  });

  test("are declared by JSON Schema, beside Google's own", async () => {
    const body = await sent([Messages.user("Hi")], {
      tools: [weather, now],
      callParams: { tools: [{ googleSearch: {} }] },
    });
    expect(body).toEqual({
      ...bare,
      contents: [hi],
      tools: [{ functionDeclarations: [weatherDeclaration, { name: "get_time" }] }, { googleSearch: {} }],
    });
    const strict = tool({ name: "s", strict: true, parameters: z.object({ a: z.string().optional() }), call: () => 1 });
    expect(await sent([Messages.user("Hi")], { tools: [strict] })).toMatchObject({
      toolConfig: { functionCallingConfig: { mode: "VALIDATED" } },
      tools: [{ functionDeclarations: [{ parametersJsonSchema: { required: ["a"] } }] }],
    });
    const choice = { toolConfig: { functionCallingConfig: { mode: "NONE" } } } as gemini.CallParams;
    expect((await sent([Messages.user("Hi")], { tools: [strict], callParams: choice })).toolConfig).toEqual(
      choice.toolConfig,
    );
  });

  test("called in parallel and without ids, each has its result in one turn", async () => {
    const parts = [
      call({ name: "get_weather", args: { place: { city: "Rome" } } }, "c2ln"),
      call({ name: "get_weather", args: { place: { city: "Oslo" } } }),
      call({ name: "get_time" }),
      // What Google runs itself is no call of ours.
      { toolCall: { toolType: "GOOGLE_SEARCH_WEB", id: "g", args: {} } },
      { executableCode: { code: "1+1", language: "PYTHON" } },
    ];
    await using api = await serve(status(200, answer(parts as never)));
    const ask = gemini.call(asked, { client: api.client, tools: [weather, now] }, () => "Hi");
    const response = await ask();
    expect(response).toMatchObject({ content: "", finishReasons: ["STOP"], stopReason: "tool_calls" });
    const uses = response.tools ?? [];
    expect(uses.map(({ name, id, args }) => ({ name, id, args }))).toEqual([
      { name: "get_weather", id: "", args: { place: { city: "Rome" } } },
      { name: "get_weather", id: "", args: { place: { city: "Oslo" } } },
      { name: "get_time", id: "", args: {} },
    ]);
    expect(uses[0]?.toolCall).toBe(response.response.candidates?.[0]?.content?.parts?.[0]?.functionCall);
    expect(await uses[1]?.call()).toBe("Sunny in Oslo");
    const results = response.toolMessageParams([
      [uses[0]!, "Sunny"],
      [uses[1]!, new Error("No data")],
      [uses[2]!, { hour: 12 }],
    ]);
    expect(results).toEqual([
      user(
        { functionResponse: { name: "get_weather", response: { output: "Sunny" } } },
        { functionResponse: { name: "get_weather", response: { error: "No data" } } },
        { functionResponse: { name: "get_time", response: { output: '{"hour":12}' } } },
      ),
    ]);
    expect(response.toolMessageParams([])).toEqual([]);
    // Server-side calls and signatures go back too.
    expect(response.messageParam).toEqual({ role: "model", parts });
    const next = await sent([Messages.user("Hi"), response.message, ...results]);
    expect(next.contents).toEqual([hi, { role: "model", parts }, ...results]);
  });

  test("ids are kept where the API gives them", async () => {
    await using api = await serve(status(200, answer([call({ id: "x1", name: "get_time", args: {} })])));
    const response = await gemini.call(asked, { client: api.client, tools: [now] }, () => "Hi")();
    expect(response.toolMessageParams([[response.tool!, "12"]])[0]?.parts?.[0]?.functionResponse).toEqual({
      id: "x1",
      name: "get_time",
      response: { output: "12" },
    });
  });

  test("wrong calls stay visible and are not usable", async () => {
    const parts = [call({ name: "constructor", args: {} }), call({ name: "get_weather", args: { place: 1 } })];
    const unexpected = answer(parts);
    (unexpected.candidates as Json[])[0] = {
      content: { role: "model", parts },
      finishReason: "UNEXPECTED_TOOL_CALL",
    };
    await using api = await serve(status(200, unexpected));
    const response = await gemini.call(asked, { client: api.client, tools: [weather] }, () => "Hi")();
    expect(response).toMatchObject({ finishReasons: ["UNEXPECTED_TOOL_CALL"], stopReason: "error" });
    expect(response.toolCalls).toHaveLength(2);
    expect(await thrownBy(() => response.tools)).toMatchObject({ code: "unknown_tool", toolName: "constructor" });
    await using other = await serve(status(200, answer(parts.slice(1))));
    const wrong = await gemini.call(asked, { client: other.client, tools: [weather] }, () => "Hi")();
    expect(await thrownBy(() => wrong.tool?.args)).toBeInstanceOf(ToolError);
  });
});

describe("structured answers", () => {
  const Book = z.object({ title: z.string(), kind: z.literal("book") });
  const book = { title: "Dune", kind: "book" };
  const schema = {
    type: "object",
    properties: { title: { type: "string" }, kind: { type: "string", enum: ["book"] } },
    required: ["title", "kind"],
  };

  test("by a forced call of one tool", async () => {
    await using api = await serve(status(200, answer([{ functionCall: { name: "answer", args: book } }])));
    const value = await gemini.call(asked, { client: api.client, responseModel: Book }, () => "Hi")();
    expect(value).toEqual(book);
    expect(api.body()).toEqual({
      ...bare,
      contents: [hi],
      tools: [
        { functionDeclarations: [{ name: "answer", description: expect.any(String), parametersJsonSchema: schema }] },
      ],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["answer"] } },
    });
  });

  test("with other tools beside it, any call will do", async () => {
    await using api = await serve(status(200, answer([{ functionCall: { name: "get_time", args: {} } }])));
    const retrievalConfig = { languageCode: "en" };
    const result = await gemini.call(
      asked,
      { client: api.client, responseModel: Book, tools: [now], callParams: { toolConfig: { retrievalConfig } } },
      () => "Hi",
    )();
    expect(api.body().toolConfig).toEqual({ retrievalConfig, functionCallingConfig: { mode: "ANY" } });
    expect((result as gemini.CallResponse).tool?.name).toBe("get_time");
    const choice = { toolConfig: { functionCallingConfig: { mode: "AUTO" } } } as gemini.CallParams;
    const error = await thrownBy(() =>
      gemini.call(asked, { responseModel: Book, callParams: choice }, () => "").prepare(),
    );
    expect(error).toBeInstanceOf(ConfigError);
  });

  test("by JSON mode, with the schema in words", async () => {
    await using api = await serve(status(200, answer([{ text: `\`\`\`json\n${JSON.stringify(book)}\n\`\`\`` }])));
    const options = { client: api.client, responseModel: Book, jsonMode: true } as const;
    expect(await gemini.call(asked, options, () => "Hi")()).toEqual(book);
    expect(api.body()).toEqual({
      contents: [hi],
      generationConfig: { responseMimeType: "application/json" },
      systemInstruction: user({ text: expect.stringContaining('"properties":{"title"') }),
    });
    const withTools = { ...options, tools: [now] } as const;
    expect((await gemini.call(asked, withTools, () => "Hi").prepare()).request.config).not.toHaveProperty(
      "responseMimeType",
    );
    const plain = await gemini.call(asked, { client: api.client, jsonMode: true }, () => "Hi").prepare();
    expect(plain.request.config).toMatchObject({ responseMimeType: "application/json" });
  });

  test("by the API's own schema mode", async () => {
    await using api = await serve(status(200, answer([{ text: JSON.stringify(book) }])));
    const options = { client: api.client, responseModel: Book, jsonMode: "schema" } as const;
    expect(await gemini.call(asked, options, () => "Hi")()).toEqual(book);
    expect(api.body()).toEqual({
      contents: [hi],
      generationConfig: {
        responseMimeType: "application/json",
        responseJsonSchema: { ...schema, additionalProperties: false },
      },
    });
    const twice = { ...options, callParams: { responseJsonSchema: {} } };
    expect(await thrownBy(() => gemini.call(asked, twice, () => "Hi").prepare())).toBeInstanceOf(ConfigError);
  });

  test("a failed one keeps the whole response", async () => {
    await using api = await serve(status(200, answer([{ text: "I would rather not." }])));
    const error = await thrownBy(gemini.call(asked, { client: api.client, responseModel: Book }, () => "Hi"));
    expect(error).toBeInstanceOf(ParseError);
    expect((error as ParseError<gemini.CallResponse>).response.outputTokens).toBe(5);
  });

  test("a schema's recursion and examples reach the model", async () => {
    const recursive = jsonSchema({
      type: "object",
      properties: { child: { description: "One more", $ref: "#" }, note: { type: "string", examples: ["n"] } },
    });
    const { request } = await gemini.call(asked, { responseModel: recursive }, () => "Hi").prepare();
    const [first] = request.config.tools as { functionDeclarations: { parametersJsonSchema: unknown }[] }[];
    expect(first?.functionDeclarations[0]?.parametersJsonSchema).toEqual({
      type: "object",
      properties: {
        child: { description: "One more", anyOf: [{ $ref: "#" }] },
        note: { type: "string", examples: ["n"] },
      },
    });
  });
});

describe("answers", () => {
  async function read(body: object) {
    await using api = await serve(status(200, body));
    return await gemini.call(asked, { client: api.client }, () => "Hi")();
  }
  const ended = (candidate: object, more: object = {}) => ({ ...answer(), candidates: [candidate], ...more });

  test("a blocked prompt has no answer, and says so", async () => {
    const response = await read({ promptFeedback: { blockReason: "SAFETY" }, modelVersion: asked });
    expect(response).toMatchObject({
      content: "",
      finishReasons: undefined,
      stopReason: "content_filter",
      usage: undefined,
    });
    expect([response.cost, response.inputTokens, response.id]).toEqual([undefined, undefined, undefined]);
    expect(response.messageParam).toEqual({ role: "model", parts: [] });
  });

  test("candidates can lack content, parts and counts", async () => {
    const empty = await read(
      ended({ finishReason: "SAFETY" }, { usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } }),
    );
    expect(empty).toMatchObject({ content: "", stopReason: "content_filter", inputTokens: 4, outputTokens: 0 });
    const thought = await read(
      ended(
        { content: { role: "model" }, finishReason: "MAX_TOKENS" },
        { usageMetadata: { promptTokenCount: 4, thoughtsTokenCount: 6, totalTokenCount: 10 } },
      ),
    );
    expect(thought).toMatchObject({ content: "", stopReason: "length", outputTokens: 6, tokens: { reasoning: 6 } });
    const untold = await read(ended({ finishReason: "NEW_REASON" }, { usageMetadata: { trafficType: "ON_DEMAND" } }));
    expect(untold).toMatchObject({ finishReasons: ["NEW_REASON"], stopReason: "other", inputTokens: undefined });
  });

  test("thoughts, several candidates, unknown parts", async () => {
    const parts = [
      { text: "Let me think.", thought: true, thoughtSignature: "c2ln" },
      { text: "One", thoughtSignature: "c2lu" },
      { somethingNew: { x: 1 } },
      { text: " and two" },
    ];
    const response = await read({
      ...answer(),
      candidates: [
        { content: { role: "model", parts }, finishReason: "STOP", index: 0 },
        { content: { role: "model", parts: [{ text: "Other" }] }, finishReason: "MAX_TOKENS", index: 1 },
      ],
    });
    expect(response).toMatchObject({
      content: "One and two",
      thinking: "Let me think.",
      finishReasons: ["STOP", "MAX_TOKENS"],
    });
    expect(response.message.content).toContainEqual({ type: "thinking", text: "Let me think.", signature: "c2ln" });
    expect(response.messageParam).toEqual({ role: "model", parts });
    expect(JSON.parse(JSON.stringify(response))).toMatchObject({ content: "One and two", provider: "gemini" });
  });

  test("tokens are totals: cached ones inside, thoughts and tool results added", async () => {
    const counts = {
      ...{ promptTokenCount: 100, cachedContentTokenCount: 40, toolUsePromptTokenCount: 20, candidatesTokenCount: 7 },
      ...{ thoughtsTokenCount: 3, totalTokenCount: 130 },
    };
    const response = await read(answer([{ text: "x" }], { usageMetadata: counts }));
    expect(response.tokens).toEqual({ input: 120, output: 10, cacheRead: 40, reasoning: 3 });
    expect(response.cost).toBeCloseTo((80 * 0.3 + 40 * 0.03 + 10 * 2.5) / 1e6, 12);
    const heard = await read(
      answer([{ text: "x" }], {
        usageMetadata: {
          ...{ promptTokenCount: 100, candidatesTokenCount: 5, totalTokenCount: 105 },
          promptTokensDetails: [
            { modality: "TEXT", tokenCount: 30 },
            { modality: "AUDIO", tokenCount: 70 },
          ],
        },
      }),
    );
    expect(heard.tokens).toEqual({ input: 100, output: 5, inputAudio: 70 });
    expect(heard.cost).toBeCloseTo((30 * 0.3 + 70 * 1 + 5 * 2.5) / 1e6, 12);
    const tiers = { standard: true, flex: false, priority: false };
    for (const [serviceTier, known] of Object.entries(tiers)) {
      const { cost } = await read(answer([{ text: "x" }], { usageMetadata: { ...usageMetadata, serviceTier } }));
      expect(cost !== undefined, serviceTier).toBe(known);
    }
  });

  test("sound comes as bytes", async () => {
    const piece = (text: string) => ({
      inlineData: { mimeType: "audio/L16;rate=24000", data: Buffer.from(text).toString("base64") },
    });
    const response = await read(answer([piece("ab"), piece("c"), { text: "Hi" }]));
    expect(Buffer.from(response.audio ?? []).toString()).toBe("abc");
    expect((await read(answer())).audio).toBeUndefined();
  });
});
