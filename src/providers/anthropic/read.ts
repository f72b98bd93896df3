import type Anthropic from "@anthropic-ai/sdk";
import type { RawToolCall, Reading, StopReason } from "../../contract/provider.ts";
import { withCalls } from "../../contract/stop-reason.ts";
import { ResponseError } from "../../errors/errors.ts";
import type { ThinkingPart } from "../../message/parts.ts";
import { readTokens } from "./tokens.ts";
import type { AnthropicTypes } from "./types.ts";

const stopReasons = new Map<string, StopReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  // A turn of server tools that took too long is sent back as it is, and goes on:
  // https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons#pause-turn
  ["pause_turn", "pause"],
  ["refusal", "content_filter"],
]);

/** The common properties of a message. Throws `ResponseError` for a body that is none. */
export function readMessage(response: Anthropic.Message): Reading<AnthropicTypes> {
  // An answer may hold no block at all, but it has the list for them; an error under a 200 has not.
  if (!Array.isArray(response?.content)) throw noMessage(response);
  const { id, model, stop_reason: reason, usage } = response as Partial<Anthropic.Message>;
  const thinking: ThinkingPart[] = [];
  const toolCalls: RawToolCall<AnthropicTypes>[] = [];
  let content = "";
  for (const block of response.content) {
    if (block?.type === "text") content += block.text ?? "";
    // The API leaves the text of most thoughts out unless asked; those, and redacted ones, only go back as they are.
    else if (block?.type === "thinking" && block.thinking) thinking.push(readThought(block));
    // Tools that the provider runs itself (`server_tool_use`, `mcp_tool_use`) are no calls of ours.
    else if (block?.type === "tool_use") toolCalls.push(readToolCall(block));
  }
  return {
    id: id || undefined,
    model: model || undefined,
    content,
    finishReasons: reason ? [reason] : undefined,
    stopReason: withCalls(reason ? (stopReasons.get(reason) ?? "other") : undefined, toolCalls),
    usage: usage ?? undefined,
    tokens: readTokens(usage),
    toolCalls,
    thinking: thinking.length > 0 ? thinking : undefined,
    refusal: reason === "refusal" ? readRefusal(response, content) : undefined,
    // Fast mode has prices of its own: https://platform.claude.com/docs/en/build-with-claude/fast-mode#pricing
    serviceTier: usage?.speed === "fast" ? "fast" : (usage?.service_tier ?? undefined),
    // So has an answer computed in one country: https://platform.claude.com/docs/en/build-with-claude/data-residency
    region: usage?.inference_geo ?? undefined,
  };
}

function noMessage(body: unknown): ResponseError {
  const said = (body as { error?: { message?: unknown } } | null | undefined)?.error?.message;
  const kind = typeof body === "string" ? "text" : body == null ? "nothing" : "a body without content";
  const message = `anthropic answered with ${kind}, not with a message${typeof said === "string" ? `: ${said}` : "."}`;
  return new ResponseError("anthropic", message, body);
}

function readThought({ thinking: text, signature }: Anthropic.ThinkingBlock): ThinkingPart {
  return { type: "thinking", text, ...(signature && { signature }) };
}

function readToolCall(block: Anthropic.ToolUseBlock): RawToolCall<AnthropicTypes> {
  const { id, name, input = {} } = block;
  const isReadable = typeof input === "string" || (typeof input === "object" && input !== null);
  return { id: id ?? "", name: name ?? "", input: isReadable ? input : JSON.stringify(input), native: block };
}

function readRefusal({ stop_details }: Anthropic.Message, content: string): string {
  return stop_details?.explanation ?? (content || (stop_details?.category ?? "no reason was given"));
}
