import { AnthropicBedrock } from "@anthropic-ai/bedrock-sdk";
import { AnthropicVertex } from "@anthropic-ai/vertex-sdk";
import { describe, expect, test } from "vitest";
import { answer } from "../../../test/support/anthropic-server.ts";
import { startServer, status } from "../../../test/support/fault-server.ts";
import { anthropic } from "./index.ts";

// The SDK's sister clients, which speak Anthropic's messages to other clouds.
const json = { "content-type": "application/json" };
const serve = () => startServer(status(200, JSON.stringify(answer()), json));
const prompt = (genre: string) => `Recommend a ${genre} book`;
// As much of Google's `AuthClient` as the SDK asks: a real one would look for an account of this machine.
const signedIn = {
  projectId: "p",
  getRequestHeaders: async () => new Headers({ authorization: "Bearer token" }),
} as object;
const messages = [{ role: "user", content: "Recommend a fantasy book" }];

describe("a client of the SDK's family", () => {
  // checklist: 52
  test("AnthropicBedrock asks Bedrock's InvokeModel", async () => {
    await using server = await serve();
    const client = new AnthropicBedrock({ baseURL: server.url, skipAuth: true, awsRegion: "us-east-1", maxRetries: 0 });
    const model = "us.anthropic.claude-opus-5-5-v1:0";
    const response = await anthropic.call(model, { client, callParams: { max_tokens: 9 } }, prompt)("fantasy");
    expect(response.content).toBe("Hello");
    expect(server.requests[0]?.path).toBe(`/model/${model}/invoke`);
    expect(server.requests[0]?.body).toEqual({ messages, max_tokens: 9, anthropic_version: expect.any(String) });
  });

  test("AnthropicVertex asks Vertex's rawPredict", async () => {
    await using server = await serve();
    const client = new AnthropicVertex({
      baseURL: server.url,
      region: "global",
      projectId: "p",
      authClient: signedIn as NonNullable<ConstructorParameters<typeof AnthropicVertex>[0]>["authClient"] & object,
      maxRetries: 0,
    });
    const response = await anthropic.call(
      "claude-opus-5-5",
      { client, callParams: { max_tokens: 9 } },
      prompt,
    )("fantasy");
    expect(response.content).toBe("Hello");
    expect(server.requests[0]?.path).toContain("/publishers/anthropic/models/claude-opus-5-5:rawPredict");
    expect(server.requests[0]?.body).toEqual({ messages, max_tokens: 9, anthropic_version: expect.any(String) });
  });
});
