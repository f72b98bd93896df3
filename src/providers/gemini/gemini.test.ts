import type { Content, FinishReason, GenerateContentResponse } from "@google/genai";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  answer,
  asked,
  hi,
  modelTurn as model,
  sent,
  serve,
  usageMetadata,
  userTurn as user,
} from "../../../test/support/gemini-server.ts";
import { deepFreeze, type Json, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, PromptError, UnsupportedError } from "../../errors/errors.ts";
import { document, image } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import { madeHere } from "../../message/origin.ts";
import type { Message, Part } from "../../message/parts.ts";
import { tool } from "../../tools/tool.ts";
import { gemini, provider } from "./index.ts";

const bare = { generationConfig: {} };
const weather = tool({ name: "get_weather", parameters: z.object({ city: z.string() }), call: ({ city }) => city });

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

  // checklist: 56
  test("system messages become the system instruction, wherever they stand", async () => {
    const turns = [Messages.user("Hi"), Messages.assistant("Ho"), Messages.user("Bye")] as const;
    const contents = [hi, model({ text: "Ho" }), user({ text: "Bye" })];
    const rules = (text: string) => ({ ...bare, contents, systemInstruction: user({ text }) });
    expect(await sent(turns)).toEqual({ ...bare, contents });
    expect(await sent([Messages.system("One."), ...turns])).toEqual(rules("One."));
    const scattered = [Messages.system("One."), turns[0], Messages.system("Two."), turns[1], turns[2]];
    expect(await sent(scattered)).toEqual(rules("One.\n\nTwo."));
    const own = { systemInstruction: "Zero." };
    expect(await sent(scattered, { callParams: own })).toEqual(rules("Zero.\n\nOne.\n\nTwo."));
    const parts = await sent(scattered, { callParams: { systemInstruction: { parts: [{ text: "Zero." }] } } });
    expect(parts.systemInstruction).toEqual(user({ text: "Zero." }, { text: "One.\n\nTwo." }));
    const inParts = await sent([Messages.system(["One", "two"]), Messages.system("Three."), ...turns], {
      callParams: own,
    });
    expect(inParts.systemInstruction).toEqual(
      user({ text: "Zero.\n\n" }, { text: "One" }, { text: "two\n\n" }, { text: "Three." }),
    );
    expect(await thrownBy(() => gemini.call(asked, () => [Messages.system("Alone")]).prepare())).toBeInstanceOf(
      UnsupportedError,
    );
  });

  // checklist: 54
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
    expect(foreign).toBeInstanceOf(PromptError);
    expect((foreign as Error).message).toContain("Message 1 is not a message of gemini");
  });

  test("an answer of either of Google's services comes back as it was", async () => {
    const turn = { role: "model", parts: [{ text: "a", thought: true, thoughtSignature: "c2ln" }, { text: "b" }] };
    for (const from of ["gemini", "vertex"]) {
      const message: Message = { role: "assistant", content: "b", native: madeHere({ provider: from, message: turn }) };
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

  test("the compiler knows all this", () => {
    // @ts-expect-error a misspelt parameter
    gemini.call(asked, { callParams: { maxTokens: 1 } }, () => "Hi");
    // @ts-expect-error a parameter of Vertex AI alone
    gemini.call(asked, { callParams: { routingConfig: {} } }, () => "Hi");
    // @ts-expect-error the signal is the call's
    gemini.call(asked, { callParams: { abortSignal: AbortSignal.abort() } }, () => "Hi");
    expectTypeOf<gemini.CallResponse["finishReasons"]>().toEqualTypeOf<readonly `${FinishReason}`[] | undefined>();
    expectTypeOf<gemini.CallResponse["response"]>().toEqualTypeOf<GenerateContentResponse>();
    expectTypeOf<gemini.CallResponse["messageParam"]>().toEqualTypeOf<Content>();
  });

  // checklist: 42
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

  // checklist: 55
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

  // checklist: 58
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
    expect((await sent([Messages.user("Hi"), broken])).contents).toMatchObject([
      hi,
      model({ functionCall: { id: "1", name: "f", args: { INVALID_JSON: '{"a":' } } }),
      {},
    ]);
  });
});
