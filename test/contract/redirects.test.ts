import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { CohereClient } from "cohere-ai";
import { AzureOpenAI } from "openai";
import { describe, expect, test, vi } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { type Handler, startServer } from "../support/server.ts";
import { ask, type NetworkLane, secret, streamOf } from "./lane.ts";
import { anthropicLane } from "./lanes/anthropic.ts";
import { azureLane } from "./lanes/azure.ts";
import { cohereLane } from "./lanes/cohere.ts";
import { geminiLane, vertexLane } from "./lanes/gemini.ts";
import { networkLanes } from "./lanes/index.ts";

// Two servers on two ports are two origins: what the second one sees has left the address the caller set.

const quiet = { maxRetries: 0, logLevel: "off" } as const;
const otherClients: readonly NetworkLane[] = [
  {
    ...azureLane,
    name: "AzureOpenAI",
    client: (baseURL) => new AzureOpenAI({ apiKey: secret, baseURL, apiVersion: "2025-01-01", ...quiet }),
  },
  {
    ...anthropicLane,
    name: "Anthropic with a token and headers of its own",
    client: (baseURL) =>
      new Anthropic({ authToken: secret, baseURL, defaultHeaders: { "x-gateway-key": `${secret}-own` }, ...quiet }),
  },
  {
    ...cohereLane,
    name: "the v2 of a CohereClient",
    client: (baseUrl) => new CohereClient({ token: secret, baseUrl, maxRetries: 0 }).v2,
  },
];

const redirectTo =
  (url: string, code: number): Handler =>
  (answer) =>
    answer.send(code, { location: `${url}${answer.request.path}` }, "");

describe.each([...networkLanes, ...otherClients])("$name: redirects", (lane) => {
  test.each([301, 302, 303, 307, 308])("[G7] %i to another origin takes no credentials there", async (code) => {
    const answer = JSON.stringify(lane.whole({ text: "ok" }));
    await using other = await startServer((at) => at.send(200, { "content-type": "application/json" }, answer));
    await using server = await startServer(redirectTo(other.url, code));
    const client = lane.client(server.url);
    const headers = { "x-tenant-key": `${secret}-tenant`, "x-api-key": `${secret}-more` };
    for (const run of [
      () => ask(lane, { client }).with({ headers })(),
      () => collect(streamOf(lane, { client }).with({ headers })()),
    ]) {
      const error = await thrownBy(run);
      expect(classify(error).retryable).toBe(false);
    }
    for (const run of [ask(lane, { client }), () => collect(streamOf(lane, { client })())]) await thrownBy(run);
    expect(server.requests).toHaveLength(4);
    expect(other.requests).toHaveLength(0);
    (client as { destroy?: () => void }).destroy?.();
  });
});

describe.each([
  [geminiLane, { enterprise: false }],
  [vertexLane, { enterprise: true }],
] as const)("$0.name: fetch", (lane, kind) => {
  test("[G7] the caller's own fetch is used, the request's before the client's, and told not to follow", async () => {
    const answer = { candidates: [{ content: { role: "model", parts: [{ text: "ok" }] }, finishReason: "STOP" }] };
    await using server = await startServer((at) =>
      at.send(200, { "content-type": "application/json" }, JSON.stringify(answer)),
    );
    const ofClient = vi.fn<typeof fetch>((input, init) => fetch(input, init));
    const ofRequest = vi.fn<typeof fetch>((input, init) => fetch(input, init));
    const client = new GoogleGenAI({ ...kind, apiKey: secret, httpOptions: { baseUrl: server.url, fetch: ofClient } });
    await ask(lane, { client })();
    await ask(lane, { client, callParams: { httpOptions: { fetch: ofRequest } } })();
    expect([ofClient.mock.calls.length, ofRequest.mock.calls.length]).toEqual([1, 1]);
    for (const { mock } of [ofClient, ofRequest]) expect(mock.calls[0]?.[1]).toMatchObject({ redirect: "manual" });
  });
});
