import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { BedrockRuntimeClient, ConverseCommand, ModelStreamErrorException } from "@aws-sdk/client-bedrock-runtime";
import { AzureKeyCredential } from "@azure/core-auth";
import ModelClient from "@azure-rest/ai-inference";
import { GoogleGenAI } from "@google/genai";
import { Mistral } from "@mistralai/mistralai";
import { HTTPClient } from "@mistralai/mistralai/lib/http.js";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { CohereClientV2 } from "cohere-ai";
import fc from "fast-check";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { thrownBy } from "../../test/support/replay.ts";
import { StreamError } from "../read/stream-error.ts";
import { ToolError } from "../tools/tool-error.ts";
import { classify, type ErrorKind } from "./classify.ts";
import {
  ConfigError,
  ContextOverflowError,
  MissingPackageError,
  PromptError,
  ResponseError,
  TimeoutError,
  UnsupportedError,
} from "./errors.ts";

type Send = (url: string, timeout: number, signal?: AbortSignal) => Promise<unknown>;
type Sdk = "openai" | "anthropic" | "groq" | "mistral" | "gemini" | "cohere" | "azure" | "bedrock";

const model = "m";
const apiKey = "key";
const messages = [{ role: "user" as const, content: "hi" }];

/** One real request of each SDK, its own retries off. */
const senders: Record<Sdk, Send> = {
  openai: (baseURL, timeout, signal) =>
    new OpenAI({ apiKey, baseURL, timeout, maxRetries: 0 }).chat.completions.create({ model, messages }, { signal }),
  anthropic: (baseURL, timeout, signal) =>
    new Anthropic({ apiKey, baseURL, timeout, maxRetries: 0 }).messages.create(
      { model, messages, max_tokens: 5 },
      signal ? { signal } : {},
    ),
  groq: (baseURL, timeout, signal) =>
    new Groq({ apiKey, baseURL, timeout, maxRetries: 0 }).chat.completions.create(
      { model, messages },
      signal ? { signal } : {},
    ),
  mistral: (serverURL, timeoutMs, signal) => {
    // The SDK hands its signals to a cloned request, and Node drops such a one with the next garbage collection
    // (https://github.com/nodejs/undici/issues/4068): held here, and handed to `fetch` itself, they stay.
    const held = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
    const httpClient = new HTTPClient({ fetcher: (request) => fetch(request, { signal: held }) });
    const client = new Mistral({ apiKey, serverURL, timeoutMs, httpClient });
    return client.chat.complete({ model, messages }, signal ? { signal } : {});
  },
  gemini: (baseUrl, timeout, signal) =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl, timeout } }).models.generateContent({
      model,
      contents: "hi",
      ...(signal && { config: { abortSignal: signal } }),
    }),
  cohere: (baseUrl, timeout, signal) =>
    new CohereClientV2({ token: apiKey, baseUrl, timeoutInSeconds: timeout / 1000, maxRetries: 0 }).chat(
      { model, messages },
      signal ? { abortSignal: signal } : {},
    ),
  // This client returns its errors; its manual tells you to throw them.
  azure: async (url, timeout, signal) => {
    const client = ModelClient(url, new AzureKeyCredential(apiKey), {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });
    throw await client
      .path("/chat/completions")
      .post({ timeout, body: { messages }, ...(signal && { abortSignal: signal }) });
  },
  bedrock: (endpoint, timeout, signal) =>
    new BedrockRuntimeClient({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ requestTimeout: timeout, throwOnRequestTimeout: true }),
    }).send(
      new ConverseCommand({ modelId: model, messages: [{ role: "user", content: [{ text: "hi" }] }] }),
      signal ? { abortSignal: signal } : {},
    ),
};
const sdks = Object.keys(senders) as Sdk[];

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let url: string;
let refusedUrl: string;

const listen = (target: Server) =>
  new Promise<string>((resolve) => {
    target.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(target.address() as AddressInfo).port}`));
  });

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on("end", () => answer(request, response));
  });
  url = await listen(server);
  const closed = createServer();
  refusedUrl = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function reply(status: number, body: unknown, headers: Record<string, string> = {}) {
  answer = (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

const hang = () => {
  answer = () => {};
};

async function thrown(sdk: Sdk, target = url, timeout = 5000, signal?: AbortSignal): Promise<unknown> {
  let error: unknown;
  try {
    await senders[sdk](target, timeout, signal);
  } catch (caught) {
    error = caught;
  }
  expect(error, `${sdk} throws`).toBeDefined();
  return error;
}

describe.each(sdks)("%s", (sdk) => {
  test.each<[number, ErrorKind, boolean]>([
    [400, "invalid_request", false],
    [401, "authentication", false],
    [402, "quota", false],
    [403, "permission", false],
    [404, "not_found", false],
    [408, "timeout", true],
    [409, "conflict", true],
    [413, "too_large", false],
    [422, "invalid_request", false],
    [429, "rate_limit", true],
    [500, "server", true],
    [501, "unsupported", false],
    [503, "overloaded", true],
    [504, "timeout", true],
    [529, "overloaded", true],
  ])("%i is %s", async (status, kind, retryable) => {
    reply(status, { message: "no", error: { message: "no" } });
    expect(classify(await thrown(sdk))).toEqual({ kind, status, retryAfterMs: undefined, retryable });
  });

  // Gemini's error has no headers at all.
  const shown = (wait: number) => (sdk === "gemini" ? undefined : wait);

  test("429 asks for two seconds", async () => {
    reply(429, { message: "slow down" }, { "retry-after": "2" });
    expect(classify(await thrown(sdk))).toMatchObject({ kind: "rate_limit", retryAfterMs: shown(2000) });
  });

  test("retry-after-ms comes before retry-after, and a useless one is passed over", async () => {
    reply(503, { message: "busy" }, { "retry-after": "2", "retry-after-ms": "150" });
    expect(classify(await thrown(sdk)).retryAfterMs).toBe(shown(150));
    reply(503, { message: "busy" }, { "retry-after": "2", "retry-after-ms": "NaN" });
    expect(classify(await thrown(sdk)).retryAfterMs).toBe(shown(2000));
  });

  test("502 with HTML keeps its status", async () => {
    reply(502, "<html><body>Bad Gateway</body></html>", { "content-type": "text/html" });
    expect(classify(await thrown(sdk))).toMatchObject({ kind: "server", status: 502, retryable: true });
  });

  test("refused port", async () => {
    expect(classify(await thrown(sdk, refusedUrl))).toMatchObject({
      kind: "connection",
      status: undefined,
      retryable: true,
    });
  });

  test("socket closed without an answer", async () => {
    answer = (request) => request.socket.destroy();
    expect(classify(await thrown(sdk))).toMatchObject({ kind: "connection", status: undefined, retryable: true });
  });

  test("[F10] the SDK's own timeout, where it can be told from an abort", async () => {
    hang();
    const lookalike = sdk === "gemini" || sdk === "azure";
    const kind = lookalike ? "aborted" : "timeout";
    // Mistral's own time signal is held by nobody, either: so they are held here.
    const held: AbortSignal[] = [];
    const make = AbortSignal.timeout.bind(AbortSignal);
    const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      held.push(make(ms));
      return held.at(-1)!;
    });
    const view = classify(await thrown(sdk, url, 80).finally(() => spy.mockRestore()));
    // Mistral has two of the same length here, the SDK's and the one that goes to `fetch`: the first ends the request.
    expect(held.length === 0 || held.some(({ aborted }) => aborted)).toBe(true);
    expect(view).toEqual({ kind, status: undefined, retryAfterMs: undefined, retryable: !lookalike });
  });

  const aborted = { kind: "aborted", status: undefined, retryAfterMs: undefined, retryable: false };

  test("aborted before the call", async () => {
    hang();
    expect(classify(await thrown(sdk, url, 5000, AbortSignal.abort()))).toEqual(aborted);
  });

  test("aborted during the call", async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    expect(classify(await thrown(sdk, url, 5000, controller.signal))).toEqual(aborted);
  });

  test("[F10] a signal that timed out, where its reason survives", async () => {
    hang();
    // The AWS SDK keeps it as the cause of its own error.
    const keepsReason = ["openai", "cohere", "mistral", "bedrock"].includes(sdk);
    // Held here: a signal that nobody holds may be collected before its time.
    const signal = AbortSignal.timeout(50);
    const view = classify(await thrown(sdk, url, 5000, signal));
    expect(view.kind).toBe(keepsReason ? "timeout" : "aborted");
    expect(signal.aborted).toBe(true);
  });

  // Cohere gives a broken body back as if it were the answer.
  test.skipIf(sdk === "cohere")("cut JSON under a 200", async () => {
    reply(200, '{"id":');
    expect(classify(await thrown(sdk))).toMatchObject({ kind: "malformed", retryable: false });
  });
});

describe("what the body says beyond the status", () => {
  const openaiError = (code: string, type = "invalid_request_error") => ({ error: { message: "m", code, type } });
  const anthropicError = (type: string, message: string) => ({ type: "error", error: { type, message } });
  const googleError = (code: number, status: string, message: string, ...details: object[]) => ({
    error: { code, status, message, details },
  });
  const spendLimit = {
    type: "error",
    error: { type: "rate_limit_error", message: "m", details: { error_code: "enforced_spend_limit_reached" } },
  };
  const creditTooLow = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.";
  /** What a LiteLLM proxy makes of an error: text. */
  const proxied = (vendor: string, body: object) =>
    `litellm.BadRequestError: ${vendor}Exception - ${JSON.stringify(body)}. Received Model Group=m`;
  const recordedQuota = "You exceeded your current quota, please check your plan and billing details.";
  const bedrockRefusals: readonly (readonly [string, ErrorKind])[] = [
    ["Input is too long for requested model.", "context_overflow"],
    ["The input is too long: 250000 tokens.", "context_overflow"],
    ["Input exceeds the max input token limit", "context_overflow"],
    ["The provided model identifier is invalid.", "not_found"],
    ["Malformed input request: #: required key [messages] not found", "invalid_request"],
  ];
  const geminiOverflow = "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).";
  const mistralOverflow = "Prompt contains 40960 tokens, too large for model with 32768 maximum context length";

  test.each<[Sdk, number, object, ErrorKind, Record<string, string>?]>([
    ["openai", 429, openaiError("insufficient_quota", "insufficient_quota"), "quota"],
    ["openai", 429, openaiError("rate_limit_exceeded", "tokens"), "rate_limit"],
    ["openai", 400, openaiError("context_length_exceeded"), "context_overflow"],
    ["openai", 400, openaiError("content_filter"), "content_filter"],
    ["openai", 400, openaiError("unsupported_parameter"), "invalid_request"],
    ["groq", 400, openaiError("context_length_exceeded"), "context_overflow"],
    ["openai", 400, openaiError("model_not_found"), "not_found"],
    ["groq", 498, openaiError("capacity_exceeded"), "overloaded"],
    ["groq", 400, openaiError("tool_use_failed"), "malformed"],
    ["azure", 400, openaiError("content_filter"), "content_filter"],
    ["azure", 404, { error: { code: "404", message: "Resource not found" } }, "not_found"],
    ["anthropic", 402, anthropicError("billing_error", "no credit"), "quota"],
    [
      "anthropic",
      400,
      anthropicError("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
      "context_overflow",
    ],
    ["mistral", 400, { object: "error", message: mistralOverflow, code: "3051" }, "context_overflow"],
    ["mistral", 429, { message: mistralOverflow }, "rate_limit"],
    ["cohere", 400, { message: "total number of tokens in the prompt cannot exceed 4081" }, "context_overflow"],
    [
      "mistral",
      400,
      { object: "error", message: "Invalid model: x", type: "invalid_model", code: "1500" },
      "not_found",
    ],
    ["groq", 400, openaiError("json_validate_failed"), "malformed"],
    ["openai", 400, { error: { message: proxied("Groq", { error: { code: "tool_use_failed" } }) } }, "malformed"],
    [
      "openai",
      400,
      { error: { message: "No connected db.", type: "no_db_connection", code: "400" } },
      "authentication",
    ],
    ["openai", 429, { error: { message: `litellm.RateLimitError: OpenAIException - ${recordedQuota}` } }, "quota"],
    ["openai", 429, { error: { message: `litellm.RateLimitError: GeminiException - ${recordedQuota}` } }, "rate_limit"],
    ["openai", 429, { error: { message: proxied("OpenAI", { code: "insufficient_quota" }) } }, "quota"],
    [
      "openai",
      400,
      { error: { message: proxied("Anthropic", anthropicError("request_too_large", "m")) } },
      "too_large",
    ],
    ["anthropic", 429, spendLimit, "quota"],
    ["anthropic", 429, anthropicError("rate_limit_error", "This request would exceed your limit"), "rate_limit"],
    ["anthropic", 400, anthropicError("invalid_request_error", creditTooLow), "quota"],
    ["openai", 400, { error: { message: proxied("Anthropic", anthropicError("x", creditTooLow)) } }, "quota"],
    ["gemini", 400, googleError(400, "INVALID_ARGUMENT", "key", { reason: "API_KEY_INVALID" }), "authentication"],
    ["gemini", 400, googleError(400, "INVALID_ARGUMENT", geminiOverflow), "context_overflow"],
    ["gemini", 429, googleError(429, "RESOURCE_EXHAUSTED", recordedQuota), "rate_limit"],
    [
      "bedrock",
      403,
      { message: "expired" },
      "authentication",
      { "x-amzn-errortype": "ExpiredTokenException:http://x/" },
    ],
    ["bedrock", 400, { message: "quota" }, "quota", { "x-amzn-errortype": "ServiceQuotaExceededException" }],
    ...bedrockRefusals.map(([message, kind]): [Sdk, number, object, ErrorKind, Record<string, string>] => [
      "bedrock",
      400,
      { message },
      kind,
      { "x-amzn-errortype": "ValidationException" },
    ]),
  ])("[E1][E2][E3][H12] %s %i %j is %s", async (sdk, status, body, kind, headers) => {
    reply(status, body, headers);
    const retryable = kind === "rate_limit" || kind === "overloaded";
    expect(classify(await thrown(sdk))).toMatchObject({ kind, status, retryable });
  });

  test.each([
    ["39s", 39_000],
    ["0.847s", 847],
    ["-3s", undefined],
    ["soon", undefined],
  ])("Gemini's RetryInfo of %s", async (retryDelay, retryAfterMs) => {
    const info = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
    reply(429, googleError(429, "RESOURCE_EXHAUSTED", "m", { "@type": "Help" }, info));
    expect(classify(await thrown("gemini"))).toMatchObject({ kind: "rate_limit", status: 429, retryAfterMs });
  });

  test("Google's array, and its JSON inside JSON", async () => {
    const error = googleError(429, "RESOURCE_EXHAUSTED", "m", { retryDelay: "5s" });
    reply(429, [error]);
    expect(classify(await thrown("gemini"))).toMatchObject({ kind: "rate_limit", retryAfterMs: 5000 });
    reply(429, JSON.stringify(error), { "content-type": "text/event-stream" });
    expect(classify(await thrown("gemini"))).toMatchObject({ kind: "rate_limit", retryAfterMs: 5000 });
  });
});

describe("an error inside a stream that began with 200", () => {
  const events = (text: string) => reply(200, text, { "content-type": "text/event-stream" });
  const drain = async (open: Promise<AsyncIterable<unknown>>) => {
    try {
      for await (const _ of await open);
    } catch (error) {
      return classify(error);
    }
    return undefined;
  };

  test("openai", async () => {
    events('data: {"error":{"code":429,"message":"temporarily rate-limited upstream"}}\n\n');
    const client = new OpenAI({ apiKey, baseURL: url, maxRetries: 0 });
    const view = await drain(client.chat.completions.create({ model, messages, stream: true }));
    expect(view).toMatchObject({ kind: "rate_limit", status: 429, retryable: true });
  });

  test("groq", async () => {
    events('event: error\ndata: {"error":{"message":"m","code":"tool_use_failed","status_code":400}}\n\n');
    const client = new Groq({ apiKey, baseURL: url, maxRetries: 0 });
    const view = await drain(client.chat.completions.create({ model, messages, stream: true }));
    expect(view).toMatchObject({ kind: "malformed", status: 400, retryable: false });
  });

  test("anthropic", async () => {
    events('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n');
    const client = new Anthropic({ apiKey, baseURL: url, maxRetries: 0 });
    const view = await drain(client.messages.create({ model, messages, max_tokens: 5, stream: true }));
    expect(view).toMatchObject({ kind: "overloaded", status: undefined, retryable: true });
  });

  test("gemini", async () => {
    events('data: {"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}\n\n');
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
    const view = await drain(client.models.generateContentStream({ model, contents: "hi" }));
    expect(view).toMatchObject({ kind: "overloaded", status: 503, retryable: true });
  });

  test("gemini asks to wait", async () => {
    events('data: {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"7s"}]}}\n\n');
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
    const view = await drain(client.models.generateContentStream({ model, contents: "hi" }));
    expect(view).toMatchObject({ kind: "rate_limit", status: 429, retryAfterMs: 7000 });
  });

  test("bedrock", () => {
    const exception = new ModelStreamErrorException({ message: "Retry your request.", $metadata: {} });
    expect(classify(exception)).toMatchObject({ kind: "server", status: undefined, retryable: true });
  });

  test("the connection breaks", async () => {
    answer = (request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[]}\n\n', () => request.socket.destroy());
    };
    const client = new OpenAI({ apiKey, baseURL: url, maxRetries: 0 });
    const view = await drain(client.chat.completions.create({ model, messages, stream: true }));
    expect(view).toMatchObject({ kind: "connection", retryable: true });
  });
});

describe("retryAfterMs", () => {
  const wait = (headers: unknown) => classify({ status: 429, headers }).retryAfterMs;

  test.each([
    ["2", 2000],
    [" 2 ", 2000],
    ["0", 0],
    ["1.5", 1500],
    ["86400", 86_400_000],
    ["-2", undefined],
    ["NaN", undefined],
    ["Infinity", undefined],
    ["1e3", undefined],
    ["soon", undefined],
    ["", undefined],
    ["2026-11-23", undefined],
    ["Mon, 99 Foo 2026 06:00:00 GMT", undefined],
    ["9".repeat(400), undefined],
  ])("of %j", (text, expected) => {
    expect(wait(new Headers({ "retry-after": text }))).toBe(expected);
    expect(wait({ "Retry-After": text })).toBe(expected);
    expect(wait({ "retry-after": [text] })).toBe(expected);
    expect(wait([["Retry-After", text]])).toBe(expected);
  });

  test("of a number and of a Map", () => {
    expect(wait({ "retry-after": 2 })).toBe(2000);
    expect(wait(new Map([["retry-after", "2"]]))).toBe(2000);
  });

  test("of an HTTP date: the time until then, and nothing once it is past", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 7, 1) });
    expect(wait({ "retry-after": new Date(Date.now() + 10_000).toUTCString() })).toBe(10_000);
    expect(wait({ "retry-after": new Date(Date.now() - 10_000).toUTCString() })).toBeUndefined();
    vi.useRealTimers();
  });
});

describe("our own errors", () => {
  const broken = (cause?: unknown) => new StreamError("stream_broken", "broken", undefined, { cause });

  test.each<[string, Error, ErrorKind]>([
    ["prompt", new PromptError("m"), "config"],
    ["config", new ConfigError("m"), "config"],
    ["package", new MissingPackageError("openai", "callscope/openai"), "config"],
    ["unsupported", new UnsupportedError("groq", "audio", "m"), "unsupported"],
    ["overflow", new ContextOverflowError(9, 8), "context_overflow"],
    ["response", new ResponseError("groq", "m", {}), "malformed"],
    ["arguments", new ToolError("invalid_arguments", "m", { toolName: "t" }), "malformed"],
    ["timeout", new TimeoutError("m", 5, { cause: new DOMException("m", "AbortError") }), "timeout"],
    ["stall", new StreamError("stream_stalled", "m"), "timeout"],
    ["early end", new StreamError("stream_ended_early", "m"), "connection"],
    ["break", broken(), "connection"],
    ["break by an abort", broken(new DOMException("m", "AbortError")), "aborted"],
    ["break by bad JSON", broken(new SyntaxError("m")), "malformed"],
    ["break by the provider", broken({ error: { type: "overloaded_error" } }), "overloaded"],
  ])("%s", (_, error, kind) => {
    const retryable = ["timeout", "connection", "overloaded"].includes(kind);
    expect(classify(error)).toMatchObject({ kind, retryable });
  });
});

describe("where neither code nor class name is left", () => {
  // What a bundle that renames classes makes of OpenAI's and Groq's errors, which set no name.
  const Renamed = class e extends Error {};

  test.each<[Error, ErrorKind]>([
    [new Renamed("Request was aborted."), "aborted"],
    [new Renamed("Request timed out."), "timeout"],
    [new Renamed("Connection error."), "connection"],
    [new TypeError("terminated"), "connection"],
    [new TypeError("Failed to fetch"), "connection"],
    [new TypeError("Load failed"), "connection"],
    [new TypeError("terminated by me"), "unknown"],
    [new Error("terminated"), "unknown"],
  ])("%s is %s", (error, kind) => {
    expect(classify(error).kind).toBe(kind);
  });
});

// What each SDK throws before it sends anything, by itself.
describe("a key or a region that is missing", () => {
  test("openai, groq, anthropic, cohere, bedrock", async () => {
    vi.stubEnv("OPENAI_API_KEY", undefined);
    vi.stubEnv("GROQ_API_KEY", undefined);
    vi.stubEnv("ANTHROPIC_API_KEY", undefined);
    vi.stubEnv("ANTHROPIC_AUTH_TOKEN", undefined);
    vi.stubEnv("CO_API_KEY", undefined);
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
    const content = "x";
    const makers: readonly (() => unknown)[] = [
      () => new OpenAI(),
      () => new Groq(),
      () =>
        new Anthropic({ baseURL: "http://127.0.0.1:9", maxRetries: 0 }).messages.create({
          model: "m",
          max_tokens: 1,
          messages: [{ role: "user", content }],
        }),
      () => new CohereClientV2({}).chat({ model: "m", messages: [{ role: "user", content }] }),
    ];
    for (const make of makers) {
      const error = await thrownBy(async () => await make());
      expect(classify(error), String(error)).toMatchObject({ kind: "authentication", retryable: false });
    }
    const send = () => new BedrockRuntimeClient({}).send(new ConverseCommand({ modelId: "m", messages: [] }));
    expect(classify(await thrownBy(send)).kind).toBe("config");
    vi.unstubAllEnvs();
  });
});

describe("causes", () => {
  test("an error that says nothing is seen through", () => {
    const inner = Object.assign(new Error("m"), { status: 503, headers: { "retry-after": "1" } });
    const view = classify(new Error("job failed", { cause: new Error("step failed", { cause: inner }) }));
    expect(view).toEqual({ kind: "overloaded", status: 503, retryAfterMs: 1000, retryable: true });
  });

  test("an error that says something is not overruled by the reason of an abort", () => {
    const abort = new DOMException("m", "AbortError");
    Object.defineProperty(abort, "cause", { value: { status: 500 } });
    expect(classify(abort)).toMatchObject({ kind: "aborted", status: undefined, retryable: false });
    expect(classify({ status: 400, cause: { status: 500 } })).toMatchObject({ kind: "invalid_request", status: 400 });
  });

  test("a failed connection that timed out is a timeout", () => {
    const cause = Object.assign(new Error("m"), { code: "UND_ERR_CONNECT_TIMEOUT" });
    expect(classify(new TypeError("fetch failed", { cause })).kind).toBe("timeout");
  });

  test("a timeout beneath `malformed` is why the answer did not come whole", () => {
    const late = new TimeoutError("m", 5);
    for (const error of [
      new ResponseError("x", "m", undefined, { cause: late }),
      new SyntaxError("m", { cause: late }),
    ]) {
      expect(classify(error)).toMatchObject({ kind: "timeout", retryable: true });
    }
    // What says nothing takes nothing away.
    expect(classify(new SyntaxError("m", { cause: new Error("m") })).kind).toBe("malformed");
  });

  test.each([200, "200", 302, 399, 42])("a body code below 400 is no status: %j", (code) => {
    for (const error of [
      { error: { code } },
      { body: JSON.stringify({ error: { code } }) },
      { message: `{"status_code":${code}}` },
    ]) {
      expect(classify(error)).toMatchObject({ kind: "unknown", status: undefined, retryable: false });
    }
    expect(classify({ error: { code: 400 } })).toMatchObject({ kind: "invalid_request", status: 400 });
  });

  test("circles and endless chains come to an end", () => {
    const circle: { cause?: unknown; error?: unknown; body?: unknown[] } = {};
    circle.cause = circle;
    circle.error = circle;
    circle.body = [circle];
    expect(classify(circle).kind).toBe("unknown");
    let deep: object = { status: 500 };
    for (let depth = 0; depth < 50; depth++) deep = { cause: deep };
    expect(classify(deep).kind).toBe("unknown");
  });
});

describe("never throws", () => {
  const unknown = { kind: "unknown", status: undefined, retryAfterMs: undefined, retryable: false };
  const fail = () => {
    throw new Error("touched");
  };
  const traps = { get: fail, has: fail, getPrototypeOf: fail, ownKeys: fail, getOwnPropertyDescriptor: fail };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const endless: object = new Proxy({}, { get: () => endless });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a text", "500 fetch failed"],
    ["a number", 429],
    ["a symbol", Symbol("s")],
    ["a function", () => 0],
    ["a plain error", new Error("boom")],
    ["a mistake in the program", new TypeError("x is not a function")],
    ["a bare object", Object.create(null)],
    ["a name that is a symbol", { name: Symbol("s"), message: Symbol("m"), status: Symbol("s") }],
    ["a hostile proxy", new Proxy({}, traps)],
    ["a revoked proxy", revoked.proxy],
    ["an endless proxy", endless],
    ["an exit code", Object.assign(new Error("m"), { status: 1, code: "ENOENT" })],
    ["words that are properties of every object", { code: "constructor", type: "__proto__", status: "toString" }],
  ])("%s is unknown", (_, value) => {
    expect(classify(value)).toEqual(unknown);
  });

  test("a getter that throws does not hide the rest", () => {
    const error = {
      status: 429,
      get message() {
        return fail();
      },
      get headers() {
        return { get: fail };
      },
    };
    expect(classify(error)).toEqual({ kind: "rate_limit", status: 429, retryAfterMs: undefined, retryable: true });
  });

  test("any value gives a view whose parts agree, and is left as it was", () => {
    const names = [
      "cause",
      "status",
      "code",
      "type",
      "name",
      "message",
      "headers",
      "body",
      "error",
      "details",
    ] as const;
    const field = fc.constantFrom(...names, "retry-after", "rawResponse", "$metadata", "retryDelay");
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.anything(),
        fc.integer({ min: 100, max: 599 }),
        fc.dictionary(field, tie("tree"), { maxKeys: 5 }),
        fc.array(tie("tree"), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const before = fc.stringify(value);
        const view = classify(value);
        expect(view.retryAfterMs === undefined || view.retryAfterMs >= 0).toBe(true);
        if (view.status !== undefined) expect(view.status >= 100 && view.status < 600).toBe(true);
        if (view.kind === "aborted" || view.kind === "unknown") expect(view.retryable).toBe(false);
        expect(fc.stringify(value)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  // What were not linear here would take hours, and the runner's own limit would end it.
  test("comes to an end on large hostile text", () => {
    for (const text of ["[".repeat(200_000), "{".repeat(200_000), `got status: ${"x".repeat(1e6)}`, "1".repeat(1e6)])
      classify({ message: text, body: text, code: text, status: 400, headers: { "retry-after": `${text}x` } });
  });
});
