import type { GenerateContentResponse, Part as GooglePart } from "@google/genai";
import { answersInstead, brokenFetch, type FinishWords, finishWord, noSuchFailure } from "../contract/fake.ts";
import type { FakeAnswer, FakeFailure, FakeUsage, FakeWire } from "../contract/fake-answer.ts";
import { missingSdk } from "../contract/sdk.ts";
import { ConfigError, TimeoutError } from "../errors/errors.ts";
import type { GenAITypes } from "./gemini-types.ts";

/** How answers are made up for tests, in the form of `@google/genai`. https://ai.google.dev/api/generate-content */
export function geminiFake<P extends GenAITypes>(provider: string): FakeWire<P> {
  const load = () => import("@google/genai").catch(missingSdk("@google/genai", provider));
  return {
    async whole(answer) {
      const sdk = await load();
      return made(sdk, answer, partsOf(answer), reasonOf(provider, answer), answer.usage);
    },

    async events(answer) {
      const sdk = await load();
      const events = partsOf(answer, true).map((part) => made(sdk, answer, [part]));
      return [...events, made(sdk, answer, [{ text: "" }], reasonOf(provider, answer), answer.usage)];
    },

    async error(failure) {
      if (failure.kind === "content_filter") throw noSuchFailure(provider, failure, answersInstead);
      const { ApiError } = await load();
      const { status } = failure;
      if (status !== undefined) return new ApiError({ status, message: JSON.stringify(bodyOf(failure, status)) });
      if (failure.kind === "connection") return brokenFetch();
      if (failure.kind === "aborted") return new DOMException("This operation was aborted", "AbortError");
      if (failure.kind === "timeout") return new TimeoutError("The SDK had no answer within 60000 ms.", 60_000);
      throw noSuchFailure(provider, failure);
    },
  };
}

type Sdk = typeof import("@google/genai");

function made(
  { GenerateContentResponse: Made }: Sdk,
  { id, model, requestId }: FakeAnswer,
  parts: readonly GooglePart[],
  finishReason?: string,
  usage?: FakeUsage,
): GenerateContentResponse {
  const candidate = { content: { role: "model", parts }, ...(finishReason && { finishReason }), index: 0 };
  return Object.assign(new Made(), {
    sdkHttpResponse: { headers: { "x-goog-request-id": requestId } },
    candidates: [candidate],
    modelVersion: model,
    responseId: id,
    ...(usage && { usageMetadata: toUsage(usage) }),
  }) as GenerateContentResponse;
}

function partsOf({ text, thinking, refusal, toolCalls }: FakeAnswer, inPieces = false): GooglePart[] {
  const textsOf = (said: FakeAnswer["text"]) => (said === undefined ? [] : inPieces ? said.pieces : [said.text]);
  return [
    ...textsOf(thinking).map((piece) => ({ text: piece, thought: true })),
    ...[...textsOf(text), ...textsOf(refusal)].map((piece) => ({ text: piece })),
    // Calls come whole in a stream, too.
    ...toolCalls.map(({ id, name, args }) => ({ functionCall: { id, name, args: parsed(name, args) } })),
  ];
}

function parsed(name: string, args: string): Record<string, unknown> {
  try {
    return JSON.parse(args) as Record<string, unknown>;
  } catch (cause) {
    throw new ConfigError(`The arguments of "${name}" are no JSON: Google's services give an object.`, { cause });
  }
}

// STOP is also said of an answer that ends in calls.
const words: FinishWords<string> = {
  stop: "STOP",
  tool_calls: "STOP",
  length: "MAX_TOKENS",
  content_filter: "SAFETY",
  error: "MALFORMED_FUNCTION_CALL",
  other: "OTHER",
};

function reasonOf(provider: string, answer: FakeAnswer): string {
  return answer.refusal === undefined ? finishWord(provider, answer, words) : "SAFETY";
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage) {
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens - (reasoningTokens ?? 0),
    ...(reasoningTokens !== undefined && { thoughtsTokenCount: reasoningTokens }),
    ...(cachedTokens !== undefined && { cachedContentTokenCount: cachedTokens }),
    totalTokenCount: inputTokens + outputTokens,
  };
}

// https://cloud.google.com/apis/design/errors
const statuses: Readonly<Partial<Record<FakeFailure["kind"], string>>> = {
  authentication: "UNAUTHENTICATED",
  permission: "PERMISSION_DENIED",
  not_found: "NOT_FOUND",
  conflict: "ABORTED",
  rate_limit: "RESOURCE_EXHAUSTED",
  server: "INTERNAL",
  overloaded: "UNAVAILABLE",
  unsupported: "UNIMPLEMENTED",
};

// The SDK shows no headers: what a client is asked to wait stands in the body.
function bodyOf({ kind, message, headers }: FakeFailure, code: number): object {
  const said =
    kind === "context_overflow" ? `The input exceeds the maximum number of tokens allowed: ${message}` : message;
  const wait = headers["retry-after"];
  const details = wait && [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${wait}s` }];
  return { error: { code, message: said, status: statuses[kind] ?? "INVALID_ARGUMENT", ...(details && { details }) } };
}
