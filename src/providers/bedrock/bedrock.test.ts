import type { BedrockRuntimeClient, ContentBlock, Message } from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, clientOf, usage } from "../../../test/support/converse-server.ts";
import { type Handler, inTurn, type LoopbackServer, startServer } from "../../../test/support/fault-server.ts";
import { deepFreeze, thrownBy } from "../../../test/support/replay.ts";
import { PromptError, UnsupportedError } from "../../errors/errors.ts";
import { audio, document, image } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import type { Part } from "../../message/parts.ts";
import { tool } from "../../tools/tool.ts";
import { bedrock } from "./index.ts";
import { provider } from "./provider.ts";

let server: LoopbackServer;
let client: BedrockRuntimeClient;

async function serve(...handlers: [Handler, ...Handler[]]): Promise<void> {
  server = await startServer(inTurn(...handlers));
  client = clientOf(server.url);
}

afterEach(async () => {
  client?.destroy();
  await server?.close();
});

const model = "us.anthropic.claude-sonnet-4-20250514-v1:0";
const sent = (index = 0) => server.requests[index]?.body;
const prepare = async (messages: unknown, options: bedrock.CallOptions = {}) =>
  (await bedrock.call(model, options, () => ({ messages: messages as Message[] })).prepare()).request;

const weather = tool({
  name: "weather",
  description: "The weather of a city",
  parameters: z.object({ city: z.string(), when: z.object({ day: z.string() }).optional() }),
  call: ({ city }) => `sunny in ${city}`,
});
const now = tool({ name: "now", call: () => "noon" });

describe("text", () => {
  // checklist: 72, 73, 74
  test("one call: the whole body, and everything the answer says", async () => {
    await serve(answer([{ text: "The " }, { text: "Hobbit" }]));
    const recommend = bedrock.call(
      model,
      { client, callParams: { inferenceConfig: { maxTokens: 9 } } },
      (genre: string) => `Recommend a ${genre} book`,
    );
    const response = await recommend("fantasy");
    expect(sent()).toEqual({
      messages: [{ role: "user", content: [{ text: "Recommend a fantasy book" }] }],
      inferenceConfig: { maxTokens: 9 },
    });
    expect(server.requests[0]?.path).toBe(`/model/${encodeURIComponent(model)}/converse`);
    expect(response).toMatchObject({ content: "The Hobbit", id: "request-1", model, stopReason: "stop", usage });
    expect(response.finishReasons).toEqual(["end_turn"]);
    expect([response.inputTokens, response.outputTokens]).toEqual([10, 5]);
    expect(response.cost).toBeCloseTo((10 * 3 + 5 * 15) / 1e6, 10);
    expect(response.messageParam).toBe(response.response.output?.message);
    expect([response.tools, response.thinking, response.refusal]).toEqual([undefined, undefined, undefined]);
  });

  // checklist: 56
  test("system messages, wherever they stand, are one system prompt behind the caller's own", async () => {
    const messages = [
      Messages.system("One"),
      Messages.user("Hi"),
      Messages.assistant("Hello"),
      Messages.system([
        { type: "text", text: "Two" },
        { type: "cache_control", cacheType: "ephemeral", ttl: "1h" },
      ]),
      Messages.user("Go on"),
    ];
    expect(await prepare(messages, { callParams: { system: [{ text: "Zero" }] } })).toEqual({
      modelId: model,
      system: [{ text: "Zero" }, { text: "One" }, { text: "Two" }, { cachePoint: { type: "default", ttl: "1h" } }],
      messages: [
        { role: "user", content: [{ text: "Hi" }] },
        { role: "assistant", content: [{ text: "Hello" }] },
        { role: "user", content: [{ text: "Go on" }] },
      ],
    });
  });

  test("neighbours of one role are one turn; native messages side by side stay as they are", async () => {
    const native: Message = { role: "user", content: [{ text: "a" }] };
    const mixed = await prepare([native, native, Messages.user("b"), Messages.user("c")]);
    expect(mixed.messages).toEqual([native, { role: "user", content: [{ text: "a" }, { text: "b" }, { text: "c" }] }]);
    expect(mixed.messages?.[0]).toBe(native);
    expect(native.content).toHaveLength(1);
  });

  test("a message of another API is refused by its index", async () => {
    const foreign = { role: "user", content: [{ type: "input_text", text: "x" }] };
    await expect(prepare([Messages.user("a"), foreign])).rejects.toThrow(PromptError);
    await expect(prepare([Messages.user("a"), foreign])).rejects.toThrow("Message 1 is not a message of bedrock");
    await expect(prepare([{ role: "tool", content: null, tool_call_id: "1" }])).rejects.toThrow("Message 0");
    await expect(prepare([{ role: "user", parts: [{ text: "x" }] }])).rejects.toThrow(PromptError);
  });
});

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const wav = Buffer.concat([Buffer.from("RIFF\x24\0\0\0WAVEfmt "), Buffer.alloc(32)]);
const pdf = Buffer.from("%PDF-1.4 x");

// checklist: 60
describe("parts", () => {
  test("media go as raw bytes, documents under names of their own, cache points at their place", async () => {
    await serve(answer([{ text: "ok" }]));
    const parts = [
      "Look:",
      image(png),
      audio(wav),
      document(pdf, { name: "a_b  report.pdf" }),
      document(pdf),
      document(pdf),
      { type: "cache_control", cacheType: "ephemeral" } as const,
    ];
    const response = await bedrock.call(model, { client }, () => parts)();
    const bytes = pdf.toString("base64");
    expect(sent()).toEqual({
      messages: [
        {
          role: "user",
          content: [
            { text: "Look:" },
            { image: { format: "png", source: { bytes: png.toString("base64") } } },
            { audio: { format: "wav", source: { bytes: wav.toString("base64") } } },
            { document: { format: "pdf", name: "a b report pdf", source: { bytes } } },
            { document: { format: "pdf", name: "document", source: { bytes } } },
            { document: { format: "pdf", name: "document 2", source: { bytes } } },
            { cachePoint: { type: "default" } },
          ],
        },
      ],
    });
    const block = (response.callKwargs.messages?.[0]?.content ?? [])[1] as ContentBlock.ImageMember;
    expect(block.image.source?.bytes).toEqual(new Uint8Array(png));
    expect(JSON.parse(JSON.stringify(response)).messages).toEqual((sent() as { messages: unknown }).messages);
  });

  test("a request that went through JSON is sent the same", async () => {
    await serve(answer([{ text: "ok" }]), answer([{ text: "ok" }]), answer([{ text: "ok" }]));
    const redacted = { reasoningContent: { redactedContent: new Uint8Array([1, 2, 250]) } };
    const use = { toolUse: { toolUseId: "1", name: "save", input: { bytes: "not base64" } } };
    const messages: Message[] = [
      { role: "user", content: [{ image: { format: "png", source: { bytes: png } } }, { text: "x" }] },
      { role: "assistant", content: [redacted, use] },
    ];
    const call = bedrock.call(model, {}, () => ({ messages }));
    const prepared = await call.prepare();
    const forms = [
      prepared.request,
      JSON.parse(JSON.stringify(prepared)).request,
      JSON.parse(JSON.stringify(prepared.request)),
    ];
    for (const form of forms) await provider.create(client, form, {});
    expect(sent()).toEqual({
      messages: [
        {
          role: "user",
          content: [{ image: { format: "png", source: { bytes: png.toString("base64") } } }, { text: "x" }],
        },
        { role: "assistant", content: [{ reasoningContent: { redactedContent: "AQL6" } }, use] },
      ],
      toolConfig: { tools: [{ toolSpec: { name: "save", inputSchema: { json: { type: "object" } } } }] },
    });
    expect([sent(1), sent(2)]).toEqual([sent(), sent()]);
  });

  // checklist: 58
  test("S3 is passed on; every other address and type is refused before any request", async () => {
    const s3 = { type: "image", url: "s3://bucket/a.png", mediaType: "image/png" } as const;
    expect((await prepare([Messages.user([s3])])).messages).toEqual([
      { role: "user", content: [{ image: { format: "png", source: { s3Location: { uri: "s3://bucket/a.png" } } } }] },
    ]);
    const refused: [Part, string, string][] = [
      [{ type: "image", url: "https://example.com/a.png" }, "image url", "give its bytes"],
      [{ type: "image", url: "s3://bucket/a" }, "image url", "mediaType"],
      [{ type: "image", data: "AA==", mediaType: "image/heic" }, "image/heic", "image/png, image/jpeg"],
      [{ type: "audio", data: "AA==", mediaType: "audio/aiff" }, "audio/aiff", "audio/wav"],
      [{ type: "document", data: "AA==", mediaType: "toString" }, "toString", "application/pdf"],
      [{ type: "cache_control", cacheType: "ephemeral" }, "cache_control", "the first place"],
      [{ type: "tool_call", id: "1", name: "x", arguments: "{}" }, "tool_call", "text, image, audio"],
    ];
    for (const [part, feature, words] of refused) {
      const error = await thrownBy(() => prepare([Messages.user([part])]));
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ provider: "bedrock", feature, message: expect.stringContaining(words) });
    }
    await expect(prepare([Messages.system([s3])])).rejects.toThrow(
      "takes no image part in a message of the role system",
    );
  });
});

describe("tools", () => {
  const native = { toolSpec: { name: "own", inputSchema: { json: { type: "object" } } } };

  // checklist: 60, 77, 86, 88, 111
  test("offered, called in parallel, answered in one message, errors marked", async () => {
    const use = (toolUseId: string, name: string, input: object) => ({ toolUse: { toolUseId, name, input } });
    const uses = [use("1", "weather", { city: "Rome", when: { day: "Monday" } }), use("2", "now", {})];
    await serve(answer([{ text: "Wait" }, ...uses], "tool_use"), answer([{ text: "done" }]));
    const callParams = deepFreeze({ toolConfig: { tools: [native] } });
    const call = bedrock.call(model, { client, tools: [weather, now], callParams }, (messages: Message[]) => ({
      messages,
    }));
    const question: Message = deepFreeze({ role: "user", content: [{ text: "?" }] });
    const response = await call([question]);
    const schema = { type: "object", required: ["city"] };
    expect(sent()).toMatchObject({
      toolConfig: {
        tools: [
          { toolSpec: { name: "weather", description: "The weather of a city", inputSchema: { json: schema } } },
          { toolSpec: { name: "now", inputSchema: { json: { type: "object", properties: {} } } } },
          native,
        ],
      },
    });
    expect(response.stopReason).toBe("tool_calls");
    expect(response.tools?.map(({ name, id, args }) => [name, id, args])).toEqual([
      ["weather", "1", { city: "Rome", when: { day: "Monday" } }],
      ["now", "2", {}],
    ]);
    expect(response.tools?.[0]?.toolCall).toBe(response.response.output?.message?.content?.[1]?.toolUse);
    const [first, second] = response.tools ?? [];
    if (!first || !second) return expect.unreachable();
    const results = response.toolMessageParams([
      [first, await first.call()],
      [second, new Error("no clock")],
    ]);
    await call([question, response.messageParam, ...results]);
    expect((sent(1) as { messages: unknown[] }).messages.slice(1)).toEqual([
      { role: "assistant", content: [{ text: "Wait" }, ...uses] },
      {
        role: "user",
        content: [
          { toolResult: { toolUseId: "1", content: [{ text: "sunny in Rome" }] } },
          { toolResult: { toolUseId: "2", content: [{ text: "no clock" }], status: "error" } },
        ],
      },
    ]);
  });

  test("a neutral conversation with calls and results of another provider", async () => {
    const call = { type: "tool_call", id: "c1", name: "weather", arguments: '{"city":"Rome"}' } as const;
    const empty = { type: "tool_call", id: "c2", name: "now", arguments: "" } as const;
    const thought = { type: "thinking", text: "hm", signature: "foreign" } as const;
    const results = [
      { type: "tool_result", id: "c1", name: "weather", content: "sunny" },
      { type: "tool_result", id: "c2", name: "now", content: "", isError: true },
    ] as const;
    const messages = [
      Messages.user("?"),
      Messages.assistant([thought, "", call, empty]),
      { role: "tool", content: results },
      Messages.user("And?"),
    ];
    expect((await prepare(deepFreeze(messages))).messages?.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { toolUse: { toolUseId: "c1", name: "weather", input: { city: "Rome" } } },
          { toolUse: { toolUseId: "c2", name: "now", input: {} } },
        ],
      },
      {
        role: "user",
        content: [
          { toolResult: { toolUseId: "c1", content: [{ text: "sunny" }] } },
          { toolResult: { toolUseId: "c2", content: [], status: "error" } },
          { text: "And?" },
        ],
      },
    ]);
    const broken = Messages.assistant([{ ...call, arguments: '{"city' }]);
    expect((await prepare([Messages.user("Hi"), broken])).messages?.[1]?.content).toEqual([
      { toolUse: { toolUseId: "c1", name: "weather", input: { INVALID_JSON: '{"city' } } },
    ]);
    await expect(prepare([{ role: "tool", content: "sunny" }])).rejects.toThrow(UnsupportedError);
  });

  test("calls the service ran itself, and unknown blocks, are no client calls and go back as they came", async () => {
    const server = { toolUse: { toolUseId: "1", name: "nova_code_interpreter", input: {}, type: "server_tool_use" } };
    const result = { toolResult: { toolUseId: "1", content: [{ json: { stdOut: "7" } }], type: "nova_result" } };
    const novelty = { hologram: { depth: 3 } };
    await serve(answer([server, result, novelty, { text: "7" }]), answer([{ text: "ok" }]));
    const call = bedrock.call(model, { client }, (messages: Message[]) => ({ messages }));
    const response = await call([{ role: "user", content: [{ text: "?" }] }]);
    expect([response.content, response.toolCalls]).toEqual(["7", undefined]);
    await call([response.messageParam]);
    expect(sent(1)).toEqual({ messages: [{ role: "assistant", content: [server, result, novelty, { text: "7" }] }] });
  });
});
