import ModelClient from "@azure-rest/ai-inference";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors/errors.ts";
import { clientOf } from "../support/converse-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, type NetworkLane, secret, serve, streamOf } from "./lane.ts";
import { azureRestLane } from "./lanes/azure.ts";
import { bedrockLane } from "./lanes/bedrock.ts";
import { networkLanes } from "./lanes/index.ts";
import { openaiLane } from "./lanes/openai.ts";

const overHttp1: NetworkLane = { ...bedrockLane, name: "bedrock over HTTP/1.1", client: (url) => clientOf(url, 1) };

const bad: readonly (readonly [string, object])[] = [
  ["a name with a space", { "x a": secret }],
  ["a name with a line break", { "x\r\nb": secret }],
  ["a name of HTTP/2's own", { ":path": secret }],
  ["no name", { "": secret }],
  ["a value with a line break", { "x-a": `${secret}\nb: c` }],
  ["a value with a letter beyond Latin-1", { "x-a": `${secret}\u0142` }],
  ["a value that is no string", { "x-a": 12 }],
];

describe.each([...networkLanes, overHttp1])("$name: headers", (lane) => {
  test.each(bad)("[G11] %s is a ConfigError, and nothing is sent", async (_, headers) => {
    await using server = await serve(lane, { text: "ok" });
    const { client } = server;
    for (const run of [
      () => ask(lane, { client }).with({ headers })(),
      () => collect(streamOf(lane, { client }).with({ headers })()),
    ]) {
      const error = await thrownBy(run);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).not.toContain(secret);
    }
    expect(server.requests).toHaveLength(0);
  });

  test("[G11] what HTTP allows is sent as it is", async () => {
    await using server = await serve(lane, { text: "ok" });
    await ask(lane, { client: server.client }).with({ headers: { "X-Tenant_1.a!": 'a: b, "c"' } })();
    expect(server.requests[0]?.headers["x-tenant_1.a!"]).toBe('a: b, "c"');
  });
});

test.each<[NetworkLane, (url: string) => object]>([
  [openaiLane, (baseURL) => new OpenAI({ apiKey: `${secret}\u0142`, baseURL, maxRetries: 0 })],
  [
    azureRestLane,
    (url) =>
      ModelClient(url, { key: `${secret}\u0142` }, { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }),
  ],
])("[G11] a broken key of the client's is a ConfigError, too", async (lane, clientOfUrl) => {
  await using server = await serve(lane, { text: "ok" });
  const error = await thrownBy(ask(lane, { client: clientOfUrl(server.url) }));
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as Error).message).not.toContain(secret);
});
