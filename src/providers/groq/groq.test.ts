import Groq from "groq-sdk";
import OpenAI from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { describeChatFaults } from "../../../test/support/chat-faults.ts";
import { laneOf } from "../../../test/support/chat-lane.ts";
import { describeChatRequests } from "../../../test/support/chat-requests.ts";
import { chunk, completion, startChat } from "../../../test/support/chat-server.ts";
import { errorEvent, errorEvents, inTurn, sse, startServer, whole } from "../../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ConfigError, ResponseError, UnsupportedError } from "../../errors/errors.ts";
import { audio } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import type { StreamError } from "../../read/stream-error.ts";
import { groq } from "./index.ts";
import type { GroqTypes } from "./types.ts";

const clientOf = (url: string) => new Groq({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });
const classes: Readonly<Record<number, new (...args: never[]) => Error>> = {
  400: Groq.BadRequestError,
  401: Groq.AuthenticationError,
  403: Groq.PermissionDeniedError,
  404: Groq.NotFoundError,
  422: Groq.UnprocessableEntityError,
  429: Groq.RateLimitError,
  500: Groq.InternalServerError,
  502: Groq.InternalServerError,
  503: Groq.InternalServerError,
};
const lane = laneOf(groq.call, {
  title: "groq",
  provider: "groq",
  keepsNull: true,
  asksForUsage: false,
  client: clientOf,
  errorClass: (status) => classes[status] ?? Groq.APIError,
});

describeChatRequests(lane);
describeChatFaults(lane);

const events = (...deltas: object[]) => [...deltas.map((delta) => chunk(delta)), chunk({}, "stop")];
const read = (stream: groq.Stream) => collect(stream);
const streamOf = (url: string) => groq.call("model-1", { stream: true, client: clientOf(url) }, () => "Hi")();

describe("thoughts in the text (reasoning format `raw`)", () => {
  const texts: readonly (readonly [text: string, content: string, thinking: string | undefined])[] = [
    ["<think>\nhm\n</think>\n\nDune", "\n\nDune", "\nhm\n"],
    ["\n <think>hm</think>Dune", "Dune", "hm"],
    ["<think>a < b </thin </think>Dune </think> <think>", "Dune </think> <think>", "a < b </thin "],
    ["<think>never closed </th", "", "never closed </th"],
    ["<think>\n\n</think>Dune", "Dune", undefined],
    ["<thinking>Dune", "<thinking>Dune", undefined],
    ["Dune <think>no</think>", "Dune <think>no</think>", undefined],
    ["<thi", "<thi", undefined],
    [`${" ".repeat(100)}<think>Dune`, `${" ".repeat(100)}<think>Dune`, undefined],
  ];

  test.each(texts)("%j", async (text, content, thinking) => {
    await using server = await startChat(completion({ content: text }), ...cuts(text));
    const plain = await groq.call("model-1", { client: clientOf(server.url) }, () => "Hi")();
    expect(plain).toMatchObject({ content, thinking });
    expect(plain.messageParam).toEqual({ role: "assistant", content: text });
    for (const _ of cuts(text)) {
      const stream = streamOf(server.url);
      let seen = "";
      for await (const [step] of stream) {
        seen += step.content;
        expect(stream.content).toBe(seen);
      }
      expect(seen).toBe(content);
      const whole = stream.constructCallResponse();
      expect(whole).toMatchObject({ content, thinking });
      expect(whole.messageParam).toEqual({ role: "assistant", content: text });
    }
  });

  /** The text as streams: in pieces of 1, 3 and 7 characters, and in one. */
  function cuts(text: string): object[][] {
    return [1, 3, 7, text.length].map((size) => {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      );
      return events(...pieces.map((content) => ({ content })));
    });
  }
});

describe("what only Groq's streams have", () => {
  test("usage in `x_groq` alone; labels that are repeated; an id that changes; agents' tools", async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, queue_time: 0.1 };
    const search = { index: 0, type: "search", arguments: '{"query":"x"}' };
    const found = { ...search, output: "42", search_results: { results: [] } };
    await using server = await startChat([
      chunk({ role: "assistant", content: "" }, null, { x_groq: { id: "req_1", seed: 4 } }),
      chunk({ reasoning: "h", channel: "analysis" }),
      chunk({ reasoning: "m", channel: "analysis" }),
      chunk({ executed_tools: [search] }),
      { ...chunk({ executed_tools: [found] }), id: "chatcmpl-2" },
      { ...chunk({ content: "Dune" }), id: "stub" },
      chunk({}, "stop", { x_groq: { id: "req_1", usage, usage_breakdown: { models: [] } } }),
    ]);
    const stream = streamOf(server.url);
    const steps = await read(stream);
    expect(steps.at(-1)?.[0].usage).toEqual(usage);
    const whole = stream.constructCallResponse();
    expect(whole).toMatchObject({ id: "chatcmpl-1", content: "Dune", thinking: "hm", inputTokens: 7, outputTokens: 3 });
    expect(whole.toolCalls).toBeUndefined();
    expect(whole.response).toMatchObject({
      usage,
      x_groq: { id: "req_1", seed: 4, usage },
      choices: [{ message: { content: "Dune", reasoning: "hm", channel: "analysis", executed_tools: [found] } }],
    });
    expect(whole.messageParam).toEqual({ role: "assistant", content: "Dune", reasoning: "hm" });
  });

  test("an error event after text, and an error told in `x_groq`", async () => {
    const begun = sse(chunk({ content: "Du" }));
    await using server = await startServer(
      inTurn(
        errorEvent(begun, 1, errorEvents.groq),
        whole([...begun, ...sse(chunk({}, null, { x_groq: { error: "over capacity" } }))]),
      ),
    );
    const first = await thrownBy(() => read(streamOf(server.url)));
    expect(first).toBeInstanceOf(Groq.APIError);
    expect(classify(first).kind).toBe("invalid_request");
    const stream = streamOf(server.url);
    const second = await thrownBy(() => read(stream));
    expect(second).toMatchObject({ code: "stream_broken", partial: { content: "Du" } });
    expect(String(second)).toContain("over capacity");
    const { cause } = second as StreamError;
    expect(cause).toBeInstanceOf(ResponseError);
    expect(cause).toMatchObject({ response: { x_groq: { error: "over capacity" } } });
    expect(stream.content).toBe("Du");
  });
});

test("the turn that goes back holds only what the API knows", async () => {
  const said = { content: "x", reasoning: "hm", annotations: [1], executed_tools: [{ index: 0 }], channel: "final" };
  await using server = await startChat(completion(said));
  const response = await groq.call("model-1", { client: clientOf(server.url) }, () => "Hi")();
  expect(response.thinking).toBe("hm");
  expect(response.messageParam).toEqual({ role: "assistant", content: "x", reasoning: "hm" });
});

test("documents and pictures in tool results pass in native messages; sound and cache marks are refused", async () => {
  const native = [
    { role: "user", content: [{ type: "document", document: { data: { text: "x" }, id: "1" } }] },
    {
      role: "tool",
      tool_call_id: "1",
      content: [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }],
    },
  ] as const;
  // Frozen and readonly, where the SDK's types are neither.
  const prompt = () => ({ messages: native as unknown as GroqTypes["Message"][] });
  expect((await groq.call("model-1", prompt).prepare()).messages).toEqual(native);
  const wav = Buffer.from("RIFF\0\0\0\0WAVEfmt ");
  for (const part of [audio(wav), { type: "cache_control", cacheType: "ephemeral" } as const]) {
    const error = await thrownBy(() => groq.call("model-1", () => Messages.user(["x", part])).prepare());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(String(error)).toMatch(/groq takes no (audio|cache_control) part in a message; .* text, image\./);
  }
});

test("common parameters by the names of the wire", () => {
  const common = {
    temperature: 0,
    maxTokens: 5,
    topP: 1,
    stop: ["a"],
    seed: 1,
    frequencyPenalty: 1,
    presencePenalty: 2,
  };
  const neutral = { model: "m", messages: [], callParams: {}, common, stream: false, tools: [], output: undefined };
  expect(groq.provider.params(neutral).request).toEqual({
    model: "m",
    messages: [],
    temperature: 0,
    max_completion_tokens: 5,
    top_p: 1,
    stop: ["a"],
    seed: 1,
    frequency_penalty: 1,
    presence_penalty: 2,
  });
});

describe("clients", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("one of OpenAI's is no client of Groq", async () => {
    const client = new OpenAI({ apiKey: "x" }) as unknown as Groq;
    expect(await thrownBy(groq.call("m", { client }, () => "x"))).toBeInstanceOf(ConfigError);
  });

  test("the default one comes from the environment and is kept; without a key the SDK's own error comes", async () => {
    await using server = await startChat(completion({ content: "x" }));
    vi.stubEnv("GROQ_BASE_URL", server.url);
    vi.stubEnv("GROQ_API_KEY", undefined);
    expect(await thrownBy(groq.call("m", () => "x"))).toBeInstanceOf(Groq.GroqError);
    vi.stubEnv("GROQ_API_KEY", "gsk-1");
    await groq.call("m", () => "x")();
    await groq.call("m", () => "x")();
    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/openai/v1/chat/completions", "Bearer gsk-1"],
      ["/openai/v1/chat/completions", "Bearer gsk-1"],
    ]);
    expect(await groq.provider.client(undefined)).toBe(await groq.provider.client(undefined));
  });
});
