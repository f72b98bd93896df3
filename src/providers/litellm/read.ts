import type OpenAI from "openai";
import type { ChunkReading, Draft, Reading } from "../../contract/provider.ts";
import { readChat } from "../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../dialects/chat-completions-stream.ts";
import type { ThinkingPart } from "../../message/parts.ts";
import type { Tokens } from "../../money/tokens.ts";
import { toCost } from "./headers.ts";
import type { LiteLLMTypes } from "./types.ts";

/** A thought as the proxy gives it, Anthropic's. https://docs.litellm.ai/docs/reasoning_content */
interface ThinkingBlock {
  type?: string;
  thinking?: string | null;
  signature?: string | null;
}

/** What the proxy adds to a usage, untyped. `cost` is US dollars, where the proxy is set to tell it in streams. */
interface ProxyUsage {
  cost?: unknown;
  cache_creation_input_tokens?: number | null;
}

/** A completion, with the cost the proxy states and the thoughts by block. */
export function readProxy(response: OpenAI.ChatCompletion): Reading<LiteLLMTypes> {
  const reading = readChat<LiteLLMTypes>("litellm", response);
  const blocks = blocksOf(response)?.flatMap(toThought);
  return {
    ...reading,
    tokens: withCacheWrites(reading.tokens, reading.usage),
    thinking: blocks && blocks.length > 0 ? blocks : reading.thinking,
    cost: toCost((reading.usage as ProxyUsage | undefined)?.cost),
  };
}

/** One event; the pieces of a thinking block become the block the proxy gives unstreamed. */
export function readProxyChunk(
  chunk: OpenAI.ChatCompletionChunk,
  draft: Draft<LiteLLMTypes>,
): ChunkReading<LiteLLMTypes> {
  const known = draft.response && blocksOf(draft.response)?.length;
  const reading = readChatChunk<LiteLLMTypes>(chunk, draft);
  const response = draft.response as OpenAI.ChatCompletion;
  const blocks = blocksOf(response);
  if (blocks && blocks.length > (known ?? 0)) joinBlocks(blocks, known ?? 0);
  return reading.tokens ? { ...reading, tokens: withCacheWrites(reading.tokens, reading.usage) } : reading;
}

function blocksOf({ choices }: OpenAI.ChatCompletion): ThinkingBlock[] | undefined {
  const message = choices[0]?.message as { thinking_blocks?: ThinkingBlock[] | null } | undefined;
  return Array.isArray(message?.thinking_blocks) ? message.thinking_blocks : undefined;
}

// What a redacted block holds is not for reading: it goes back as it came.
function toThought({ thinking, signature }: ThinkingBlock): ThinkingPart[] {
  if (!thinking) return [];
  return [{ type: "thinking", text: thinking, ...(signature && { signature }) }];
}

/** The pieces have no index: text goes to the block that is open, and its signature closes it. */
function joinBlocks(blocks: ThinkingBlock[], known: number): void {
  for (const piece of blocks.splice(known)) {
    const open = blocks.at(-1);
    if (piece.type !== "thinking" || open?.type !== "thinking" || open.signature) {
      blocks.push(piece);
      continue;
    }
    open.thinking = (open.thinking ?? "") + (piece.thinking ?? "");
    if (piece.signature) open.signature = piece.signature;
  }
}

function withCacheWrites(tokens: Tokens, usage: object | undefined): Tokens {
  const written = (usage as ProxyUsage | undefined)?.cache_creation_input_tokens;
  return tokens.cacheWrite === undefined && typeof written === "number" ? { ...tokens, cacheWrite: written } : tokens;
}
