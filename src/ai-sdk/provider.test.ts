import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import {
  convertArrayToReadableStream,
  MockLanguageModelV3,
  MockLanguageModelV4,
  MockProviderV4,
  simulateReadableStream,
} from "ai/test";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { retry } from "../layers/retry.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import type { AudioPart, DocumentPart } from "../message/parts.ts";
import { StreamError } from "../read/stream-error.ts";
import { within } from "../send/scope.ts";
import { answer, failure, fake } from "../testing/index.ts";
import { tool } from "../tools/tool.ts";
import { aiSdk, call } from "./index.ts";

// On the SDK's own test models.

const usage = {
  inputTokens: { total: 100, noCache: 20, cacheRead: 70, cacheWrite: 10 },
  outputTokens: { total: 50, text: 20, reasoning: 30 },
};
const finishReason = { unified: "stop", raw: "end_turn" } as const;
const timestamp = new Date(1_750_000_000_000);
const result = (...content: LanguageModelV4GenerateResult["content"]): LanguageModelV4GenerateResult => ({
  content,
  finishReason,
  usage,
  warnings: [],
  response: { id: "r1", modelId: "mock-1-2026", timestamp, headers: { "x-request-id": "q1" } },
});
/** Gives these in turn, the last one again and again. */
function mock(...results: LanguageModelV4GenerateResult[]): MockLanguageModelV4 {
  let given = 0;
  const doGenerate = async () => results[Math.min(given++, results.length - 1)] as LanguageModelV4GenerateResult;
  return new MockLanguageModelV4({ modelId: "mock-1", doGenerate });
}
const streaming = (...parts: LanguageModelV4StreamPart[]) =>
  new MockLanguageModelV4({ modelId: "mock-1", doStream: { stream: convertArrayToReadableStream(parts) } });
const finish: LanguageModelV4StreamPart = { type: "finish", usage, finishReason };
const text = (id: string, ...pieces: string[]): LanguageModelV4StreamPart[] => [
  { type: "text-start", id },
  ...pieces.map((delta) => ({ type: "text-delta", id, delta }) as const),
  { type: "text-end", id },
];
const png = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de", "hex");
const data = png.toString("base64");
const count = tool({ name: "count", parameters: z.object({ title: z.string() }), call: ({ title }) => title.length });

describe("a request", () => {
  test("is the model's options, to the last key", async () => {
    const model = mock(result({ type: "text", text: "Dune." }));
    const wav: AudioPart = { type: "audio", data: "UklGRg==", mediaType: "audio/wav" };
    const pdf: DocumentPart = { type: "document", data: "JVBERg==", mediaType: "application/pdf", name: "a.pdf" };
    const ask = call(
      model,
      { tools: [count], callParams: { maxOutputTokens: 50, reasoning: "low", providerOptions: { mock: { a: 1 } } } },
      (question: string) => [
        Messages.system("Be brief."),
        Messages.user([question, image(png, { detail: "low" }), wav, pdf]),
        Messages.assistant(["Hm.", { type: "tool_call", id: "c1", name: "count", arguments: '{"title":"Emma"}' }]),
        { role: "tool" as const, content: [{ type: "tool_result" as const, id: "c1", name: "count", content: "4" }] },
      ],
    );
    const { signal } = new AbortController();
    const response = await ask.with({ signal, headers: { "x-a": "1" } })("A book?");
    expect(model.doGenerateCalls).toEqual([
      {
        prompt: [
          { role: "system", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "A book?" },
              {
                type: "file",
                mediaType: "image/png",
                data: { type: "data", data },
                providerOptions: { openai: { imageDetail: "low" } },
              },
              { type: "file", mediaType: "audio/wav", data: { type: "data", data: "UklGRg==" } },
              {
                type: "file",
                mediaType: "application/pdf",
                data: { type: "data", data: "JVBERg==" },
                filename: "a.pdf",
              },
            ],
          },
          {
            role: "assistant",
            content: [
              { type: "text", text: "Hm." },
              { type: "tool-call", toolCallId: "c1", toolName: "count", input: { title: "Emma" } },
            ],
          },
          {
            role: "tool",
            content: [
              { type: "tool-result", toolCallId: "c1", toolName: "count", output: { type: "text", value: "4" } },
            ],
          },
        ],
        maxOutputTokens: 50,
        reasoning: "low",
        providerOptions: { mock: { a: 1 } },
        tools: [
          {
            type: "function",
            name: "count",
            inputSchema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
          },
        ],
        abortSignal: expect.any(AbortSignal),
        headers: { "x-a": "1" },
      },
    ]);
    expect(response.content).toBe("Dune.");
  });

  test("forces a tool, or asks for a format, where an answer must have a shape", async () => {
    const book = z.object({ title: z.string() });
    const called = result({ type: "tool-call", toolCallId: "c1", toolName: "answer", input: '{"title":"Dune"}' });
    const model = mock(called, result({ type: "text", text: '{"title":"Dune"}' }));
    expect(await call(model, { responseModel: book }, () => "Hi")()).toEqual({ title: "Dune" });
    expect(await call(model, { responseModel: book, jsonMode: "schema" }, () => "Hi")()).toEqual({ title: "Dune" });
    const [forced, formatted] = model.doGenerateCalls;
    expect(forced?.toolChoice).toEqual({ type: "tool", toolName: "answer" });
    expect(formatted?.responseFormat).toMatchObject({ type: "json", name: "answer", schema: { required: ["title"] } });
    const both = call(model, { jsonMode: true, callParams: { responseFormat: { type: "text" } } }, () => "Hi");
    expect(await thrownBy(() => both())).toBeInstanceOf(ConfigError);
  });

  test("is for the model that the SDK's provider makes by the name", async () => {
    const model = mock(result({ type: "text", text: "Dune." }));
    const source = new MockProviderV4({ languageModels: { "mock-1": model } });
    const ask = aiSdk.call("mock-1", { client: source }, () => "Hi");
    expect((await ask()).content).toBe("Dune.");
    expect((await aiSdk.call(model)(() => "Hi")()).content).toBe("Dune.");
    const other = await thrownBy(() => call("other", { client: model }, () => "Hi")());
    expect(String(other)).toContain('The client is the model "mock-1", and the call asks for "other"');
    const unknown = await thrownBy(() => call("none", { client: source }, () => "Hi")());
    expect(unknown).toMatchObject({ name: "AI_NoSuchModelError" });
    for (const client of [undefined, {}, "mock-1"]) {
      const error = await thrownBy(() => call("mock-1", { client: client as never }, () => "Hi")());
      expect(error).toBeInstanceOf(ConfigError);
    }
    expect(() => call(model, { client: model }, () => "Hi")).toThrow("The model is the client");
  });

  test("goes to models of the specification's third version, too", async () => {
    const model = new MockLanguageModelV3({
      modelId: "mock-3",
      doGenerate: { content: [{ type: "text", text: "Dune." }], finishReason, usage, warnings: [] },
      doStream: { stream: convertArrayToReadableStream([...(text("1", "Du", "ne.") as never[]), finish as never]) },
    });
    expect((await call(model, () => Messages.user(["Look:", image(png)]))()).content).toBe("Dune.");
    expect(model.doGenerateCalls[0]?.prompt).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Look:" },
          { type: "file", mediaType: "image/png", data },
        ],
      },
    ]);
    const stream = call(model, { stream: true }, () => "Hi")();
    expect((await collect(stream)).map(([{ content }]) => content).join("")).toBe("Dune.");
  });
});

describe("files that a model does not take", () => {
  const address = "https://example.com/a.png";

  test("are refused: an address that it does not read", async () => {
    const model = mock(result({ type: "text", text: "?" }));
    const ask = call(model, () => Messages.user(["Look:", image(address)]));
    expect(await thrownBy(() => ask())).toMatchObject({ code: "unsupported", feature: "image url" });
    expect(model.doGenerateCalls).toHaveLength(0);
    const reads = new MockLanguageModelV4({
      modelId: "mock-1",
      supportedUrls: { "image/*": [/^https:\/\/example\.com\//] },
      doGenerate: result({ type: "text", text: "A cat." }),
    });
    await call(reads, () => Messages.user(["Look:", image(address)]))();
    expect(reads.doGenerateCalls[0]?.prompt[0]?.content[1]).toEqual({
      type: "file",
      mediaType: "image",
      data: { type: "url", url: new URL(address) },
    });
    // JSON makes a text of an address, and the model is given an address again.
    const stored = call(reads, () => Messages.user(["Look:", image(address)]));
    await stored.send(JSON.parse(JSON.stringify(await stored.prepare())));
    expect(reads.doGenerateCalls[1]?.prompt).toEqual(reads.doGenerateCalls[0]?.prompt);
    expect(reads.doGenerateCalls[1]?.prompt[0]?.content[1]).toMatchObject({ data: { url: expect.any(URL) } });
  });

  test("are refused: a picture in a tool's result, which its provider would write as text", async () => {
    const look = tool({ name: "look", call: () => ["A cat:", image(png)] });
    const called = result({ type: "tool-call", toolCallId: "c1", toolName: "look", input: "{}" });
    const chat = new MockLanguageModelV4({ provider: "openai.chat", modelId: "m", doGenerate: called });
    const error = await thrownBy(() => toolLoop(call(chat, { tools: [look] }, () => "Hi"))());
    expect(error).toMatchObject({ code: "unsupported", provider: "ai-sdk", feature: "image" });
    expect(String(error)).toContain("openai.chat");
    expect(chat.doGenerateCalls).toHaveLength(1);
    const responses = new MockLanguageModelV4({
      provider: "openai.responses",
      modelId: "m",
      doGenerate: mock(called, result({ type: "text", text: "A cat." })).doGenerate,
    });
    expect((await toolLoop(call(responses, { tools: [look] }, () => "Hi"))()).response?.content).toBe("A cat.");
    expect(responses.doGenerateCalls[1]?.prompt.at(-1)).toEqual({
      role: "tool",
      content: [
        {
          type: "tool-result",
          toolCallId: "c1",
          toolName: "look",
          output: {
            type: "content",
            value: [
              { type: "text", text: "A cat:" },
              { type: "file", mediaType: "image/png", data: { type: "data", data } },
            ],
          },
        },
      ],
    });
  });
});

const everything: LanguageModelV4GenerateResult["content"] = [
  { type: "reasoning", text: "Hm.", providerMetadata: { mock: { signature: "c2ln" } } },
  { type: "text", text: "Dune" },
  { type: "tool-call", toolCallId: "s1", toolName: "search", input: "{}", providerExecuted: true },
  { type: "tool-result", toolCallId: "s1", toolName: "search", result: { found: 1 } },
  { type: "source", sourceType: "url", id: "1", url: "https://example.com" },
  { type: "file", mediaType: "audio/wav", data: { type: "data", data: new Uint8Array([1, 2]) } },
  { type: "text", text: "." },
  { type: "tool-call", toolCallId: "c1", toolName: "count", input: '{"title":"Dune"}' },
];

/** The same answer as events. */
const events: LanguageModelV4StreamPart[] = [
  { type: "stream-start", warnings: [] },
  { type: "response-metadata", id: "r1", modelId: "mock-1-2026", timestamp },
  { type: "ping" },
  { type: "reasoning-start", id: "1" },
  { type: "reasoning-delta", id: "1", delta: "H" },
  { type: "text-start", id: "2" },
  { type: "reasoning-delta", id: "1", delta: "m." },
  { type: "reasoning-end", id: "1", providerMetadata: { mock: { signature: "c2ln" } } },
  { type: "text-delta", id: "2", delta: "Du" },
  { type: "text-delta", id: "2", delta: "ne" },
  { type: "text-end", id: "2" },
  { type: "tool-input-start", id: "s1", toolName: "search", providerExecuted: true },
  { type: "tool-input-end", id: "s1" },
  ...(everything.slice(2, 6) as LanguageModelV4StreamPart[]),
  ...text("2", "."),
  { type: "tool-input-start", id: "c1", toolName: "count" },
  { type: "tool-input-delta", id: "c1", delta: '{"title"' },
  { type: "tool-input-delta", id: "c1", delta: ':"Dune"}' },
  { type: "tool-input-end", id: "c1" },
  everything[7] as LanguageModelV4StreamPart,
  finish,
];

describe("an answer", () => {
  const turn = {
    role: "assistant",
    content: [
      { type: "reasoning", text: "Hm.", providerOptions: { mock: { signature: "c2ln" } } },
      { type: "text", text: "Dune" },
      { type: "tool-call", toolCallId: "s1", toolName: "search", input: {}, providerExecuted: true },
      { type: "tool-result", toolCallId: "s1", toolName: "search", output: { type: "json", value: { found: 1 } } },
      { type: "file", mediaType: "audio/wav", data: { type: "data", data: new Uint8Array([1, 2]) } },
      { type: "text", text: "." },
      { type: "tool-call", toolCallId: "c1", toolName: "count", input: { title: "Dune" } },
    ],
  };

  test("has its text, thoughts, sound, calls, usage and model; what else there is stays on the response", async () => {
    const model = mock(result(...everything));
    const response = await call(model, { tools: [count] }, () => "Hi")();
    expect(response).toMatchObject({ content: "Dune.", thinking: "Hm.", id: "r1", model: "mock-1-2026" });
    expect([...(response.audio ?? [])]).toEqual([1, 2]);
    expect(response.tools?.map(({ name, args }) => [name, args])).toEqual([["count", { title: "Dune" }]]);
    expect([response.stopReason, response.finishReasons]).toEqual(["tool_calls", ["end_turn"]]);
    expect(response.tokens).toEqual({ input: 100, output: 50, cacheRead: 70, cacheWrite: 10, reasoning: 30 });
    expect(response.cost).toBeUndefined();
    expect(response.head).toEqual({ requestId: "q1", headers: { "x-request-id": "q1" } });
    expect(response.response).toBe(response.response);
    expect(response.response.content[4]).toMatchObject({ type: "source" });
    expect(response.messageParam).toEqual(turn);
    const priced = call(model, { tools: [count] }, () => "Hi").with({
      prices: { "mock-1-2026": { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 } },
    });
    expect((await priced()).cost).toBeCloseTo((20 + 7 + 12.5 + 100) / 1e6, 12);
  });

  test("is the same from its events, and its calls grow", async () => {
    const stream = call(streaming(...events), { tools: [count], stream: { partialTools: true } }, () => "Hi")();
    const deltas: string[] = [];
    const uses: unknown[] = [];
    for await (const [, use] of stream) {
      if (use === undefined) continue;
      if ("delta" in use) deltas.push(use.delta);
      else uses.push(use.args);
    }
    expect(deltas).toEqual(['{"title"', ':"Dune"}']);
    expect(uses).toEqual([{ title: "Dune" }]);
    const response = stream.constructCallResponse();
    const { response: metadata, ...whole } = result(...everything);
    expect(response.response).toEqual({ ...whole, response: { id: "r1", modelId: metadata?.modelId, timestamp } });
    expect(response.messageParam).toEqual(turn);
    expect([...(response.audio ?? [])]).toEqual([1, 2]);
  });

  test("is given back with what proves its thoughts, also from a stored conversation", async () => {
    const model = mock(result(...everything), result({ type: "text", text: "4 letters." }));
    const run = await toolLoop(call(model, { tools: [count] }, () => "Hi"))();
    expect(run.response?.content).toBe("4 letters.");
    expect(model.doGenerateCalls[1]?.prompt).toEqual([
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      turn,
      {
        role: "tool",
        content: [{ type: "tool-result", toolCallId: "c1", toolName: "count", output: { type: "text", value: "4" } }],
      },
    ]);
  });

  test("of arguments in plain text is whole at once", async () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: "tool-input-start", id: "c1", toolName: "count", inputEncoding: "text" },
      { type: "tool-input-delta", id: "c1", delta: "no JSON" },
      { type: "tool-call", toolCallId: "c1", toolName: "count", input: '{"title":"Dune"}' },
      finish,
    ];
    const stream = call(streaming(...parts), { tools: [count], stream: true }, () => "Hi")();
    const uses = (await collect(stream)).flatMap(([, use]) => use?.args ?? []);
    expect(uses).toEqual([{ title: "Dune" }]);
  });

  test("is read in another process", async () => {
    const ask = call(mock(result(...everything)), { tools: [count] }, () => "Hi");
    const prepared = JSON.parse(JSON.stringify(await ask.prepare())) as Awaited<ReturnType<typeof ask.prepare>>;
    const received = JSON.parse(JSON.stringify(await ask.send(prepared))) as Awaited<ReturnType<typeof ask.send>>;
    const response = await ask.read(prepared, received);
    expect(response.content).toBe("Dune.");
    expect(response.response.response?.timestamp).toEqual(timestamp);
    expect([...(response.audio ?? [])]).toEqual([1, 2]);
  });

  test("that is none is an error, whole and streamed", async () => {
    const none = await thrownBy(() => call(mock({} as never), () => "Hi")());
    expect(none).toMatchObject({ code: "malformed_response", provider: "ai-sdk" });
    for (const parts of [text("1", "Half"), [...text("1", "Half"), interrupted]]) {
      const stream = call(streaming(...parts), { stream: true }, () => "Hi")();
      const error = await thrownBy(() => collect(stream));
      expect(error).toBeInstanceOf(StreamError);
      expect(stream.partialResponse?.content).toBe("Half");
    }
  });

  const interrupted: LanguageModelV4StreamPart = {
    type: "finish",
    usage,
    finishReason: { unified: "interrupted", raw: undefined },
  };
});

describe("a failure", () => {
  test("within a stream is the very object of the event", async () => {
    const own = Object.assign(new Error("overloaded"), { statusCode: 529 });
    const stream = call(streaming(...text("1", "Half"), { type: "error", error: own }), { stream: true }, () => "Hi")();
    expect(await thrownBy(() => collect(stream))).toBe(own);
    expect(classify(own).kind).toBe("overloaded");
  });

  test("is tried again by a layer, which reads how long to wait", async () => {
    const { APICallError } = await import("@ai-sdk/provider");
    const common = { url: "https://example.com", requestBodyValues: {}, message: "slow down" };
    const busy = new APICallError({ ...common, statusCode: 429, responseHeaders: { "retry-after-ms": "1" } });
    let sent = 0;
    const model = new MockLanguageModelV4({
      modelId: "mock-1",
      doGenerate: async () => {
        if (sent++ === 0) throw busy;
        return result({ type: "text", text: "Dune." });
      },
    });
    expect(classify(busy)).toMatchObject({ kind: "rate_limit", status: 429, retryAfterMs: 1, retryable: true });
    const response = await call(model, { layers: [retry()] }, () => "Hi")();
    expect([response.content, response.attempts.length]).toEqual(["Dune.", 1]);
  });

  test("says in its body why a request was refused", async () => {
    const { APICallError } = await import("@ai-sdk/provider");
    const refused = (statusCode: number, error: object) => {
      const common = { url: "https://example.com", requestBodyValues: {}, message: "refused" };
      return new APICallError({ ...common, statusCode, responseBody: JSON.stringify({ error }) });
    };
    expect(classify(refused(429, { code: "insufficient_quota" }))).toMatchObject({ kind: "quota", retryable: false });
    expect(classify(refused(400, { code: "context_length_exceeded" })).kind).toBe("context_overflow");
  });

  test("of a reader who leaves ends the model's stream", async () => {
    let cancelled = false;
    const endless = new ReadableStream<LanguageModelV4StreamPart>({
      start(controller) {
        for (const part of text("1", "a", "b")) controller.enqueue(part);
      },
      cancel: () => {
        cancelled = true;
      },
    });
    const model = new MockLanguageModelV4({ modelId: "mock-1", doStream: { stream: endless } });
    for await (const [chunk] of call(model, { stream: true }, () => "Hi")()) if (chunk.content !== "") break;
    expect(cancelled).toBe(true);
  });

  test("is made up for tests, as answers are", async () => {
    const model = mock();
    const ask = call(model, { tools: [count] }, () => "Hi");
    const scripted = [answer({ toolCalls: [{ name: "count", args: { title: "Dune" } }] }), "Four."];
    const run = await within({ layers: [fake(scripted)] }, () => toolLoop(ask)());
    expect(run.response?.content).toBe("Four.");
    const error = await within({ layers: [fake([failure("rate_limit")])] }, () => thrownBy(() => ask()));
    expect(error).toMatchObject({ name: "AI_APICallError", statusCode: 429 });
    expect(model.doGenerateCalls).toHaveLength(0);
  });
});

test("a stream in pieces of its own time is read as it comes", async () => {
  const stream = simulateReadableStream({
    chunks: [...text("1", "Du", "ne."), finish],
    initialDelayInMs: 0,
    chunkDelayInMs: 1,
  });
  const model = new MockLanguageModelV4({ modelId: "mock-1", doStream: { stream } });
  const steps = await collect(call(model, { stream: true }, () => "Hi")());
  expect(steps.map(([{ content }]) => content).filter((piece) => piece !== "")).toEqual(["Du", "ne."]);
});
