import type { Cohere } from "cohere-ai";
import type { RawToolCall, Reading, StopReason } from "../../contract/provider.ts";
import { withCalls } from "../../contract/stop-reason.ts";
import { ResponseError } from "../../errors/errors.ts";
import type { ThinkingPart } from "../../message/parts.ts";
import { type Tokens, tokensFrom } from "../../money/tokens.ts";
import type { CohereTypes } from "./types.ts";

const stopReasons: ReadonlyMap<string, StopReason> = new Map([
  ["COMPLETE", "stop"],
  ["STOP_SEQUENCE", "stop"],
  ["MAX_TOKENS", "length"],
  ["TOOL_CALL", "tool_calls"],
  ["ERROR", "error"],
  ["TIMEOUT", "error"],
]);

/** The common properties of an answer. Throws `ResponseError` for a body that is none. */
export function readChat(response: Cohere.V2ChatResponse): Reading<CohereTypes> {
  const { message, finishReason } = checked(response);
  const { content, toolPlan, toolCalls } = message;
  const thinking: ThinkingPart[] = [];
  let text = typeof content === "string" ? content : "";
  for (const block of Array.isArray(content) ? content : []) {
    if (block.type === "thinking") thinking.push({ type: "thinking", text: block.thinking ?? "" });
    else if (block.type === "text") text += block.text ?? "";
  }
  // What the model means to do with the tools: a thought, told to nobody.
  if (toolPlan) thinking.push({ type: "thinking", text: toolPlan });
  const calls = toolCalls?.flatMap(toRawCall) ?? [];
  return {
    id: response.id || undefined,
    // The API names no model.
    model: undefined,
    content: text,
    finishReasons: finishReason ? [finishReason] : undefined,
    stopReason: withCalls(finishReason ? (stopReasons.get(finishReason) ?? "other") : undefined, calls),
    usage: response.usage ?? undefined,
    tokens: toTokens(response.usage),
    toolCalls: calls,
    thinking: thinking.length > 0 ? thinking : undefined,
  };
}

// An answer has a message, with its role from the first event of a stream on; what has none is an error body under a 200.
function checked(response: Cohere.V2ChatResponse): Cohere.V2ChatResponse {
  const { message } = (response ?? {}) as { message?: Partial<Cohere.AssistantMessageResponse> };
  if (typeof message === "object" && (message?.role ?? message?.content ?? message?.toolCalls)) return response;
  const body = response == null ? "nothing" : "a body without a message";
  throw new ResponseError("cohere", `cohere answered with ${body}, not with a chat answer.`, response);
}

function toRawCall(call: Cohere.ToolCallV2): RawToolCall<CohereTypes>[] {
  const { id, function: fn } = call;
  return fn ? [{ id: id ?? "", name: fn.name ?? "", input: fn.arguments ?? "", native: call }] : [];
}

/**
 * The tokens Cohere bills, which its prices are for (https://docs.cohere.com/docs/how-does-cohere-pricing-work). What the
 * model really read, with Cohere's own preamble, tool instructions and cached stretches in it, is up to 50 times as much:
 * it stands in `usage.tokens` and `usage.cachedTokens`. Without billed units (a private deployment) nothing is certain.
 */
export function toTokens(usage: Cohere.Usage | undefined): Tokens {
  const { billedUnits, tokens } = usage ?? {};
  const output = billedUnits?.outputTokens;
  // Reasoning is billed as output. The SDK does not know the field and leaves it as it is on the wire.
  const reasoning = (tokens as { reasoning_tokens?: number } | undefined)?.reasoning_tokens;
  const isPart = reasoning === undefined || output === undefined || reasoning <= output;
  return tokensFrom({
    input: billedUnits?.inputTokens,
    output,
    reasoning: isPart && output !== undefined ? reasoning : undefined,
  });
}
