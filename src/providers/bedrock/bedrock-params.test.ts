import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { answer, clientOf } from "../../../test/support/converse-server.ts";
import { type Handler, inTurn, type LoopbackServer, startServer } from "../../../test/support/fault-server.ts";
import { deepFreeze, thrownBy } from "../../../test/support/replay.ts";
import type { CommonParams } from "../../contract/provider.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import { tool } from "../../tools/tool.ts";
import { bedrock } from "./index.ts";
import { provider } from "./provider.ts";

const model = "us.anthropic.claude-sonnet-4-20250514-v1:0";
const now = tool({ name: "now", call: () => "noon" });
let server: LoopbackServer;
let client: BedrockRuntimeClient;

async function serve(...handlers: [Handler, ...Handler[]]): Promise<void> {
  server = await startServer(inTurn(...handlers));
  client = clientOf(server.url);
}

afterEach(async () => {
  client?.destroy();
  await server?.close();
  vi.unstubAllEnvs();
});

const sent = (index = 0) => server.requests[index]?.body;

describe("structured answers", () => {
  const Book = z.object({ title: z.string(), year: z.number().optional() });
  const use = { toolUse: { toolUseId: "1", name: "answer", input: { title: "Emma" } } };

  // checklist: 60, 127, 133
  test("a forced tool; any tool beside others; a choice of one's own is refused", async () => {
    await serve(answer([use], "tool_use"));
    const extract = bedrock.call(model, { client, responseModel: Book }, () => "Emma");
    expect(await extract()).toEqual({ title: "Emma" });
    expect(sent()).toMatchObject({ toolConfig: { toolChoice: { tool: { name: "answer" } } } });
    const both = bedrock.call(model, { responseModel: Book, tools: [now] }, () => "Emma");
    expect((await both.prepare()).request.toolConfig?.toolChoice).toEqual({ any: {} });
    const callParams: bedrock.CallParams = { toolConfig: { tools: [], toolChoice: { auto: {} } } };
    await expect(bedrock.call(model, { responseModel: Book, callParams }, () => "x").prepare()).rejects.toThrow(
      ConfigError,
    );
  });

  // checklist: 134
  test("JSON mode asks in words, behind the prompt's own system message", async () => {
    await serve(answer([{ text: 'Sure: {"title":"Emma"}' }]));
    const messages = [Messages.system("Be brief"), Messages.user("Emma")];
    const extract = bedrock.call(model, { client, responseModel: Book, jsonMode: true }, () => messages);
    expect(await extract()).toEqual({ title: "Emma" });
    const { system, ...rest } = sent() as { system: { text: string }[] };
    expect(system.map(({ text }) => text.slice(0, 20))).toEqual(["Be brief", "Answer with one JSON"]);
    expect(rest).toEqual({ messages: [{ role: "user", content: [{ text: "Emma" }] }] });
  });

  test("a strict schema is sent natively, beside other output settings; any other is asked for in words", async () => {
    await serve(answer([{ text: '{"title":"Emma","year":null}' }]));
    const options = { client, responseModel: Book, jsonMode: "schema" } as const;
    const extract = bedrock.call(model, { ...options, callParams: { outputConfig: { effort: "low" } } }, () => "Emma");
    expect(await extract()).toEqual({ title: "Emma" });
    const { outputConfig } = sent() as {
      outputConfig: { textFormat: { structure: { jsonSchema: { schema: string } } } };
    };
    expect(outputConfig).toMatchObject({ effort: "low", textFormat: { type: "json_schema" } });
    expect(JSON.parse(outputConfig.textFormat.structure.jsonSchema.schema)).toMatchObject({
      required: ["title"],
      additionalProperties: false,
    });
    const loose = bedrock.call(model, { ...options, responseModel: z.record(z.string(), z.number()) }, () => "Emma");
    const { request } = await loose.prepare();
    expect([request.outputConfig, request.system?.length]).toEqual([undefined, 1]);
    const callParams = { outputConfig: { textFormat: { type: "json_schema", structure: undefined } } } as const;
    await expect(bedrock.call(model, { ...options, callParams }, () => "x").prepare()).rejects.toThrow(ConfigError);
  });
});

describe("parameters", () => {
  const withCommon = (common: CommonParams, callParams: bedrock.CallParams = {}) =>
    provider.params({
      model,
      messages: [Messages.user("x")],
      callParams,
      common,
      stream: false,
      tools: [],
      output: undefined,
    }).request;

  // checklist: 42
  test("the common ones go by their names here, and the caller's own win", () => {
    const common = { temperature: 0.5, maxTokens: 9, topP: 0.1, stop: "END" };
    const { inferenceConfig } = withCommon(deepFreeze(common), deepFreeze({ inferenceConfig: { topP: 0.9 } }));
    expect(inferenceConfig).toEqual({ temperature: 0.5, maxTokens: 9, topP: 0.9, stopSequences: ["END"] });
    for (const name of ["seed", "frequencyPenalty", "presencePenalty"]) {
      expect(() => withCommon({ [name]: 1 })).toThrow(UnsupportedError);
      expect(() => withCommon({ [name]: 1 })).toThrow(`bedrock has no parameter ${name}`);
    }
  });

  test.each([
    ["topK", { topK: 3 }],
    ["inferenceConfig.top_k", { inferenceConfig: { top_k: 3 } }],
    ["outputConfig.format", { outputConfig: { format: "json" } }],
    ["constructor", { constructor: 1 }],
    ["guardrailConfig.streamProcessingMode", { guardrailConfig: { streamProcessingMode: "sync" } }],
  ])("%s, which the SDK would drop, is refused by name", async (path, callParams) => {
    const error = await thrownBy(() => bedrock.call(model, { callParams: callParams as object }, () => "x").prepare());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ message: expect.stringContaining(`"${path}"`) });
    expect(error).toMatchObject({ message: expect.stringContaining("additionalModelRequestFields") });
  });

  test("everything the SDK knows reaches the wire", async () => {
    await serve(answer([{ text: "ok" }], "max_tokens", { serviceTier: { type: "flex" } }));
    const callParams = deepFreeze({
      additionalModelRequestFields: { top_k: 3, thinking: { type: "enabled" } },
      additionalModelResponseFieldPaths: ["/stop_sequence"],
      requestMetadata: { team: "a" },
      performanceConfig: { latency: "standard" },
      serviceTier: { type: "flex" },
      promptVariables: { genre: { text: "fantasy" } },
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
    } as const);
    const response = await bedrock.call(
      model,
      { client, callParams: { ...callParams, additionalModelResponseFieldPaths: ["/stop_sequence"] } },
      () => "x",
    )();
    expect(sent()).toEqual({ messages: [{ role: "user", content: [{ text: "x" }] }], ...callParams });
    // A discounted tier has no list price.
    expect([response.stopReason, response.cost]).toEqual(["length", undefined]);
  });

  test("headers are this call's alone, and signed", async () => {
    await serve(answer([{ text: "ok" }]), answer([{ text: "ok" }]));
    const call = bedrock.call(model, { client }, () => "x");
    await call.with({ headers: { "X-Team": "a" } })();
    await call();
    const [first, second] = server.requests.map(({ headers }) => headers);
    expect(first).toMatchObject({ "x-team": "a", authorization: expect.stringMatching(/SignedHeaders=[^,]*x-team/) });
    expect(second?.["x-team"]).toBeUndefined();
  });
});

describe("clients", () => {
  // checklist: 50, 64
  test("two calls at a time, each with its own", async () => {
    await using other = await startServer(answer([{ text: "two" }]));
    await serve(answer([{ text: "one" }]));
    const second = clientOf(other.url);
    const call = bedrock.call(model, (name: string) => name);
    const responses = await Promise.all([call.with({ client })("a"), call.with({ client: second })("b")]);
    second.destroy();
    expect(responses.map(String)).toEqual(["one", "two"]);
    expect([server.requests.length, other.requests.length]).toEqual([1, 1]);
  });

  // checklist: 53
  test("what is no client of this service is refused", () => {
    for (const wrong of [{}, null, "client", { chat: {} }]) expect(() => provider.client(wrong)).toThrow(ConfigError);
    const control = { send: () => {}, config: { serviceId: "Bedrock" } };
    expect(() => provider.client(control)).toThrow('a client of the service "Bedrock"');
  });

  // checklist: 51
  test("the default one is made from the environment, once for each", async () => {
    await serve(answer([{ text: "ok" }]));
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("AWS_BEARER_TOKEN_BEDROCK", "token-1");
    vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url);
    const own = await provider.client(undefined);
    expect(await provider.client(undefined)).toBe(own);
    expect(String(await bedrock.call(model, () => "x")())).toBe("ok");
    expect(server.requests[0]?.headers.authorization).toBe("Bearer token-1");
    vi.stubEnv("AWS_REGION", "eu-west-1");
    expect(await provider.client(undefined)).not.toBe(own);
    own.destroy();
  });

  test("without credentials the SDK's own error", async () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"]) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_REGION", "us-east-1");
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("HOME", "/nonexistent");
    const error = await thrownBy(() => bedrock.call(model, () => "x")());
    expect(error).toMatchObject({ name: "CredentialsProviderError" });
  });
});
