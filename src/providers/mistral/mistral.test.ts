import { describe, expect, test } from "vitest";
import { completion, send, sentMessages, type Wire } from "../../../test/support/mistral-wire.ts";
import { deepFreeze, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, PromptError, UnsupportedError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import type { ImagePart, Message, Part } from "../../message/parts.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { tool } from "../../tools/tool.ts";
import { mistral, provider } from "./index.ts";

const now = tool({ name: "now", call: () => "noon" });

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
      "another API's part",
      { role: "user", content: [{ type: "image", source: {} }] },
      /Message 1 .*"content\[0\]" is of the type "image"; it takes text, .*image_url/,
    ],
    [
      "a snake-case key in a part",
      { role: "user", content: [{ type: "document_url", documentUrl: "https://a.example/b", document_name: "b" }] },
      /drop "content\[0\]\.document_name".*write "documentName"/,
    ],
  ])("refuses %s, which the SDK would drop or not know", async (_, message, words) => {
    const call = mistral.call("m", { jsonMode: true }, () => [Messages.user("x"), message] as Message[]);
    const error = await thrownBy(() => call.prepare());
    expect(error).toBeInstanceOf(PromptError);
    expect((error as Error).message).toMatch(words);
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
    ["a key of another API", { topK: 5 }, /"topK" silently; it takes temperature, topP/],
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
    const shape = deepFreeze({
      type: "object" as const,
      properties: { a: { type: "string" as const } },
      required: ["a"],
    });
    for (const jsonMode of [true, "schema", false] as const) {
      await send(
        (client) => {
          const options = { client, callParams, jsonMode, tools: [now] as const };
          return mistral.call("m", { ...options, responseModel: jsonSchema(shape) }, () => messages)();
        },
        completion({ content: '{"a":"b"}', tool_calls: null }),
      );
    }
  });
});
