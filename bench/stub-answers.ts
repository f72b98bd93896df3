import { GenerateContentResponse } from "@google/genai";
import { model } from "./samples.ts";

// What each SDK gives its caller, in the shapes of recorded answers, with 2,000 chunks of text.

/** How many chunks of text a stream has. */
export const chunks = 2000;

const id = "chatcmpl-CxT1vTzgqKfDq0bYxVq1UZb0";
const created = 1760000000;
const word = " word";
const answer = word.repeat(100);
const chatUsage = { prompt_tokens: 12, completion_tokens: chunks, total_tokens: chunks + 12 };

// Parsed anew, as each event of an SDK is: no two share an object.
function repeated<Event extends object>(event: Event): Event[] {
  const text = JSON.stringify(event);
  return Array.from({ length: chunks }, () => JSON.parse(text) as Event);
}

export const chatAnswer = {
  ...{ id, object: "chat.completion", created, model, usage: chatUsage, service_tier: "default" },
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: answer, refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
};

function chatChunk(delta: object, finish_reason: string | null = null) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  return {
    ...{ id, object: "chat.completion.chunk", created, model, service_tier: "default" },
    ...{ system_fingerprint: "fp_560af6e559", choices, usage: null, obfuscation: "aB3dE6fG" },
  };
}

export const chatChunks: readonly object[] = [
  chatChunk({ role: "assistant", content: "", refusal: null }),
  ...repeated(chatChunk({ content: word })),
  chatChunk({}, "stop"),
  { ...chatChunk({}), choices: [], usage: chatUsage },
];

function groqChunk(delta: object, finish_reason: string | null = null, rest: object = {}) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  return { id, object: "chat.completion.chunk", created, model, system_fingerprint: "fp_1", choices, ...rest };
}

export const groqChunks: readonly object[] = [
  groqChunk({ role: "assistant", content: "" }, null, { x_groq: { id: "req_1" } }),
  ...repeated(groqChunk({ content: word })),
  groqChunk({}, "stop", { x_groq: { id: "req_1", usage: chatUsage }, usage: chatUsage }),
];

const part = { type: "output_text", annotations: [], logprobs: [], text: answer };
const message = { id: "msg_1", type: "message", status: "completed", role: "assistant", content: [part] };
export const responsesAnswer = {
  ...{ id: "resp_1", object: "response", created_at: created, status: "completed", error: null, model },
  ...{ incomplete_details: null, output: [message], output_text: answer, service_tier: "default" },
  usage: {
    ...{ input_tokens: 12, input_tokens_details: { cached_tokens: 0 }, output_tokens: chunks },
    ...{ output_tokens_details: { reasoning_tokens: 0 }, total_tokens: chunks + 12 },
  },
};

const begun = { ...responsesAnswer, status: "in_progress", output: [], output_text: "", usage: null };
const place = { item_id: "msg_1", output_index: 0, content_index: 0 };
export const responsesEvents: readonly object[] = [
  { type: "response.created", sequence_number: 0, response: begun },
  { type: "response.in_progress", sequence_number: 1, response: begun },
  { type: "response.output_item.added", ...place, item: { ...message, status: "in_progress", content: [] } },
  { type: "response.content_part.added", ...place, part: { ...part, text: "" } },
  ...repeated({
    ...{ type: "response.output_text.delta", sequence_number: 4, ...place },
    ...{ delta: word, logprobs: [], obfuscation: "aB3dE6fG" },
  }),
  { type: "response.output_text.done", ...place, text: word.repeat(chunks), logprobs: [] },
  { type: "response.content_part.done", ...place, part: { ...part, text: word.repeat(chunks) } },
  { type: "response.output_item.done", ...place, item: message },
  { type: "response.completed", sequence_number: 5, response: responsesAnswer },
];

const anthropicUsage = {
  ...{ input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
  service_tier: "standard",
};
export const anthropicAnswer = {
  ...{ id: "msg_1", type: "message", role: "assistant", model, content: [{ type: "text", text: answer }] },
  ...{ stop_reason: "end_turn", stop_sequence: null, usage: { ...anthropicUsage, output_tokens: 100 } },
};

export const anthropicEvents: readonly object[] = [
  {
    type: "message_start",
    message: { ...anthropicAnswer, content: [], stop_reason: null, usage: anthropicUsage },
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  ...repeated({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word } }),
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: chunks } },
  { type: "message_stop" },
];

const mistralUsage = { promptTokens: 12, completionTokens: chunks, totalTokens: chunks + 12 };
export const mistralAnswer = {
  ...{ id, object: "chat.completion", created, model, usage: mistralUsage },
  choices: [
    { index: 0, finishReason: "stop", message: { role: "assistant", content: answer, toolCalls: null, prefix: false } },
  ],
};

function mistralEvent(delta: object, finishReason: string | null = null, rest: object = {}) {
  const choices = [{ index: 0, delta, finishReason }];
  return { data: { id, object: "chat.completion.chunk", created, model, choices, ...rest } };
}

export const mistralEvents: readonly object[] = [
  mistralEvent({ role: "assistant", content: "" }),
  ...repeated(mistralEvent({ content: word })),
  mistralEvent({ content: "" }, "stop", { usage: mistralUsage }),
];

// The SDK gives instances of its class, each with fields of its own.
function geminiChunk(text: string, rest: object = {}): GenerateContentResponse {
  const candidates = [{ content: { parts: [{ text }], role: "model" }, index: 0, ...rest }];
  const counts = { promptTokenCount: 12, candidatesTokenCount: chunks, totalTokenCount: chunks + 12 };
  const promptTokensDetails = [{ modality: "TEXT", tokenCount: 12 }];
  const usageMetadata = { ...counts, promptTokensDetails };
  const sdkHttpResponse = { headers: { "content-type": "text/event-stream" } };
  const fields = { sdkHttpResponse, candidates, modelVersion: model, responseId: "abc", usageMetadata };
  return Object.assign(new GenerateContentResponse(), fields);
}

export const geminiAnswer = geminiChunk(answer, { finishReason: "STOP" });
export const geminiChunks: readonly GenerateContentResponse[] = [
  ...Array.from({ length: chunks }, () => geminiChunk(word)),
  geminiChunk("", { finishReason: "STOP" }),
];

const cohereUsage = {
  billedUnits: { inputTokens: 12, outputTokens: chunks },
  tokens: { inputTokens: 12, outputTokens: chunks },
};
export const cohereAnswer = {
  ...{ id, message: { role: "assistant", content: [{ type: "text", text: answer }] } },
  ...{ finishReason: "COMPLETE", usage: cohereUsage },
};
export const cohereEvents: readonly object[] = [
  { type: "message-start", id, delta: { message: { role: "assistant", content: [], toolPlan: "", toolCalls: [] } } },
  { type: "content-start", index: 0, delta: { message: { content: { type: "text", text: "" } } } },
  ...repeated({ type: "content-delta", index: 0, delta: { message: { content: { text: word } } } }),
  { type: "content-end", index: 0 },
  { type: "message-end", delta: { finishReason: "COMPLETE", usage: cohereUsage } },
];

const bedrockUsage = { inputTokens: 12, outputTokens: chunks, totalTokens: chunks + 12 };
export const bedrockAnswer = {
  $metadata: { httpStatusCode: 200, requestId: "req-1", attempts: 1, totalRetryDelay: 0 },
  output: { message: { role: "assistant", content: [{ text: answer }] } },
  ...{ stopReason: "end_turn", usage: bedrockUsage, metrics: { latencyMs: 100 } },
};
export const bedrockEvents: readonly object[] = [
  { messageStart: { role: "assistant" } },
  ...repeated({ contentBlockDelta: { contentBlockIndex: 0, delta: { text: word } } }),
  { contentBlockStop: { contentBlockIndex: 0 } },
  { messageStop: { stopReason: "end_turn" } },
  { metadata: { usage: bedrockUsage, metrics: { latencyMs: 100 } } },
];

function localChunk(content: string, outputTokens: number, rest: object = {}) {
  return { id, model, created, delta: { content }, usage: { inputTokens: 12, outputTokens }, ...rest };
}

const localEnd = localChunk("", chunks, { finishReason: "stop", timings: { waiting: 1, reading: 1, writing: 1 } });
/** What the model gives for a call without a stream: the same events, gathered. */
export const localAnswer: readonly object[] = [localChunk(answer, 100), localEnd];
export const localChunks: readonly object[] = [...repeated(localChunk(word, 1)), localEnd];
