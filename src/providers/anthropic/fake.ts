import type Anthropic from "@anthropic-ai/sdk";
import { answersInstead, type FinishWords, finishWord, noSuchFailure } from "../../contract/fake.ts";
import type { FakeAnswer, FakeFailure, FakeUsage, FakeWire } from "../../contract/fake-answer.ts";
import { missingSdk } from "../../contract/sdk.ts";
import { generatedError } from "../../dialects/fake-sdk-error.ts";
import { ConfigError } from "../../errors/errors.ts";
import type { AnthropicTypes } from "./types.ts";

type Event = Anthropic.RawMessageStreamEvent;
type Delta = Anthropic.RawContentBlockDelta;

/** How answers are made up for tests, in the form of Anthropic's SDK. https://platform.claude.com/docs/en/api/messages */
export const fake: FakeWire<AnthropicTypes> = {
  // https://platform.claude.com/docs/en/api/errors
  statuses: { overloaded: 529 },

  whole(answer) {
    const content = blocksOf(answer).map(({ whole }) => whole);
    const message = { ...emptyMessage(answer), content, stop_reason: reasonOf(answer), usage: toUsage(answer.usage) };
    // The SDK notes the id of the request on its object, unseen.
    return Object.defineProperty(message, "_request_id", { value: answer.requestId, enumerable: false });
  },

  events(answer) {
    const counts = toUsage(answer.usage);
    const start: Event = {
      type: "message_start",
      message: { ...emptyMessage(answer), usage: { ...counts, output_tokens: 1 } },
    };
    const blocks = blocksOf(answer).flatMap(({ begun, deltas }, index): Event[] => [
      { type: "content_block_start", index, content_block: begun },
      ...deltas.map((delta): Event => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]);
    const delta = { stop_reason: reasonOf(answer), stop_sequence: null };
    // Of the usage only the counts are told again; what the type demands further is `null` on the wire.
    const usage = { output_tokens: answer.usage.outputTokens } as Anthropic.MessageDeltaUsage;
    return [start, ...blocks, { type: "message_delta", delta, usage } as Event, { type: "message_stop" }];
  },

  async error(failure) {
    if (failure.kind === "content_filter") throw noSuchFailure("anthropic", failure, answersInstead);
    const { Anthropic } = await import("@anthropic-ai/sdk").catch(missingSdk("@anthropic-ai/sdk", "anthropic"));
    return generatedError("anthropic", Anthropic, failure, bodyOf(failure));
  },
};

const words: FinishWords<Anthropic.StopReason> = {
  stop: "end_turn",
  pause: "pause_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

// A refusal is the reason of an answer here, whatever else it says.
function reasonOf(answer: FakeAnswer): Anthropic.StopReason {
  return answer.refusal === undefined ? finishWord("anthropic", answer, words) : "refusal";
}

interface Block {
  readonly whole: Anthropic.ContentBlock;
  readonly begun: Anthropic.ContentBlock;
  readonly deltas: readonly Delta[];
}

function blocksOf({ text, thinking, refusal, toolCalls }: FakeAnswer): Block[] {
  const blocks: Block[] = [];
  if (thinking !== undefined) {
    blocks.push({
      whole: { type: "thinking", thinking: thinking.text, signature },
      begun: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        ...thinking.pieces.map((piece): Delta => ({ type: "thinking_delta", thinking: piece })),
        { type: "signature_delta", signature },
      ],
    });
  }
  for (const said of [text, refusal]) {
    if (said === undefined) continue;
    blocks.push({
      whole: { type: "text", text: said.text, citations: null },
      begun: { type: "text", text: "", citations: null },
      deltas: said.pieces.map((piece) => ({ type: "text_delta", text: piece })),
    });
  }
  for (const { id, name, args, pieces } of toolCalls) {
    const block = { type: "tool_use", id, name, caller: { type: "direct" } } as const;
    blocks.push({
      whole: { ...block, input: parsed(name, args) },
      begun: { ...block, input: {} },
      deltas: pieces.map((piece) => ({ type: "input_json_delta", partial_json: piece })),
    });
  }
  return blocks;
}

// "fake", which no server takes for its own.
const signature = "ZmFrZQ==";

function parsed(name: string, args: string): object {
  try {
    return JSON.parse(args) as object;
  } catch (cause) {
    const message = `The arguments of "${name}" are no JSON: in a whole answer of anthropic they are an object.`;
    throw new ConfigError(message, { cause });
  }
}

function emptyMessage({ id, model }: FakeAnswer) {
  // What the type demands beside these is `null` in most answers.
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
  } as unknown as Anthropic.Message;
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage): Anthropic.Usage {
  const usage = {
    input_tokens: inputTokens - (cachedTokens ?? 0),
    cache_creation_input_tokens: cachedTokens === undefined ? null : 0,
    cache_read_input_tokens: cachedTokens ?? null,
    output_tokens: outputTokens,
    service_tier: "standard",
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
  // As above.
  return usage as unknown as Anthropic.Usage;
}

// https://platform.claude.com/docs/en/api/errors
const types: Readonly<Partial<Record<FakeFailure["kind"], string>>> = {
  authentication: "authentication_error",
  permission: "permission_error",
  quota: "billing_error",
  not_found: "not_found_error",
  too_large: "request_too_large",
  rate_limit: "rate_limit_error",
  server: "api_error",
  overloaded: "overloaded_error",
  timeout: "timeout_error",
};

function bodyOf({ kind, message }: FakeFailure): object {
  const said = kind === "context_overflow" ? `prompt is too long: ${message}` : message;
  return { type: "error", error: { type: types[kind] ?? "invalid_request_error", message: said } };
}
