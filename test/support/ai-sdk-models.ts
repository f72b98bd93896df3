import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { convertArrayToReadableStream, MockLanguageModelV4 } from "ai/test";
import { fake } from "../../src/ai-sdk/fake.ts";
import type { AISDKTypes } from "../../src/ai-sdk/index.ts";
import { provider } from "../../src/ai-sdk/index.ts";
import type { ConformanceServer, ConformanceSubject, ConformanceTraits, ServedStep } from "../../src/testing/index.ts";
import { subjectOf } from "../contract/conformance-subject.ts";
import { type Lane, secret } from "../contract/lane.ts";

// Models of the AI SDK as the suite for authors of providers wants them: the SDK's own test model, and its provider of
// OpenAI over HTTP, on the servers of the contract tests.

/** The SDK's own test model, which does what the steps say; what it was given is what "arrived". */
export function mockServer(steps: readonly ServedStep[], name = "mock-provider"): ConformanceServer<AISDKTypes> {
  const requests: LanguageModelV4CallOptions[] = [];
  const take = async (options: LanguageModelV4CallOptions) => {
    const step = steps[Math.min(requests.push(options), steps.length) - 1] as ServedStep;
    if (step.type === "failure") throw await fake.error(step.failure);
    if (step.type === "silence") await silence(options.abortSignal);
    return step as Extract<ServedStep, { type: "answer" }>;
  };
  const client = new MockLanguageModelV4({
    provider: name,
    modelId: "mock-1",
    supportedUrls: { "image/*": [/^https?:/] },
    doGenerate: async (options) => fake.whole((await take(options)).answer),
    doStream: async (options) => {
      const { answer, cutAfter } = await take(options);
      const parts: LanguageModelV4StreamPart[] = await fake.events(answer);
      return { stream: convertArrayToReadableStream(parts.slice(0, cutAfter)) };
    },
  });
  return { client, requests, close: () => {} };
}

function silence(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

export const mockSubject: ConformanceSubject<AISDKTypes> = {
  provider,
  model: "mock-1",
  serve: (steps) => mockServer(steps),
  traits: { parts: ["image", "audio", "document"], thinking: true },
};

/** The SDK's provider of OpenAI on the server of a lane of ours, which speaks the same wire. */
export function openaiSubject(
  lane: Lane,
  api: "chat" | "responses",
  traits: ConformanceTraits,
): ConformanceSubject<AISDKTypes> {
  const subject = subjectOf(lane);
  return {
    provider,
    model: lane.model,
    traits,
    async serve(steps) {
      const server = await subject.serve(steps);
      const { baseURL } = server.client as { readonly baseURL: string };
      const openai = createOpenAI({ apiKey: secret, baseURL });
      const client = openai[api](lane.model);
      return Object.create(server, { client: { value: client } }) as ConformanceServer<AISDKTypes>;
    },
  };
}
