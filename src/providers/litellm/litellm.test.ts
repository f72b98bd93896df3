import OpenAI from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { describeChatFaults } from "../../../test/support/chat-faults.ts";
import { laneOf } from "../../../test/support/chat-lane.ts";
import { describeChatRequests } from "../../../test/support/chat-requests.ts";
import { chunk, completion, startChat, textChunks } from "../../../test/support/chat-server.ts";
import { sse, startServer, status } from "../../../test/support/fault-server.ts";
import { openaiErrors } from "../../../test/support/openai-errors.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { audio, document } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import { litellm } from "./index.ts";

const clientOf = (url: string) => new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });
const lane = laneOf(litellm.call, {
  title: "litellm",
  provider: "litellm",
  keepsNull: true,
  asksForUsage: true,
  client: clientOf,
  errorClass: (code) => openaiErrors[code] ?? OpenAI.APIError,
});

describeChatRequests(lane);
describeChatFaults(lane);

const say = () => "Hi";
const streamOf = (url: string) => litellm.call("anthropic/claude", { stream: true, client: clientOf(url) }, say)();

// checklist: 151
describe("cost", () => {
  test.each([
    ["7.1e-05", 0.000071],
    ["0.0", undefined],
    ["None", undefined],
    ["-1", undefined],
  ])("the proxy's %j", async (told, cost) => {
    const headers = { "x-litellm-response-cost": told, "x-litellm-call-id": "call-1" };
    await using server = await startServer(status(200, completion({ content: "x" }, "my-alias"), headers));
    const response = await litellm.call("m", { client: clientOf(server.url) }, say)();
    expect(response.cost).toBe(cost);
    if (cost !== undefined) expect(response.costDetails?.entry?.source).toBe("provider");
    expect(response.head?.headers?.["x-litellm-call-id"]).toBe("call-1");
  });

  test("without its word: the list price of a model named with its vendor, the user's own, or none", async () => {
    const vendor = completion({ content: "x", usage: { prompt_tokens: 1000, completion_tokens: 0 } }, "openai/gpt-4o");
    await using server = await startChat(vendor, completion({ content: "x" }, "gpt-4o"));
    const asked = litellm.call("m", { client: clientOf(server.url) }, say);
    expect((await asked()).cost).toBeCloseTo(0.0025, 10);
    expect((await asked()).cost).toBeUndefined();
    const prices = { m: { input: 1, output: 1 } };
    expect((await asked.with({ prices })()).cost).toBeCloseTo(0.000015, 12);
  });

  test("a stream's, where the proxy tells it, and its headers", async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.25 };
    const events = [chunk({ content: "x" }), chunk({}, "stop"), { ...chunk({}), choices: [], usage }];
    await using server = await startServer((answer) => {
      const headers = { "content-type": "text/event-stream", "x-litellm-call-id": "call-2" };
      answer.send(200, headers, sse(...events, "[DONE]").join(""));
    });
    const stream = streamOf(server.url);
    await collect(stream);
    expect(stream.cost).toBe(0.25);
    expect(stream.constructCallResponse().head?.headers?.["x-litellm-call-id"]).toBe("call-2");
  });
});

describe("thoughts", () => {
  const blocks = [
    { type: "thinking", thinking: "I must", signature: "sig-1" },
    { type: "redacted_thinking", data: "xyz" },
    { type: "thinking", thinking: "think", signature: "sig-2" },
  ];
  const said = { content: "Dune", reasoning_content: "I mustthink", thinking_blocks: blocks };

  test("come by block with their signatures and go back as they came", async () => {
    await using server = await startChat(
      completion(said),
      completion({ content: "x", reasoning_content: "hm" } as object),
    );
    const asked = litellm.call("m", { client: clientOf(server.url) }, say);
    const response = await asked();
    expect(response.thinking).toBe("I mustthink");
    expect(response.message.content).toEqual([
      { type: "thinking", text: "I must", signature: "sig-1" },
      { type: "thinking", text: "think", signature: "sig-2" },
      { type: "text", text: "Dune" },
    ]);
    const { reasoning_content: _, ...sentBack } = said;
    expect(response.messageParam).toEqual({ role: "assistant", ...sentBack });
    expect((await asked()).thinking).toBe("hm");
  });

  test("streamed in pieces without an index they become the same blocks", async () => {
    const piece = (thinking: string, signature: string | null = null) => ({ type: "thinking", thinking, signature });
    const think = (text: string, ...pieces: object[]) => chunk({ reasoning_content: text, thinking_blocks: pieces });
    await using server = await startChat([
      think("I ", piece("I ")),
      think("must", piece("must")),
      think("", piece("", "sig-1")),
      think("", blocks[1] as object),
      think("think", piece("thi"), piece("nk", "sig-2")),
      ...textChunks("Du", "ne"),
    ]);
    const stream = streamOf(server.url);
    const steps = await collect(stream);
    expect(steps.map(([step]) => step.thinking ?? "").join("")).toBe("I mustthink");
    const whole = stream.constructCallResponse();
    const { reasoning_content: _, ...sentBack } = said;
    expect(whole.messageParam).toEqual({ role: "assistant", ...sentBack });
    expect(whole.message.content).toHaveLength(3);
  });
});

test("cache writes are part of what was read, however they are told", async () => {
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 5,
    total_tokens: 105,
    prompt_tokens_details: { cached_tokens: 30 },
    cache_creation_input_tokens: 60,
    cache_read_input_tokens: 30,
  };
  await using server = await startChat(completion({ content: "x", usage }), [
    ...textChunks("x").slice(0, -1),
    { ...chunk({}), choices: [], usage },
  ]);
  const response = await litellm.call("m", { client: clientOf(server.url) }, say)();
  expect(response.tokens).toEqual({ input: 100, output: 5, cacheRead: 30, cacheWrite: 60 });
  const stream = streamOf(server.url);
  await collect(stream);
  expect(stream.constructCallResponse().tokens).toEqual(response.tokens);
});

describe("requests", () => {
  test("the proxy's own parameters are typed and sent", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const callParams: litellm.CallParams = {
      metadata: { team: { id: 1 }, tags: ["a"] },
      fallbacks: ["gpt-4o", { model: "claude", temperature: 0 }],
      num_retries: 2,
      guardrails: ["pii"],
      cache: { "no-cache": true, ttl: 60 },
      tags: ["batch"],
      temperature: 1,
    };
    await litellm.call("m", { client: clientOf(server.url), callParams }, say)();
    expect(server.bodies[0]).toEqual({ model: "m", messages: [{ role: "user", content: "Hi" }], ...callParams });
  });

  test("cache marks stand on the part before them, in system messages too; sound and documents are sent", async () => {
    const mark = { type: "cache_control", cacheType: "ephemeral" } as const;
    const wav = Buffer.from("RIFF\0\0\0\0WAVEfmt ");
    const pdf = Buffer.from("%PDF-1.4\n");
    const asked = litellm.call("m", () => [
      Messages.system(["rules", mark]),
      Messages.user(["a", { ...mark, ttl: "1h" }, audio(wav), document(pdf, { name: "a.pdf" })]),
    ]);
    expect((await asked.prepare()).messages).toEqual([
      { role: "system", content: [{ type: "text", text: "rules", cache_control: { type: "ephemeral" } }] },
      {
        role: "user",
        content: [
          { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } },
          { type: "input_audio", input_audio: { data: wav.toString("base64"), format: "wav" } },
          {
            type: "file",
            file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${pdf.toString("base64")}` },
          },
        ],
      },
    ]);
    const first = await thrownBy(() => litellm.call("m", () => Messages.user([mark, "a"])).prepare());
    expect(first).toBeInstanceOf(UnsupportedError);
  });
});

describe("the default client", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("is made of LITELLM_* alone, and kept", async () => {
    await using server = await startChat(completion({ content: "x" }));
    vi.stubEnv("LITELLM_BASE_URL", `${server.url}/v1`);
    vi.stubEnv("LITELLM_API_KEY", "sk-proxy");
    for (const name of ["API_KEY", "ORG_ID", "PROJECT_ID", "ADMIN_KEY"]) vi.stubEnv(`OPENAI_${name}`, "openai-secret");
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:1");
    vi.stubEnv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer openai-secret\nX-Own: openai-secret\nno colon");
    await litellm.call("m", say)();
    expect(server.requests[0]?.path).toBe("/v1/chat/completions");
    expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-proxy");
    expect(JSON.stringify(server.requests[0]?.headers)).not.toContain("openai-secret");
    expect(await litellm.provider.client(undefined)).toBe(await litellm.provider.client(undefined));
  });

  test.each(["LITELLM_BASE_URL", "LITELLM_API_KEY"])("names %s where it is not set", async (name) => {
    vi.stubEnv("LITELLM_BASE_URL", "http://127.0.0.1:1");
    vi.stubEnv("LITELLM_API_KEY", "x");
    vi.stubEnv("OPENAI_API_KEY", "openai-secret");
    vi.stubEnv(name, undefined);
    const error = await thrownBy(litellm.call("m", say));
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(name);
  });
});
