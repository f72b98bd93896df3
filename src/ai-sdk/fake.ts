import { brokenFetch, type FinishWords, finishWord, noSuchFailure } from "../contract/fake.ts";
import type { FakeAnswer, FakeFailure, FakeToolCall, FakeUsage, FakeWire } from "../contract/fake-answer.ts";
import { missingSdk } from "../contract/sdk.ts";
import { providerName } from "./prompt.ts";
import type { AISDKTypes } from "./types.ts";

type Part = AISDKTypes["Chunk"];
type Finish = AISDKTypes["Response"]["finishReason"];

/** How answers are made up for tests, in the form of the AI SDK's specification. */
export const fake: FakeWire<AISDKTypes> = {
  whole(answer) {
    const { thinking, text, refusal, toolCalls } = answer;
    const said = (text?.text ?? "") + (refusal?.text ?? "");
    return {
      content: [
        ...(thinking === undefined ? [] : [{ type: "reasoning" as const, text: thinking.text }]),
        ...(text === undefined && refusal === undefined ? [] : [{ type: "text" as const, text: said }]),
        ...toolCalls.map(toCall),
      ],
      finishReason: toFinish(answer),
      usage: toUsage(answer.usage),
      response: metadataOf(answer),
      warnings: [],
    };
  },

  events(answer) {
    const { thinking, text, refusal, toolCalls, usage } = answer;
    const said = [...(text?.pieces ?? []), ...(refusal?.pieces ?? [])];
    return [
      { type: "stream-start", warnings: [] },
      { type: "response-metadata", ...metadataOf(answer) },
      ...(thinking === undefined ? [] : block("reasoning", thinking.pieces)),
      ...(text === undefined && refusal === undefined ? [] : block("text", said)),
      ...toolCalls.flatMap(toCallParts),
      { type: "finish", finishReason: toFinish(answer), usage: toUsage(usage) },
    ];
  },

  async error(failure) {
    const { kind, status, message } = failure;
    const { APICallError } = await import("@ai-sdk/provider").catch(missingSdk("@ai-sdk/provider", providerName));
    if (kind === "aborted") return new DOMException("This operation was aborted", "AbortError");
    if (kind === "timeout") return new DOMException("The operation timed out", "TimeoutError");
    const common = { url: "https://example.com/answer", requestBodyValues: {}, message };
    if (kind === "connection") {
      return new APICallError({ ...common, message: "Cannot connect to API", cause: brokenFetch(), isRetryable: true });
    }
    if (status === undefined || kind === "content_filter") throw noSuchFailure(providerName, failure);
    return new APICallError({ ...common, ...answered(failure, status) });
  },
};

function answered({ kind, message, headers }: FakeFailure, statusCode: number) {
  const said = kind === "context_overflow" ? `${message} (maximum context length exceeded)` : message;
  const data = { error: { message: said, type: kind } };
  return { statusCode, responseHeaders: { ...headers }, responseBody: JSON.stringify(data), data };
}

function metadataOf({ id, model, created }: FakeAnswer) {
  return { id, modelId: model, timestamp: new Date(created * 1000) };
}

function toCall({ id, name, args }: FakeToolCall): AISDKTypes["ToolCall"] {
  return { type: "tool-call", toolCallId: id, toolName: name, input: args };
}

function toCallParts(call: FakeToolCall): Part[] {
  const { id, name, pieces } = call;
  return [
    { type: "tool-input-start", id, toolName: name },
    ...pieces.map((delta): Part => ({ type: "tool-input-delta", id, delta })),
    { type: "tool-input-end", id },
    toCall(call),
  ];
}

function block(type: "text" | "reasoning", pieces: readonly string[]): Part[] {
  const id = `${type}-0`;
  return [
    { type: `${type}-start`, id },
    ...pieces.map((delta): Part => ({ type: `${type}-delta`, id, delta })),
    { type: `${type}-end`, id },
  ];
}

const words: FinishWords<Finish["unified"]> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
  error: "error",
  other: "other",
};

function toFinish(answer: FakeAnswer): Finish {
  const unified = finishWord(providerName, answer, words);
  const known: readonly string[] = Object.values(words);
  // A word of the model's own stands for none of the specification's.
  return known.includes(unified) ? { unified, raw: unified } : { unified: "other", raw: unified };
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage): AISDKTypes["Usage"] {
  return {
    inputTokens: {
      total: inputTokens,
      noCache: cachedTokens === undefined ? undefined : inputTokens - cachedTokens,
      cacheRead: cachedTokens,
      cacheWrite: undefined,
    },
    outputTokens: {
      total: outputTokens,
      text: reasoningTokens === undefined ? undefined : outputTokens - reasoningTokens,
      reasoning: reasoningTokens,
    },
  };
}
