import { describe, expect, test } from "vitest";
import { z } from "zod";
import { status } from "../../../test/support/fault-server.ts";
import { answer, asked, hi, sent, serve, userTurn as user } from "../../../test/support/gemini-server.ts";
import { type Json, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { ParseError } from "../../structured/parse-error.ts";
import { tool } from "../../tools/tool.ts";
import { ToolError } from "../../tools/tool-error.ts";
import { vertex } from "../vertex/index.ts";
import { gemini } from "./index.ts";

const bare = { generationConfig: {} };
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
      tools: [
        { functionDeclarations: [{ parametersJsonSchema: { properties: { a: { type: "string" } }, required: [] } }] },
      ],
    });
    const choice = { toolConfig: { functionCallingConfig: { mode: "NONE" } } } as gemini.CallParams;
    expect((await sent([Messages.user("Hi")], { tools: [strict], callParams: choice })).toolConfig).toEqual(
      choice.toolConfig,
    );
  });

  // checklist: 77, 86
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

// checklist: 127, 134, 137
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

  test.each([gemini, vertex])(
    "[F3] a media type of the caller's own is refused beside a mode that sets it",
    async ({ call }) => {
      const ask = call as typeof gemini.call;
      for (const options of [
        { jsonMode: true },
        { responseModel: Book, jsonMode: true },
        { responseModel: Book, jsonMode: "schema" },
      ]) {
        const callParams = { responseMimeType: "text/plain" };
        const error = await thrownBy(() => ask(asked, { ...options, callParams } as object, () => "Hi").prepare());
        expect(error).toBeInstanceOf(ConfigError);
        expect(String(error)).toContain("`responseMimeType` and `jsonMode` exclude each other");
      }
      const { request } = await ask(asked, { callParams: { responseMimeType: "text/x.enum" } }, () => "Hi").prepare();
      expect(request.config).toMatchObject({ responseMimeType: "text/x.enum" });
    },
  );

  test.each([
    ["max_output_tokens", "maxOutputTokens"],
    ["maxTokens", "maxOutputTokens"],
    ["responseMimetype", "responseMimeType"],
    ["system_instruction", "systemInstruction"],
  ])("[F3] a key that the SDK would drop names the one that was meant: %s", async (key, meant) => {
    for (const { call } of [gemini, vertex]) {
      const ask = call as typeof gemini.call;
      const error = await thrownBy(() => ask(asked, { callParams: { [key]: 1 } as object }, () => "Hi").prepare());
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toContain(`"${key}"`);
      expect(String(error)).toContain(`"${meant}"`);
    }
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
    expect((error as ParseError & { readonly response: gemini.CallResponse }).response.outputTokens).toBe(5);
  });

  // checklist: 112, 143
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

test("a foreign tool call is signed by Google's word for it where the model checks signatures", async () => {
  const turn = {
    role: "assistant" as const,
    content: [
      { type: "tool_call" as const, id: "abc123XYZ", name: "a", arguments: "{}" },
      { type: "tool_call" as const, id: "abc123XYz", name: "b", arguments: "{}" },
    ],
  };
  const contentsFor = async (model: string) => {
    const prepared = await gemini.call(model, () => ({ messages: [Messages.user("Hi"), turn] })).prepare();
    return prepared.request.contents[1]?.parts?.map(({ thoughtSignature }) => thoughtSignature);
  };
  expect(await contentsFor("gemini-3-pro-preview")).toEqual(["skip_thought_signature_validator", undefined]);
  expect(await contentsFor("gemini-2.5-flash")).toEqual([undefined, undefined]);
});
