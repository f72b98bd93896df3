import { type FinishWords, finishWord } from "../contract/fake.ts";
import type { FakeAnswer, FakeUsage } from "../contract/fake-answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";

// Answers on the chat-completions wire that no model gave: https://platform.openai.com/docs/api-reference/chat

/** What differs between those who speak it. */
export interface FakeChat {
  readonly provider: string;
  /** What thoughts are called in a message; OpenAI itself shows none, compatible services do under either name. */
  readonly thinking: "reasoning" | "reasoning_content";
}

const words: FinishWords<string> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  error: "error",
};

/** The completion. */
export function fakeCompletion<P extends ProviderTypes>(chat: FakeChat, answer: FakeAnswer): P["Response"] {
  const { text, thinking, refusal, toolCalls } = answer;
  const calls = toolCalls.map(({ id, name, args }) => ({ id, type: "function", function: { name, arguments: args } }));
  const message = {
    role: "assistant",
    content: text === undefined ? (refusal || calls.length > 0 ? null : "") : text.text,
    refusal: refusal?.text ?? null,
    ...(thinking && { [chat.thinking]: thinking.text }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const choice = { index: 0, message, logprobs: null, finish_reason: finishWord(chat.provider, answer, words) };
  const completion = { ...head(answer, "chat.completion"), choices: [choice], usage: toUsage(answer.usage) };
  // The SDK notes the id of the request on its object, unseen.
  return Object.defineProperty(completion, "_request_id", { value: answer.requestId, enumerable: false });
}

/** The same in chunks: the role, the pieces, the reason, and the usage in a chunk of its own. */
export function fakeCompletionChunks<P extends ProviderTypes>(chat: FakeChat, answer: FakeAnswer): P["Chunk"][] {
  const { text, thinking, refusal, toolCalls } = answer;
  const chunk = (delta: object, reason: string | null = null) => ({
    ...head(answer, "chat.completion.chunk"),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
  });
  const deltas: object[] = [
    { role: "assistant", content: "", refusal: null },
    ...(thinking?.pieces ?? []).map((piece) => ({ [chat.thinking]: piece })),
    ...(text?.pieces ?? []).map((content) => ({ content })),
    ...(refusal?.pieces ?? []).map((piece) => ({ refusal: piece })),
    ...toolCalls.flatMap(({ id, name, pieces }, index) => [
      { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] },
      ...pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
  ];
  return [
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, finishWord(chat.provider, answer, words)),
    { ...head(answer, "chat.completion.chunk"), choices: [], usage: toUsage(answer.usage) },
  ];
}

function head({ id, created, model }: FakeAnswer, object: string) {
  return { id, object, created, model };
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}
