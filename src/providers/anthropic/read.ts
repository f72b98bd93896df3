import type Anthropic from "@anthropic-ai/sdk";
import { ResponseError } from "../../errors.ts";
import type { ThinkingPart } from "../../message.ts";
import type { RawToolCall, Reading, StopReason } from "../../provider.ts";
import type { Tokens } from "../../tokens.ts";
import type { AnthropicTypes } from "./provider.ts";

const stopReasons: Readonly<Record<string, StopReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
};

/** The common properties of a message. Throws `ResponseError` for a body that is none. */
export function readMessage(response: Anthropic.Message): Reading<AnthropicTypes> {
  const blocks = checkContent(response);
  const { id, model, stop_reason, usage } = response as Partial<Anthropic.Message>;
  const thinking = blocks.flatMap(readThought);
  return {
    id: id || undefined,
    model: model || undefined,
    content: blocks.map((block) => (block.type === "text" ? (block.text ?? "") : "")).join(""),
    finishReasons: stop_reason ? [stop_reason] : undefined,
    stopReason: stop_reason
      ? Object.hasOwn(stopReasons, stop_reason)
        ? stopReasons[stop_reason]
        : "other"
      : undefined,
    usage: usage ?? undefined,
    tokens: readTokens(usage),
    toolCalls: blocks.flatMap(readToolCall),
    thinking: thinking.length > 0 ? thinking : undefined,
    refusal: stop_reason === "refusal" ? readRefusal(response) : undefined,
    // Fast mode has prices of its own: https://platform.claude.com/docs/en/build-with-claude/fast-mode#pricing
    serviceTier: usage?.speed === "fast" ? "fast" : (usage?.service_tier ?? undefined),
  };
}

// An answer may hold no block at all, but it has the list for them; an error under a 200 has not.
function checkContent(response: unknown): readonly Anthropic.ContentBlock[] {
  const body = response as { content?: unknown; error?: { message?: unknown } } | string | null | undefined;
  if (typeof body === "object" && body !== null && Array.isArray(body.content)) {
    return body.content.filter((block) => typeof block === "object" && block !== null);
  }
  const said = typeof body === "object" ? body?.error?.message : undefined;
  const kind = typeof body === "string" ? "text" : body === undefined ? "nothing" : "a body without content";
  const message = `anthropic answered with ${kind}, not with a message${typeof said === "string" ? `: ${said}` : "."}`;
  throw new ResponseError("anthropic", message, response);
}

// The API leaves the text of most thoughts out unless asked, and of redacted ones always: those only go back as they are.
function readThought(block: Anthropic.ContentBlock): ThinkingPart[] {
  if (block.type !== "thinking" || !block.thinking) return [];
  const { thinking: text, signature } = block;
  return [{ type: "thinking", text, ...(signature && { signature }) }];
}

// Tools that the provider runs itself (`server_tool_use`, `mcp_tool_use`) are no calls of ours.
function readToolCall(block: Anthropic.ContentBlock): RawToolCall<AnthropicTypes>[] {
  if (block.type !== "tool_use") return [];
  const { id, name, input = {} } = block;
  const isReadable = typeof input === "string" || (typeof input === "object" && input !== null);
  return [{ id: id ?? "", name: name ?? "", input: isReadable ? input : JSON.stringify(input), native: block }];
}

function readRefusal({ stop_details, content }: Anthropic.Message): string {
  const said = content.flatMap((block) => (block?.type === "text" && block.text ? [block.text] : [])).join("");
  return stop_details?.explanation ?? (said || (stop_details?.category ?? "no reason was given"));
}

/**
 * What the model read is the sum of three counts, what it wrote has the thoughts in it:
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance
 */
export function readTokens(usage: Partial<Anthropic.Usage> | null | undefined): Tokens {
  const { input_tokens: fresh, output_tokens: output, cache_creation: written } = usage ?? {};
  const read = usage?.cache_read_input_tokens;
  const write = usage?.cache_creation_input_tokens;
  const reasoning = usage?.output_tokens_details?.thinking_tokens;
  return {
    input: fresh == null ? undefined : fresh + (read ?? 0) + (write ?? 0),
    output: output ?? undefined,
    ...(read != null && { cacheRead: read }),
    ...(write != null && { cacheWrite: write }),
    ...(written?.ephemeral_1h_input_tokens != null && { cacheWrite1h: written.ephemeral_1h_input_tokens }),
    ...(reasoning != null && { reasoning }),
  };
}
