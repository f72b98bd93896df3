import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { call } from "../../src/any-provider.ts";
import { litellm } from "../../src/providers/litellm/index.ts";
import { collect } from "../support/replay.ts";
import { clients } from "./support/lanes.ts";
import { type ProxyServer, startProxy } from "./support/proxy.ts";
import { price } from "./support/proxy-config.ts";
import { describeProxyErrors } from "./support/proxy-errors.ts";
import { describeProxyFormats } from "./support/proxy-formats.ts";
import { prepareTools } from "./support/python.ts";

// A real LiteLLM proxy before the real local model, which llama.cpp's own server serves. Nothing here is ours but the
// callers. The virtual keys are what LiteLLM gives without a database: those it keeps itself need PostgreSQL and an
// engine of Prisma's that no package index has.

const tools = await prepareTools();
const title = "callscope/litellm against a LiteLLM proxy";
const suite = typeof tools === "string" ? describe.skip : describe;

vi.setConfig({ testTimeout: 60_000 });

suite(typeof tools === "string" ? `${title} (skipped: ${tools})` : title, () => {
  let proxy: ProxyServer;
  beforeAll(async () => {
    if (typeof tools !== "string") proxy = await startProxy(tools);
  }, 180_000);
  afterAll(() => proxy?.[Symbol.asyncDispose](), 30_000);

  const say = (words: string) => words;
  const callParams = { max_tokens: 8, temperature: 0 };
  const client = () => clients.litellm(proxy.url);

  test("the response is the SDK's, the model the one behind the proxy", async () => {
    const direct = new OpenAI({ apiKey: "none", baseURL: `${proxy.model}/v1` });
    const words = "Name a fruit.";
    const response = await litellm.call("smol", { client: client(), callParams }, say)(words);
    const expected = await direct.chat.completions.create({
      model: "smol",
      messages: [{ role: "user", content: words }],
      ...callParams,
    });
    expect(response.response.object).toBe("chat.completion");
    expect(response.content).toBe(expected.choices[0]?.message.content);
    expect([response.inputTokens, response.outputTokens]).toEqual([expected.usage?.prompt_tokens, 8]);
    expect(response.callKwargs).toEqual({ model: "smol", messages: [{ role: "user", content: words }], ...callParams });
    const headers = response.head?.headers;
    expect(headers?.["x-litellm-model-id"]).toBe("smol-deployment");
    expect(headers?.["x-litellm-model-group"]).toBe("smol");
  });

  test("a stream says its cost and the proxy's name for it", async () => {
    const words = "Name a stone.";
    const stream = litellm.call("smol", { client: client(), callParams, stream: true }, say)(words);
    await collect(stream);
    const entry = await proxy.entry(({ messages }) => JSON.stringify(messages).includes(words));
    const { inputTokens = 0, outputTokens } = stream;
    expect([inputTokens, outputTokens]).toEqual([entry.prompt_tokens, 8]);
    expect(stream.cost).toBeCloseTo(inputTokens * price.input + 8 * price.output, 12);
    expect(stream.cost).toBeCloseTo(entry.response_cost, 12);
    expect(stream.id).toBe(entry.id);
    const headers = stream.head?.headers;
    expect(headers?.["x-litellm-call-id"]).toBe(entry.call_id);
    expect(headers?.["x-litellm-model-id"]).toBe("smol-deployment");
  });

  test("leaving a stream early still accounts for it", async () => {
    const params = { ...callParams, max_tokens: 200 };
    const stream = litellm.call(
      "smol",
      { client: client(), callParams: params, stream: true },
      say,
    )("Tell a long story.");
    for await (const [chunk] of stream) if (chunk.content !== "") break;
    expect(stream.content).not.toBe("");
    expect(stream.cost).toBeUndefined();
    expect(stream.spent).toMatchObject({ estimated: true });
  });

  describe("what only the proxy takes", () => {
    test("fallbacks of the call's own, and those the proxy was set up with", async () => {
      const own = litellm.call("down", { client: client(), callParams: { ...callParams, fallbacks: ["smol"] } }, say);
      const configured = litellm.call("down-with-spare", { client: client(), callParams }, say);
      for (const fallback of [own, configured]) {
        const response = await fallback("Say hi");
        const headers = response.head?.headers;
        expect(response.content).not.toBe("");
        expect(headers?.["x-litellm-attempted-fallbacks"]).toBe("1");
        expect(headers?.["x-litellm-model-id"]).toBe("smol-deployment");
        expect(response.cost).toBeCloseTo((response.inputTokens ?? 0) * price.input + 8 * price.output, 12);
      }
    });

    test("its own retries", async () => {
      const response = await litellm.call("flaky", { client: client(), callParams: { num_retries: 2 } }, say)("Say hi");
      expect(response.content).toBe("Hi");
      expect(proxy.faults.requests.filter(({ path }) => path.startsWith("/flaky/chat"))).toHaveLength(2);
      expect(response.head?.headers?.["x-litellm-attempted-retries"]).toBe("1");
    });

    test("metadata and tags come to its log, with the key's owner", async () => {
      const metadata = { job: { id: 7 }, team: "library", tags: ["nightly"] };
      const ask = litellm.call("smol", { client: client(), callParams: { ...callParams, metadata } }, say);
      const response = await ask("Say hi");
      const entry = await proxy.entry(({ id }) => id === response.id);
      expect(entry.request_tags).toContain("nightly");
      expect(entry.metadata.requester_metadata).toMatchObject({ job: { id: 7 }, team: "library" });
      expect(entry.metadata.user_api_key_user_id).toBe("owner");
    });
  });

  test("the proxy's log and our figures agree: requests, tokens, cost", async () => {
    const tags = ["audit"];
    const options = { client: client(), callParams: { ...callParams, metadata: { tags } } };
    const ask = litellm.call("smol", options, say);
    const responses = await Promise.all(["One", "Two", "Three"].map((words) => ask(words)));
    const stream = litellm.call("smol-chat", { ...options, stream: true }, say)("Four");
    await collect(stream);
    const reported = [...responses, stream];
    for (const { id } of reported) await proxy.entry((entry) => entry.id === id);
    const entries = (await proxy.log()).filter(({ request_tags }) => request_tags?.includes("audit"));
    const sum = (figures: (number | undefined)[]) =>
      figures.reduce<number>((total, figure) => total + (figure ?? NaN), 0);
    expect(entries.map(({ status }) => status)).toEqual(["success", "success", "success", "success"]);
    expect(sum(reported.map(({ inputTokens }) => inputTokens))).toBe(sum(entries.map((entry) => entry.prompt_tokens)));
    expect(sum(reported.map(({ outputTokens }) => outputTokens))).toBe(
      sum(entries.map((entry) => entry.completion_tokens)),
    );
    expect(sum(reported.map(({ cost }) => cost))).toBeCloseTo(sum(entries.map((entry) => entry.response_cost)), 12);
  });

  test("a call of another provider moves to the proxy", async () => {
    const direct = new OpenAI({ apiKey: "none", baseURL: `${proxy.model}/v1`, maxRetries: 0 });
    const ask = call("openai/smol", { client: direct, callParams: { maxTokens: 8, temperature: 0 } }, say);
    const first = await ask("Say hi");
    expect([first.provider, first.cost]).toEqual(["openai", undefined]);
    vi.stubEnv("LITELLM_BASE_URL", proxy.url);
    vi.stubEnv("LITELLM_API_KEY", "sk-owner");
    const moved = await ask
      .with({ model: "litellm/smol" })("Say hi")
      .finally(() => vi.unstubAllEnvs());
    expect(moved.provider).toBe("litellm");
    expect(moved.inputTokens).toBe(first.inputTokens);
    expect(moved.cost).toBeCloseTo((moved.inputTokens ?? 0) * price.input + 8 * price.output, 12);
  });

  describeProxyFormats(() => proxy);
  describeProxyErrors(() => proxy);
});
