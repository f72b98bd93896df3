import Anthropic from "@anthropic-ai/sdk";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { GoogleGenAI } from "@google/genai";
import { Mistral } from "@mistralai/mistralai";
import { CohereClientV2 } from "cohere-ai";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as claude from "../../test/support/anthropic-server.ts";
import { chunk, completion } from "../../test/support/chat-server.ts";
import * as cohereServer from "../../test/support/cohere-server.ts";
import * as converse from "../../test/support/converse-server.ts";
import { type Handler, sse, startServer, status, whole } from "../../test/support/fault-server.ts";
import * as google from "../../test/support/gemini-server.ts";
import * as wire from "../../test/support/mistral-wire.ts";
import { collect } from "../../test/support/replay.ts";
import * as written from "../../test/support/responses-server.ts";
import { lookElsewhere } from "../contract/address.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { provider as anthropicProvider } from "../providers/anthropic/provider.ts";
import { provider as azureProvider } from "../providers/azure/provider.ts";
import { bedrock } from "../providers/bedrock/index.ts";
import { provider as bedrockProvider } from "../providers/bedrock/provider.ts";
import { cohere } from "../providers/cohere/index.ts";
import { provider as cohereProvider } from "../providers/cohere/provider.ts";
import { gemini } from "../providers/gemini/index.ts";
import { provider as geminiProvider } from "../providers/gemini/provider.ts";
import { groq } from "../providers/groq/index.ts";
import { provider as groqProvider } from "../providers/groq/provider.ts";
import { litellm } from "../providers/litellm/index.ts";
import { mistral } from "../providers/mistral/index.ts";
import { provider as mistralProvider } from "../providers/mistral/provider.ts";
import { openai } from "../providers/openai/index.ts";
import { provider as openaiProvider } from "../providers/openai/provider.ts";
import { vertex } from "../providers/vertex/index.ts";
import { provider as vertexProvider } from "../providers/vertex/provider.ts";
import { within } from "../send/scope.ts";

const say = () => "Hi";
const chatClient = (baseURL: string) => new OpenAI({ apiKey: "sk", baseURL, maxRetries: 0 });

/** A stream of this wire with these figures at its end. */
const chatStream = (usage: object, model = "gpt-4o-mini", headers: Record<string, string> = {}): Handler => {
  const events = [chunk({ content: "x" }), chunk({}, "stop"), { ...chunk({}), choices: [], usage, model }];
  return (answer) =>
    answer.send(200, { "content-type": "text/event-stream", ...headers }, sse(...events, "[DONE]").join(""));
};

async function chatAnswer(usage: object | null, model = "gpt-4o-mini", headers: Record<string, string> = {}) {
  await using server = await startServer(status(200, completion({ content: "x", usage }, model), headers));
  return await openai.call(model as "gpt-4o-mini", { client: chatClient(server.url) }, say)();
}

async function claudeStream(start: object, end: object) {
  const message = claude.answer({ content: [], stop_reason: null, usage: start });
  const events = [
    { type: "message_start", message },
    ...claude.textEvents(0, "x"),
    ...claude.endEvents("end_turn", end as never),
  ];
  await using server = await startServer(whole(claude.eventStream(...events)));
  const stream = anthropic.call("claude-opus-4-6", { stream: true, client: claude.clientAt(server.url) }, say)();
  await collect(stream);
  return stream.constructCallResponse();
}

describe("[E6] Anthropic", () => {
  const compaction = { type: "compaction", input_tokens: 180_000, output_tokens: 3500 };
  const iterations = [compaction, { type: "message", input_tokens: 23_000, output_tokens: 1000 }];
  const usage = { input_tokens: 23_000, output_tokens: 1000, iterations };

  test("what compaction took is counted, whole and streamed", async () => {
    await using server = await startServer(status(200, claude.answer({ usage, model: "claude-opus-4-6" })));
    const asked = anthropic.call("claude-opus-4-6", { client: claude.clientAt(server.url) }, say);
    for (const response of [await asked(), await claudeStream({ input_tokens: 1, output_tokens: 1 }, usage)]) {
      expect(response.tokens).toMatchObject({ input: 203_000, output: 4500, largest: 180_000 });
    }
    expect((await asked()).cost).toBeCloseTo((203_000 * 5 + 4500 * 25) / 1e6, 10);
  });

  test("another model's share makes the cost uncertain", async () => {
    const advised = {
      ...usage,
      iterations: [...iterations, { type: "advisor_message", input_tokens: 9, output_tokens: 9 }],
    };
    await using server = await startServer(status(200, claude.answer({ usage: advised, model: "claude-opus-4-6" })));
    const response = await anthropic.call("claude-opus-4-6", { client: claude.clientAt(server.url) }, say)();
    expect(response).toMatchObject({ cost: undefined, inputTokens: 203_000 });
  });

  test("a figure known before stands where the end of a stream says 0", async () => {
    const start = { input_tokens: 1000, cache_read_input_tokens: 500, output_tokens: 1 };
    const response = await claudeStream(start, { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 7 });
    expect(response.tokens).toEqual({ input: 1500, output: 7, cacheRead: 500 });
  });
});

describe("[E7] [H7] [H8] a LiteLLM proxy", () => {
  const model = "openai/gpt-4o-mini";
  const usage = { prompt_tokens: 1000, completion_tokens: 10, total_tokens: 1010 };
  const ask = async (headers: Record<string, string>, used: object | null = usage) => {
    await using server = await startServer(status(200, completion({ content: "x", usage: used }, model), headers));
    return await litellm.call("m", { client: chatClient(server.url) }, say)();
  };

  test("[E7] that says 0 gives no list price", async () => {
    const response = await ask({ "x-litellm-response-cost": "0.0" });
    expect(response.costDetails).toEqual({ usd: undefined, reason: expect.stringContaining("0 of the cost") });
    expect((await ask({})).cost).toBeCloseTo((1000 * 0.15 + 10 * 0.6) / 1e6, 12);
  });

  test("[H7] that answers from its cache costs nothing, and it shows, whole and streamed", async () => {
    const headers = { "x-litellm-cache-key": "k", "x-litellm-response-cost": "0.5" };
    const told = { usd: 0, entry: { source: "provider" }, note: "The answer came out of the proxy's cache." };
    expect((await ask(headers)).costDetails).toMatchObject(told);
    await using server = await startServer(chatStream(usage, model, headers));
    const stream = litellm.call("m", { client: chatClient(server.url), stream: true }, say)();
    await collect(stream);
    expect(stream.constructCallResponse().costDetails).toMatchObject(told);
  });

  test("[E7] what it said of the cost survives JSON", async () => {
    for (const [header, cost] of [
      ["0.25", 0.25],
      ["0.0", undefined],
    ] as const) {
      const headers = { "x-litellm-response-cost": header };
      await using server = await startServer(status(200, completion({ content: "x", usage }, model), headers));
      const call = litellm.call("m", { client: chatClient(server.url) }, say);
      const prepared = await call.prepare();
      const received = JSON.parse(JSON.stringify(await call.send(prepared)));
      expect((await call.read(prepared, received)).cost).toBe(cost);
    }
  });

  test("[H8] that was told no usage knows no cost", async () => {
    const nothing = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    expect(await ask({}, nothing)).toMatchObject({ cost: undefined, inputTokens: undefined, outputTokens: undefined });
    await using server = await startServer(chatStream(nothing, model));
    const stream = litellm.call("m", { client: chatClient(server.url), stream: true }, say)();
    await collect(stream);
    expect(stream.cost).toBeUndefined();
  });
});

describe("[E8] reasoning outside the answer's own count", () => {
  const details = (reasoning_tokens: number) => ({ completion_tokens_details: { reasoning_tokens } });

  test.each([
    ["is added where the total shows it", { completion_tokens: 9, total_tokens: 1009 + 300, ...details(300) }, 309],
    ["and where nobody names it", { completion_tokens: 9, total_tokens: 1009 + 300 }, 309],
    ["is not added where it is inside", { completion_tokens: 309, total_tokens: 1309, ...details(300) }, 309],
    [
      "makes the figure uncertain where it does not fit",
      { completion_tokens: 9, total_tokens: 1100, ...details(300) },
      undefined,
    ],
  ])("%s", async (_, usage, output) => {
    const whole = await chatAnswer({ prompt_tokens: 1000, ...usage });
    expect(whole.outputTokens).toBe(output);
    expect(whole.cost === undefined).toBe(output === undefined);
    await using server = await startServer(chatStream({ prompt_tokens: 1000, ...usage }));
    const stream = openai.call("gpt-4o-mini", { client: chatClient(server.url), stream: true }, say)();
    await collect(stream);
    expect(stream.outputTokens).toBe(output);
  });
});

describe("[E9] a client that sends elsewhere", () => {
  const rerouted =
    (to: string): typeof fetch =>
    (input, init) =>
      fetch(String(input).replace("https://models.example", to), init);

  test("has no list price, whole and streamed, and the caller's own all the same", async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 };
    await using server = await startServer((answer) =>
      (answer.request.body as { stream?: boolean }).stream
        ? chatStream(usage)(answer)
        : status(200, completion({ content: "x", usage }))(answer),
    );
    const client = new OpenAI({ apiKey: "sk", baseURL: "https://models.example", fetch: rerouted(server.url) });
    const asked = openai.call("gpt-4o-mini", { client }, say);
    const response = await asked();
    expect(response.costDetails).toEqual({ usd: undefined, reason: expect.stringContaining("models.example") });
    expect((await asked.with({ prices: { "gpt-4o-mini": { input: 1, output: 1 } } })()).cost).toBe(0.001);
    const stream = openai.call("gpt-4o-mini", { client, stream: true }, say)();
    await collect(stream);
    expect(stream.cost).toBeUndefined();
  });

  test("a list that a scope gives is used there, and nowhere else", async () => {
    const list = {
      find: () => ({ entry: { id: "x", provider: "y", source: "list" as const }, rates: { input: 7, output: 0 } }),
    };
    const usage = { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 };
    await using server = await startServer(status(200, completion({ content: "x", usage })));
    const client = new OpenAI({ apiKey: "sk", baseURL: "https://models.example", fetch: rerouted(server.url) });
    const asked = openai.call("gpt-4o-mini", { client }, say);
    expect((await within({ prices: list }, () => asked())).cost).toBe(0.007);
    expect((await asked.with({ prices: list })()).cost).toBe(0.007);
    expect((await asked()).cost).toBeUndefined();
  });

  const own = "https://own.example";
  const key = { apiKey: "k" };
  test.each([
    [
      "openai",
      openaiProvider,
      new OpenAI({ ...key, baseURL: own }),
      new OpenAI({ ...key, baseURL: "https://api.openai.com/v1" }),
    ],
    [
      "anthropic",
      anthropicProvider,
      new Anthropic({ ...key, baseURL: own }),
      new Anthropic({ ...key, baseURL: "https://api.anthropic.com" }),
    ],
    ["groq", groqProvider, new Groq({ ...key, baseURL: own }), new Groq({ ...key, baseURL: "https://api.groq.com" })],
    ["mistral", mistralProvider, new Mistral({ ...key, serverURL: own }), new Mistral(key)],
    ["cohere", cohereProvider, new CohereClientV2({ token: "k", baseUrl: own }), new CohereClientV2({ token: "k" })],
    [
      "gemini",
      geminiProvider,
      new GoogleGenAI({ ...key, enterprise: false, httpOptions: { baseUrl: own } }),
      new GoogleGenAI({ ...key, enterprise: false }),
    ],
    [
      "vertex",
      vertexProvider,
      google.vertexClient(own),
      new GoogleGenAI({ enterprise: true, project: "p", location: "europe-west4" }),
    ],
    [
      "azure",
      azureProvider,
      new OpenAI({ ...key, baseURL: own }),
      new OpenAI({ ...key, baseURL: "https://x.openai.azure.com/openai/v1" }),
    ],
    [
      "bedrock",
      bedrockProvider,
      new BedrockRuntimeClient({ region: "us-east-1", endpoint: own }),
      new BedrockRuntimeClient({ region: "us-east-1" }),
    ],
  ])("is told by its address: %s", async (_, provider, elsewhere, home) => {
    // Each row's clients are its own provider's, which a list of rows does not tell the compiler.
    const look = lookElsewhere as (provider: object, client: object) => Promise<string | null>;
    expect(await look(provider, elsewhere)).toContain("own.example");
    expect(await look(provider, home)).toBeNull();
  });

  test("loopback counts as the provider's own", async () => {
    for (const baseURL of ["http://localhost:1/v1", "http://127.0.0.1:1", "http://[::1]:1", "http://a.localhost"]) {
      expect(await lookElsewhere(openaiProvider, new OpenAI({ ...key, baseURL }))).toBeNull();
    }
    for (const baseURL of ["https://localhost.example", "https://127.example", "https://api.openai.com.example"]) {
      expect(await lookElsewhere(openaiProvider, new OpenAI({ ...key, baseURL }))).toContain(new URL(baseURL).host);
    }
  });
});

test("[E10] Gemini's output is known without the prompt's count", async () => {
  const usageMetadata = { candidatesTokenCount: 23, thoughtsTokenCount: 67 };
  await using api = await google.serve(status(200, google.answer([{ text: "x" }], { usageMetadata })));
  const response = await gemini.call(google.asked, { client: api.client }, say)();
  expect(response).toMatchObject({ outputTokens: 90, inputTokens: undefined, cost: undefined });
});

test("[E12] Responses without an echoed model cost what the asked one does", async () => {
  const { model: _, ...answer } = written.answer();
  await using api = await written.serve(status(200, answer));
  const response = await openai.responses.call("gpt-5-mini", { client: api.client }, say)();
  expect(response.cost).toBeCloseTo((60 * 0.25 + 40 * 0.025 + 20 * 2) / 1e6, 12);
});

test("[H4] Anthropic's answers computed in one country cost more", async () => {
  const usage = { input_tokens: 1_000, output_tokens: 0, inference_geo: "us" };
  await using server = await startServer(status(200, claude.answer({ usage, model: "claude-opus-4-6" })));
  const response = await anthropic.call("claude-opus-4-6", { client: claude.clientAt(server.url) }, say)();
  expect(response.cost).toBeCloseTo(0.0055, 12);
});

describe("[G12] a figure that is no count", () => {
  type Asked = (count: unknown) => Promise<{ tokens: object; cost: number | undefined; inputTokens: unknown }>;
  const handled = async (handler: Handler, ask: (url: string) => Promise<unknown>) => {
    await using server = await startServer(handler);
    return (await ask(server.url)) as Awaited<ReturnType<Asked>>;
  };
  const rows: [name: string, ask: Asked][] = [
    ["openai", (count) => chatAnswer({ prompt_tokens: count, completion_tokens: 1 })],
    [
      "openai.responses",
      (count) =>
        handled(status(200, written.answer(undefined, { usage: { input_tokens: count, output_tokens: 1 } })), (url) =>
          openai.responses.call("gpt-5-mini", { client: written.clientAt(url) }, say)(),
        ),
    ],
    [
      "anthropic",
      (count) =>
        handled(status(200, claude.answer({ usage: { input_tokens: count, output_tokens: 1 } })), (url) =>
          anthropic.call("claude-haiku-4-5", { client: claude.clientAt(url) }, say)(),
        ),
    ],
    [
      "gemini",
      (count) =>
        handled(
          status(
            200,
            google.answer(undefined, { usageMetadata: { promptTokenCount: count, candidatesTokenCount: 1 } }),
          ),
          (url) => gemini.call(google.asked, { client: google.geminiClient(url) }, say)(),
        ),
    ],
    [
      "vertex",
      (count) =>
        handled(
          status(
            200,
            google.answer(undefined, { usageMetadata: { promptTokenCount: count, candidatesTokenCount: 1 } }),
          ),
          (url) => vertex.call(google.asked, { client: google.vertexClient(url) }, say)(),
        ),
    ],
    [
      "groq",
      (count) =>
        handled(
          status(
            200,
            completion({ content: "x", usage: { prompt_tokens: count, completion_tokens: 1 } }, "openai/gpt-oss-20b"),
          ),
          (url) => groq.call("openai/gpt-oss-20b", { client: new Groq({ apiKey: "k", baseURL: url }) }, say)(),
        ),
    ],
    [
      "bedrock",
      (count) =>
        handled(
          converse.answer([{ text: "x" }], "end_turn", {
            usage: { inputTokens: count, outputTokens: 1, totalTokens: 1 },
          }),
          (url) => bedrock.call("amazon.nova-lite-v1:0", { client: converse.clientOf(url, 1) }, say)(),
        ),
    ],
    [
      "cohere",
      (count) =>
        handled(
          status(200, cohereServer.answer({}, { usage: { billed_units: { input_tokens: count, output_tokens: 1 } } })),
          (url) => cohere.call("command-a-03-2025", { client: cohereServer.clientAt(url) }, say)(),
        ),
    ],
    [
      "mistral",
      (count) =>
        handled(
          status(
            200,
            wire.completion(
              {},
              { model: "mistral-small-latest", usage: { prompt_tokens: count, completion_tokens: 1, total_tokens: 2 } },
            ),
          ),
          (url) =>
            mistral.call("mistral-small-latest", { client: new Mistral({ apiKey: "k", serverURL: url }) }, say)(),
        ),
    ],
  ];

  test.each(rows)("%s", async (name, ask) => {
    expect(await ask(12)).toMatchObject({ inputTokens: 12, cost: expect.any(Number) });
    for (const count of [-5, 1.5, "12"]) {
      // These SDKs check or convert what they decode.
      if (typeof count === "string" && (name === "cohere" || name === "bedrock")) continue;
      if (count !== -5 && name === "mistral") continue;
      expect(await ask(count), String(count)).toMatchObject({ inputTokens: undefined, cost: undefined });
    }
  });

  test("in a detail takes the cost away, and leaves what is certain", async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: "4" } };
    expect(await chatAnswer(usage)).toMatchObject({ inputTokens: 10, cachedTokens: undefined, cost: undefined });
  });
});
