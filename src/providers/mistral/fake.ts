import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import { answersInstead, brokenFetch, type FinishWords, finishWord, noSuchFailure } from "../../contract/fake.ts";
import type { FakeAnswer, FakeFailure, FakeToolCall, FakeUsage, FakeWire } from "../../contract/fake-answer.ts";
import { missingSdk } from "../../contract/sdk.ts";
import type { MistralTypes } from "./types.ts";

/** How answers are made up for tests, in the form of Mistral's SDK. https://docs.mistral.ai/api */
export const fake: FakeWire<MistralTypes> = {
  whole(answer) {
    const { id, model, created, text, thinking, refusal, toolCalls, usage } = answer;
    const said = (text?.text ?? "") + (refusal?.text ?? "");
    const content = thinking === undefined ? said : [thought(thinking.text), { type: "text" as const, text: said }];
    const message: sdk.AssistantMessage = {
      role: "assistant",
      content,
      ...(toolCalls.length > 0 && { toolCalls: toolCalls.map(toCall) }),
      prefix: false,
    };
    const choice = { index: 0, message, finishReason: reasonOf(answer) };
    return { id, object: "chat.completion", model, created, choices: [choice], usage: toUsage(usage) };
  },

  events(answer) {
    const { id, model, created, text, thinking, refusal, toolCalls, usage } = answer;
    const event = (delta: sdk.DeltaMessage, finishReason: string | null = null) => ({
      id,
      object: "chat.completion.chunk",
      created,
      model,
      choices: [{ index: 0, delta, finishReason }],
    });
    const deltas: sdk.DeltaMessage[] = [
      { role: "assistant", content: "" },
      ...(thinking?.pieces ?? []).map((piece) => ({ content: [thought(piece)] })),
      ...[...(text?.pieces ?? []), ...(refusal?.pieces ?? [])].map((content) => ({ content })),
      // Calls come whole, in one event each: that is how the API streams them.
      ...toolCalls.map((call, index) => ({ content: "", toolCalls: [toCall(call, index)] })),
    ];
    const last = { ...event({ content: "" }, reasonOf(answer)), usage: toUsage(usage) };
    // The words of a stream are one fewer than those of a whole answer.
    return [...deltas.map((delta) => event(delta)), last].map((data) => ({ data: data as sdk.CompletionChunk }));
  },

  async error(failure) {
    if (failure.kind === "content_filter") throw noSuchFailure("mistral", failure, answersInstead);
    const errors = await import("@mistralai/mistralai/models/errors/index.js").catch(
      missingSdk("@mistralai/mistralai", "mistral"),
    );
    const { kind, status, headers } = failure;
    if (status !== undefined) {
      const body = bodyOf(failure, status);
      const init = { status, headers: { "content-type": "application/json", ...headers } };
      const response = new Response(body, init);
      const meta = { response, request: new Request(address), body };
      if (status === 422) return new errors.HTTPValidationError({ detail: [] }, meta);
      return new errors.SDKError("API error occurred", meta);
    }
    if (kind === "aborted") return new errors.RequestAbortedError("Request aborted by client");
    if (kind === "timeout") return new errors.RequestTimeoutError("Request timed out");
    if (kind === "connection") return new errors.ConnectionError("Unable to make request", { cause: brokenFetch() });
    throw noSuchFailure("mistral", failure);
  },
};

const address = "https://api.mistral.ai/v1/chat/completions";

function thought(text: string): sdk.ThinkChunk & { type: "thinking" } {
  return { type: "thinking", thinking: [{ type: "text", text }], closed: true };
}

function toCall({ id, name, args }: FakeToolCall, index: number): sdk.ToolCall {
  return { id, type: "function", function: { name, arguments: args }, index };
}

const words: FinishWords<MistralTypes["FinishReason"]> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  error: "error",
  // The SDK takes a word it does not know.
  content_filter: "content_filter" as MistralTypes["FinishReason"],
};

function reasonOf(answer: FakeAnswer): MistralTypes["FinishReason"] {
  return finishWord("mistral", answer, words);
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage): sdk.UsageInfo {
  return {
    promptTokens: inputTokens,
    completionTokens: outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}

function bodyOf({ kind, message }: FakeFailure, status: number): string {
  const said = kind === "context_overflow" ? `${message} (too large for the model's maximum context length)` : message;
  return JSON.stringify({ object: "error", message: said, type: kind, param: null, code: String(status) });
}
