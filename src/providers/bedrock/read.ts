import type {
  ContentBlock,
  ConverseCommandOutput,
  Message,
  TokenUsage,
  ToolUseBlock,
} from "@aws-sdk/client-bedrock-runtime";
import type { RawToolCall, Reading, StopReason } from "../../contract/provider.ts";
import { withCalls } from "../../contract/stop-reason.ts";
import { ResponseError } from "../../errors/errors.ts";
import { withJsonNumbers } from "../../json/json-numbers.ts";
import type { ThinkingPart } from "../../message/parts.ts";
import { sumOf, type Tokens, tokensFrom } from "../../money/tokens.ts";
import type { BedrockTypes } from "./types.ts";

const stopReasons: ReadonlyMap<string, StopReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["tool_use", "tool_calls"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["guardrail_intervened", "content_filter"],
  ["content_filtered", "content_filter"],
  ["malformed_model_output", "error"],
  ["malformed_tool_use", "error"],
]);

/** The common properties of a Converse response. Throws `ResponseError` for a body that is none. */
export function readResponse(response: ConverseCommandOutput): Reading<BedrockTypes> {
  const blocks = readBlocks(response);
  const { $metadata, stopReason, usage, trace, serviceTier, performanceConfig } = response;
  const thinking = blocks.flatMap(thoughtOf);
  const toolCalls = blocks.flatMap(callOf);
  return {
    // The answer itself has neither an id nor, but behind a prompt router, the name of its model.
    id: $metadata?.requestId,
    model: trace?.promptRouter?.invokedModelId,
    content: blocks.map(textOf).join(""),
    finishReasons: stopReason ? [stopReason] : undefined,
    stopReason: withCalls(stopReason ? (stopReasons.get(stopReason) ?? "other") : undefined, toolCalls),
    usage,
    tokens: readTokens(usage),
    toolCalls,
    thinking: thinking.length > 0 ? thinking : undefined,
    // Latency-optimized inference is billed at prices of its own, https://aws.amazon.com/bedrock/pricing.
    serviceTier: performanceConfig?.latency === "optimized" ? "latency-optimized" : serviceTier?.type,
  };
}

/** The assistant's message as the SDK decoded it, its numbers as JSON has them; `undefined` where there is none. */
export function readMessage(response: ConverseCommandOutput): Message | undefined {
  return withJsonNumbers(response.output?.message);
}

// An answer says something or says why it ends; the SDK gives `{}` and lists as if they were answers.
function readBlocks(response: ConverseCommandOutput): readonly ContentBlock[] {
  const content = response?.output?.message?.content;
  if (Array.isArray(content)) return content;
  if (response?.stopReason) return [];
  throw new ResponseError("bedrock", "bedrock answered with a body that is no Converse response.", response);
}

/** The text of a block: that of an answer with citations too. */
export function textOf({ text, citationsContent }: ContentBlock): string {
  return text ?? citationsContent?.content?.map((piece) => piece.text ?? "").join("") ?? "";
}

function thoughtOf({ reasoningContent }: ContentBlock): ThinkingPart[] {
  const { text, signature } = reasoningContent?.reasoningText ?? {};
  return text === undefined ? [] : [{ type: "thinking", text, ...(signature !== undefined && { signature }) }];
}

/** True for a tool the caller is to run. The service says `tool_use` or nothing; `server_tool_use` it ran itself. */
export function isClientCall(type: string | undefined): boolean {
  return type === undefined || type === "tool_use";
}

function callOf(block: ContentBlock): RawToolCall<BedrockTypes>[] {
  if (block.toolUse === undefined || !isClientCall(block.toolUse.type)) return [];
  const toolUse = withJsonNumbers(block.toolUse);
  const { toolUseId = "", name = "", input } = toolUse;
  return [{ id: toolUseId, name, input: argumentsOf(input ?? {}), native: toolUse }];
}

// Arguments that never became JSON are still the text they came as; a number is none, which its text will show.
function argumentsOf(input: NonNullable<ToolUseBlock["input"]>): string | object {
  return typeof input === "string" || typeof input === "object" ? input : JSON.stringify(input);
}

/**
 * `inputTokens` leaves the cache out: all three make up what the model read,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html.
 */
export function readTokens(usage: TokenUsage | undefined): Tokens {
  const { inputTokens, outputTokens, cacheReadInputTokens: cacheRead, cacheWriteInputTokens: cacheWrite } = usage ?? {};
  const hours = usage?.cacheDetails?.filter(({ ttl }) => ttl === "1h") ?? [];
  const cacheWrite1h = sumOf(0, ...hours.map((detail) => detail.inputTokens));
  return tokensFrom({
    // No prompt is nothing: zeros are what a gateway in between writes that was not told.
    input: nonZero(sumOf(inputTokens, cacheRead, cacheWrite)),
    output: outputTokens,
    cacheRead,
    cacheWrite,
    cacheWrite1h: nonZero(cacheWrite1h),
  });
}

function nonZero(count: number | undefined): number | undefined {
  return count === 0 ? undefined : count;
}
