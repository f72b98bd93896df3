import type OpenAI from "openai";
import type { ChunkReading, Draft, Reading, StopReason } from "../../contract/provider.ts";
import { chatMessageParam, readChat } from "../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../dialects/chat-completions-stream.ts";
import { readGeminiReason } from "../../dialects/gemini-read.ts";
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

/** What stands beside OpenAI's keys, in a choice and in its message. */
interface ProviderFields {
  refusal?: string | null;
  native_finish_reason?: string | null;
}

interface WithFields {
  provider_specific_fields?: ProviderFields | null;
}

/** A completion, with the cost the proxy states and the thoughts by block. */
export function readProxy(response: OpenAI.ChatCompletion): Reading<LiteLLMTypes> {
  const reading = readChat<LiteLLMTypes>("litellm", response);
  const blocks = blocksOf(response)?.flatMap(toThought);
  return {
    ...reading,
    stopReason: failedReason(response) ?? reading.stopReason,
    refusal: reading.refusal ?? refusalOf(response),
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
  const fields = new Map(draft.response?.choices.map(({ index, message }) => [index, fieldsOf(message)]));
  const reading = readChatChunk<LiteLLMTypes>(chunk, draft);
  const response = draft.response as OpenAI.ChatCompletion;
  for (const { index = 0, delta } of chunk.choices ?? []) growFields(fields.get(index), response.choices[index], delta);
  checkDone(chunk, response, draft);
  const blocks = blocksOf(response);
  if (blocks && blocks.length > (known ?? 0)) joinBlocks(blocks, known ?? 0);
  return reading.tokens ? { ...reading, tokens: withCacheWrites(reading.tokens, reading.usage) } : reading;
}

function fieldsOf(holder: object | null | undefined): ProviderFields | undefined {
  const fields = (holder as WithFields | null | undefined)?.provider_specific_fields;
  return typeof fields === "object" && fields !== null ? fields : undefined;
}

/** The fields of a message grow by their keys, and a refusal by its text. */
function growFields(
  known: ProviderFields | undefined,
  choice: OpenAI.ChatCompletion.Choice | undefined,
  delta: object,
) {
  const added = fieldsOf(delta);
  if (added === undefined || choice === undefined) return;
  const refusal = (known?.refusal ?? "") + (added.refusal ?? "");
  (choice.message as WithFields).provider_specific_fields = { ...known, ...added, ...(refusal !== "" && { refusal }) };
}

// Of several choices the proxy tells the reason of the first alone; the usage, in an event that says nothing else, is
// what follows the last of them.
function checkDone(chunk: OpenAI.ChatCompletionChunk, { choices }: OpenAI.ChatCompletion, draft: Draft<LiteLLMTypes>) {
  if (choices.every(({ finish_reason }) => finish_reason)) return;
  const isSilent = (chunk.choices ?? []).every(({ delta, finish_reason }) => !finish_reason && saysNothing(delta));
  draft.done = isSilent && (draft.done || Boolean(chunk.usage && choices[0]?.finish_reason));
}

function saysNothing(delta: object | null | undefined): boolean {
  const values = Object.entries(delta ?? {}).flatMap(([key, value]) => (key === "role" ? [] : [value as unknown]));
  return values.every((value) => !value || (typeof value === "object" && Object.keys(value).length === 0));
}

/** OpenAI's refusal, which the proxy moves. */
function refusalOf({ choices }: OpenAI.ChatCompletion): string | undefined {
  return fieldsOf(choices[0]?.message)?.refusal || undefined;
}

// Failures of Cohere and Zhipu; those of Gemini are in its own list.
const failed: ReadonlySet<string> = new Set(["ERROR", "network_error"]);

/**
 * `"error"` for an answer that failed at its provider: the proxy says "stop" of those, and beside it what was said.
 * https://github.com/BerriAI/litellm/blob/main/litellm/litellm_core_utils/core_helpers.py (`_FINISH_REASON_MAP`)
 */
function failedReason({ choices }: OpenAI.ChatCompletion): StopReason | undefined {
  const [choice] = choices;
  const native = (fieldsOf(choice) ?? fieldsOf(choice?.message))?.native_finish_reason;
  if (!native) return undefined;
  return failed.has(native) || readGeminiReason(native) === "error" ? "error" : undefined;
}

// For who reads the answer; of the services behind the proxy some refuse them. Thoughts go back by block.
const readOnly: readonly string[] = ["reasoning_content", "provider_specific_fields"];

/** The assistant's turn, without what the proxy adds for the reader. */
export function proxyMessageParam(response: OpenAI.ChatCompletion): LiteLLMTypes["AssistantMessage"] {
  const param = chatMessageParam<LiteLLMTypes>(response);
  const refusal = param.refusal ?? refusalOf(response);
  const kept = Object.entries(param).filter(([key]) => !readOnly.includes(key));
  return { ...Object.fromEntries(kept), role: "assistant", ...(refusal !== undefined && { refusal }) };
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
