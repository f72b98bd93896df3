import { type Content, GoogleGenAI } from "@google/genai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sse, status, whole } from "../../../test/support/fault-server.ts";
import {
  answer,
  asked,
  event,
  geminiClient,
  serve,
  usageMetadata,
  vertexClient,
} from "../../../test/support/gemini-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { image } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import type { Part } from "../../message/parts.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { tool } from "../../tools/tool.ts";
import { provider, vertex } from "./index.ts";

describe("vertex", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("asks the path of its own service and reads its answer", async () => {
    const more = { createTime: "2026-11-23T00:00:00Z", usageMetadata: { ...usageMetadata, trafficType: "ON_DEMAND" } };
    await using api = await serve(status(200, answer([{ text: "Hello" }], more)));
    const client = vertexClient(api.server.url);
    const response = await vertex.call(asked, { client, callParams: { labels: { team: "a" } } }, () => "Hi")();
    expect(api.server.requests[0]?.path).toBe(`/v1beta1/publishers/google/models/${asked}:generateContent`);
    expect(api.body()).toEqual({
      contents: [{ role: "user", parts: [{ text: "Hi" }] }],
      generationConfig: {},
      labels: { team: "a" },
    });
    expect(response).toMatchObject({
      provider: "vertex",
      content: "Hello",
      id: "r1",
      inputTokens: 10,
      outputTokens: 5,
    });
    expect(response.cost).toBeCloseTo((10 * 0.3 + 5 * 2.5) / 1e6, 12);
  });

  test("with a project, the path names it and the given credentials sign", async () => {
    await using api = await serve();
    const authClient = { getRequestHeaders: async () => new Headers({ authorization: "Bearer token" }) };
    const client = new GoogleGenAI({
      ...{ enterprise: true, project: "p1", location: "europe-west4" },
      googleAuthOptions: { authClient: authClient as never },
      httpOptions: { baseUrl: api.server.url },
    });
    await vertex.call(asked, { client }, () => "Hi")();
    expect(api.server.requests[0]?.path).toBe(
      `/v1beta1/projects/p1/locations/europe-west4/publishers/google/models/${asked}:generateContent`,
    );
    expect(api.server.requests[0]?.headers.authorization).toBe("Bearer token");
  });

  test("costs are known by kind of traffic, and not for what was provisioned", async () => {
    const traffic = [
      ["ON_DEMAND", true],
      [1, true],
      ["ON_DEMAND_FLEX", true],
      ["PROVISIONED_THROUGHPUT", false],
    ] as const;
    for (const [trafficType, known] of traffic) {
      await using api = await serve(
        status(200, answer([{ text: "x" }], { usageMetadata: { ...usageMetadata, trafficType } })),
      );
      const { cost } = await vertex.call(asked, { client: vertexClient(api.server.url) }, () => "Hi")();
      expect(cost !== undefined, String(trafficType)).toBe(known);
    }
  });

  test("enums can come as numbers", async () => {
    const body = answer();
    (body.candidates as { finishReason: unknown }[])[0]!.finishReason = 2;
    await using api = await serve(status(200, body));
    const response = await vertex.call(asked, { client: vertexClient(api.server.url) }, () => "Hi")();
    expect(response).toMatchObject({ finishReasons: [2], stopReason: "length" });
  });

  test("addresses go to Google with their media type, those of Cloud Storage too", async () => {
    const prepare = (part: Part) => vertex.call(asked, () => ({ messages: [Messages.user(part)] })).prepare();
    const { messages } = await prepare(image("gs://bucket/a.jpg"));
    expect((messages[0] as Content).parts).toEqual([
      { fileData: { fileUri: "gs://bucket/a.jpg", mimeType: "image/jpeg" } },
    ]);
    const error = await thrownBy(() => prepare(image("https://example.com/a")));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toMatch(/vertex takes an address only with its media type.*mediaType/);
  });

  test("parameters of the Gemini API alone are refused, its own are taken", async () => {
    const prepare = (callParams: object) => vertex.call(asked, { callParams }, () => "Hi").prepare();
    expect(await thrownBy(() => prepare({ store: true }))).toMatchObject({ provider: "vertex", feature: "store" });
    const { request } = await prepare({ modelArmorConfig: { promptTemplateName: "t" } });
    expect(request.config.modelArmorConfig).toEqual({ promptTemplateName: "t" });
  });

  test("a blocked prompt names why in the response", async () => {
    const promptFeedback = { blockReason: "MODEL_ARMOR", blockReasonMessage: "Injection" };
    await using api = await serve(status(200, { promptFeedback, usageMetadata: { trafficType: "ON_DEMAND" } }));
    const response = await vertex.call(asked, { client: vertexClient(api.server.url) }, () => "Hi")();
    expect(response).toMatchObject({ content: "", stopReason: "content_filter", cost: undefined });
    expect(response.response.promptFeedback).toEqual(promptFeedback);
  });

  // checklist: 104
  test("streams, with a tool called in the last event", async () => {
    const events = sse(event([{ text: "Let me see." }]), event([{ functionCall: { name: "now", args: {} } }], "STOP"));
    await using api = await serve(whole(events));
    const now = tool({ name: "now", parameters: jsonSchema({ type: "object" }), call: () => "12" });
    const call = vertex.call(asked, { client: vertexClient(api.server.url), tools: [now], stream: true }, () => "Hi");
    const stream = call();
    const uses = (await collect(stream)).flatMap(([, use]) => use ?? []);
    expect(uses.map(({ name }) => name)).toEqual(["now"]);
    expect(stream).toMatchObject({ content: "Let me see.", finishReasons: ["STOP"], inputTokens: 10 });
    expect(api.server.requests[0]?.path).toContain(":streamGenerateContent?alt=sse");
  });

  // checklist: 53
  test("a client of the Gemini API is refused; without credentials the SDK says so", async () => {
    const wrong = await thrownBy(vertex.call(asked, { client: geminiClient("http://127.0.0.1:1") }, () => "Hi"));
    expect(wrong).toBeInstanceOf(ConfigError);
    expect((wrong as Error).message).toContain("enterprise: true");
    for (const name of ["GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"]) {
      vi.stubEnv(name, "");
    }
    const missing = await thrownBy(() => provider.client(undefined));
    expect((missing as Error).message).toContain("Authentication is not set up");
  });

  test("the default client is made for Vertex AI from the environment", async () => {
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "");
    vi.stubEnv("GOOGLE_API_KEY", "from-env");
    const client = await provider.client(undefined);
    expect(client.vertexai).toBe(true);
    expect(await provider.client(undefined)).toBe(client);
  });
});
