import { inspect } from "node:util";
import ModelClient from "@azure-rest/ai-inference";
import OpenAI from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { describeChatFaults } from "../../../test/support/chat-faults.ts";
import { laneOf } from "../../../test/support/chat-lane.ts";
import { describeChatRequests } from "../../../test/support/chat-requests.ts";
import { chunk, completion, startChat, textChunks, toolCall } from "../../../test/support/chat-server.ts";
import { closedPort, errorEvent, html502, sse, startServer, status } from "../../../test/support/fault-server.ts";
import { openaiErrors } from "../../../test/support/openai-errors.ts";
import { collect, type Json, thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { audio, document } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import { AzureInferenceError } from "./error.ts";
import { azure } from "./index.ts";
import type { AzureTypes } from "./types.ts";

const openaiOf = (url: string) => new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });
const restOf = (url: string) =>
  ModelClient(url, { key: "sk-secret" }, { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } });
const openaiLane = laneOf(azure.call, {
  title: "azure by openai",
  provider: "azure",
  keepsNull: true,
  asksForUsage: true,
  client: openaiOf,
  errorClass: (code) => openaiErrors[code] ?? OpenAI.APIError,
});
const restLane = laneOf(azure.call, {
  title: "azure by REST",
  provider: "azure",
  // The types of this API have a text or none.
  keepsNull: false,
  asksForUsage: true,
  client: restOf,
  errorClass: () => azure.AzureInferenceError,
});

for (const lane of [openaiLane, restLane]) {
  describeChatRequests(lane);
  describeChatFaults(lane);
}

const say = () => "Hi";

test("sound is sent, documents and cache marks are refused", async () => {
  const wav = Buffer.from("RIFF\0\0\0\0WAVEfmt ");
  const { messages } = await azure.call("m", () => Messages.user(["a", audio(wav)])).prepare();
  expect(messages[0]?.content).toContainEqual({
    type: "input_audio",
    input_audio: { data: wav.toString("base64"), format: "wav" },
  });
  const mark = { type: "cache_control", cacheType: "ephemeral" } as const;
  for (const content of [[document(Buffer.from("%PDF-1.4\n"))], ["a", mark]]) {
    const error = await thrownBy(() => azure.call("m", () => Messages.user(content)).prepare());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(String(error)).toMatch(/azure takes no \w+ part in a message; .* text, image, audio\./);
  }
});

test("the first event may be empty; what the filters say is kept", async () => {
  const filter = { hate: { filtered: false, severity: "safe" } };
  const head = { choices: [], created: 0, id: "", model: "", object: "", prompt_filter_results: [{ prompt_index: 0 }] };
  const choice = { index: 0, delta: { content: "x" }, finish_reason: null, content_filter_results: filter };
  await using server = await startChat([
    head,
    { ...chunk({}), choices: [choice], obfuscation: "a" },
    chunk({}, "stop"),
  ]);
  const stream = azure.call("m", { stream: true, client: openaiOf(server.url) }, say)();
  await collect(stream);
  expect(stream.constructCallResponse().response).toEqual({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o-mini",
    prompt_filter_results: [{ prompt_index: 0 }],
    choices: [
      {
        index: 0,
        finish_reason: "stop",
        content_filter_results: filter,
        message: { role: "assistant", content: "x", refusal: null },
      },
    ],
  });
});

describe("the REST client", () => {
  test("is asked on its own path, and told to pass on what it does not know", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const client = restOf(`${server.url}/models`);
    await azure.call("m", { client, callParams: { temperature: 1, stop: "a" } }, say)();
    await azure.call("m", { client, callParams: { reasoning_effort: "low" } }, say)();
    await azure
      .call("m", { client, callParams: { reasoning_effort: "low" } }, say)
      .with({ headers: { "extra-parameters": "drop" } })();
    expect(server.requests[0]?.path).toBe("/models/chat/completions?api-version=2024-05-01-preview");
    expect(server.requests.map(({ headers }) => headers["extra-parameters"])).toEqual([
      undefined,
      "pass-through",
      "drop",
    ]);
    expect(server.bodies[0]).toMatchObject({ temperature: 1, stop: ["a"] });
  });

  test("takes one text where the other takes parts; what is no text is refused", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const client = restOf(server.url);
    const text = (...texts: string[]) => texts.map((one) => ({ type: "text" as const, text: one }));
    const messages: AzureTypes["Message"][] = [
      { role: "system", content: text("a", "b") },
      { role: "user", content: text("c", "d") },
      { role: "assistant", content: text("e"), tool_calls: [] },
      { role: "tool", tool_call_id: "1", content: text("f", "g") },
    ];
    const before = JSON.stringify(messages);
    await azure.call("m", { client }, () => ({ messages }))();
    expect(((server.bodies[0]?.messages ?? []) as Json[]).map(({ content }) => content)).toEqual([
      "a\nb",
      text("c", "d"),
      "e",
      "f\ng",
    ]);
    const { changes } = await azure.call("m", { client }, () => ({ messages })).prepare();
    expect(changes).toContain("Texts of a message are joined where the client is that of @azure-rest/ai-inference: 2.");
    expect(JSON.stringify(messages)).toBe(before);
    const refusal: AzureTypes["Message"] = { role: "assistant", content: [{ type: "refusal", refusal: "no" }] };
    const error = await thrownBy(azure.call("m", { client }, () => ({ messages: [refusal] })));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(server.requests).toHaveLength(1);
  });

  test("its errors have a class, say what is known, and hold no key", async () => {
    const body = { error: { code: "Unauthorized", message: "sk-secret is no key" } };
    const headers = { "x-ms-error-code": "unauthorized", "retry-after": "3" };
    await using server = await startServer(status(401, body, headers));
    for (const stream of [false, true]) {
      const asked = azure.call("m", { client: restOf(server.url), stream }, say) as unknown as () => never;
      const error = await thrownBy(async () => (stream ? collect(asked()) : await asked()));
      expect(error).toBeInstanceOf(AzureInferenceError);
      expect(error).toMatchObject({ name: "AzureInferenceError", status: 401, code: "unauthorized", body });
      expect((error as AzureInferenceError).headers["retry-after"]).toBe("3");
      expect((error as Error).message).toBe("401 [key] is no key");
      expect(classify(error)).toMatchObject({ kind: "authentication", status: 401, retryAfterMs: 3000 });
      expect(inspect(error) + JSON.stringify(error)).not.toContain("sk-secret");
    }
  });

  test.each([["END"], ["END", "STOP"], []])("[F1] a list of stops is sent as it is: %j", async (...stop) => {
    await using server = await startChat(completion({ content: "x" }), textChunks("x"));
    const client = restOf(server.url);
    const callParams = { stop, temperature: 0 };
    const { callKwargs } = await azure.call("m", { client, callParams }, say)();
    expect(server.bodies[0]).toEqual(callKwargs);
    expect(server.bodies[0]).toMatchObject({ stop });
    const stream = azure.call("m", { client, callParams, stream: true }, say)();
    await collect(stream);
    expect(server.bodies[1]).toEqual(stream.constructCallResponse().callKwargs);
  });

  test("an error page, an error without a body, and words that say more than the status", async () => {
    await using page = await startServer(html502);
    const first = await thrownBy(azure.call("m", { client: restOf(page.url) }, say));
    expect(first).toMatchObject({ status: 502, code: undefined, message: "502 with a body that is not JSON" });
    await using empty = await startServer(status(404, ""));
    const second = await thrownBy(azure.call("m", { client: restOf(empty.url) }, say));
    expect(second).toMatchObject({ status: 404, message: "404 without a body" });
    await using filtered = await startServer(status(400, { error: { code: "content_filter", message: "no" } }));
    const third = await thrownBy(azure.call("m", { client: restOf(filtered.url) }, say));
    expect(classify(third)).toMatchObject({ kind: "content_filter", status: 400 });
  });

  test("an error event has no status but what its body says", async () => {
    const event = sse({ error: { code: 429, message: "slow down" } })[0] as string;
    await using server = await startServer(errorEvent(sse(...textChunks("Du")), 1, event));
    const stream = azure.call("m", { client: restOf(server.url), stream: true }, say)();
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(AzureInferenceError);
    expect(error).toMatchObject({ status: undefined, code: "429", message: "slow down" });
    expect(classify(error)).toMatchObject({ kind: "rate_limit", status: 429 });
    expect(stream.content).toBe("Du");
  });

  test("its tools come back like any other's", async () => {
    const calls = [{ index: 0, ...toolCall("f", {}) }];
    await using server = await startChat(completion({ content: "", tool_calls: calls }));
    const response = await azure.call("m", { client: restOf(server.url) }, say)();
    expect(response.toolCalls).toMatchObject([{ id: "call_1", name: "f", input: "{}" }]);
    expect(response.messageParam).toEqual({ role: "assistant", content: "", tool_calls: [toolCall("f", {})] });
  });
});

describe("the default client", () => {
  afterEach(() => vi.unstubAllEnvs());

  const names = ["AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"];
  const set = (values: Readonly<Record<string, string>>) => {
    for (const name of [...names, "AZURE_INFERENCE_ENDPOINT", "AZURE_INFERENCE_CREDENTIAL"]) {
      vi.stubEnv(name, values[name]);
    }
    // Meant for OpenAI, and never to be sent to Azure.
    for (const name of ["API_KEY", "ORG_ID", "PROJECT_ID", "ADMIN_KEY"]) vi.stubEnv(`OPENAI_${name}`, "openai-secret");
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:1");
    vi.stubEnv("OPENAI_CUSTOM_HEADERS", "Authorization: openai-secret\napi-key: openai-secret");
  };

  test.each(["", "/", "/openai", "/openai/v1/"])(
    "speaks the versionless API at an endpoint ending %j",
    async (tail) => {
      await using server = await startChat(completion({ content: "x" }));
      set({ AZURE_OPENAI_ENDPOINT: server.url + tail, AZURE_OPENAI_API_KEY: "az-key" });
      await azure.call("gpt-4o", say)();
      expect(server.requests[0]?.path).toBe("/openai/v1/chat/completions");
      expect(server.requests[0]?.headers.authorization).toBe("Bearer az-key");
      expect(JSON.stringify(server.requests[0]?.headers)).not.toContain("openai-secret");
      expect(await azure.provider.client(undefined)).toBe(await azure.provider.client(undefined));
    },
  );

  test.each(["OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION"])("speaks the dated API of %s", async (name) => {
    await using server = await startChat(completion({ content: "x" }));
    set({ AZURE_OPENAI_ENDPOINT: server.url, AZURE_OPENAI_API_KEY: "az-key", [name]: "2024-12-01-preview" });
    await azure.call("gpt-4o", say)();
    const { path, headers } = server.requests[0] ?? {};
    expect(path).toBe("/openai/deployments/gpt-4o/chat/completions?api-version=2024-12-01-preview");
    expect(headers?.["api-key"]).toBe("az-key");
    expect(JSON.stringify(headers)).not.toContain("openai-secret");
  });

  test("is the REST client where only its variables are set", async () => {
    const url = await closedPort();
    set({ AZURE_INFERENCE_ENDPOINT: url, AZURE_INFERENCE_CREDENTIAL: "az-key" });
    const error = await thrownBy(azure.call("m", say));
    expect(String(error)).toContain(`Cannot connect to ${url}/chat/completions`);
  });

  test("names what is missing", async () => {
    const cases = [
      [{}, "AZURE_OPENAI_ENDPOINT"],
      [{ AZURE_OPENAI_ENDPOINT: "http://127.0.0.1:1" }, "AZURE_OPENAI_API_KEY"],
      [{ AZURE_INFERENCE_ENDPOINT: "http://127.0.0.1:1" }, "AZURE_INFERENCE_CREDENTIAL"],
    ] as const;
    for (const [values, missing] of cases) {
      set(values);
      const error = await thrownBy(azure.call("m", say));
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toContain(missing);
    }
  });
});
