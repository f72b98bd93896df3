import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import type { RawToolCall, Reading, StopReason } from "../../contract/provider.ts";
import { withCalls } from "../../contract/stop-reason.ts";
import { ResponseError } from "../../errors/errors.ts";
import type { ThinkingPart } from "../../message/parts.ts";
import { type Tokens, tokensFrom } from "../../money/tokens.ts";
import { readId } from "./call-ids.ts";
import type { MistralTypes } from "./types.ts";

type Content = sdk.AssistantMessage["content"];

/** One turn of an answer: mostly the only one, but connectors that Mistral runs make several. */
type Turn = sdk.AssistantMessage | sdk.DeltaMessage;

const stopReasons: ReadonlyMap<string, StopReason> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["model_length", "length"],
  ["tool_calls", "tool_calls"],
  ["content_filter", "content_filter"],
  ["error", "error"],
]);

/** The common properties of a completion. Throws `ResponseError` for a body that is none. */
export function readCompletion(response: MistralTypes["Response"]): Reading<MistralTypes> {
  const choices = checkChoices(response);
  const turns = turnsOf(choices[0]);
  const reasons = choices.flatMap(({ finishReason }) => (finishReason ? [finishReason] : []));
  const thinking = turns.flatMap(({ content }) => thoughtsOf(content));
  const toolCalls = clientCalls(turns).map(readToolCall);
  const stop = reasons[0] === undefined ? undefined : (stopReasons.get(reasons[0]) ?? "other");
  const { usage } = response;
  return {
    id: response.id || undefined,
    model: response.model || undefined,
    content: turns.map((turn) => (isToolTurn(turn) ? "" : textOfContent(turn.content))).join(""),
    finishReasons: reasons.length > 0 ? reasons : undefined,
    stopReason: withCalls(stop, toolCalls),
    usage: usage ?? undefined,
    tokens: readTokens(usage),
    toolCalls,
    thinking: thinking.length > 0 ? thinking : undefined,
    serviceTier: usage?.serviceTier ?? undefined,
    // Sound is billed by the minute, which no price of tokens says: https://mistral.ai/pricing
    ...(usage?.promptAudioSeconds && { priced: { provider: "mistral", model: "" } }),
  };
}

function checkChoices(response: MistralTypes["Response"] | null | undefined): readonly sdk.ChatCompletionChoice[] {
  const choices = typeof response === "object" ? response?.choices : undefined;
  const first = Array.isArray(choices) ? choices[0] : undefined;
  const said = first?.messages ?? first?.message?.content ?? first?.message?.toolCalls;
  if (choices && (first?.finishReason || (said !== undefined && said !== null))) return choices;
  throw new ResponseError("mistral", "mistral answered with a body that is no chat completion.", response);
}

function turnsOf(choice: sdk.ChatCompletionChoice | undefined): readonly Turn[] {
  return choice?.message ? [choice.message] : (choice?.messages ?? []);
}

function isToolTurn({ role }: Turn): boolean {
  return role === "tool";
}

/** The calls that are the client's to answer: functions, and none that a later turn already answers. */
function clientCalls(turns: readonly Turn[]): readonly sdk.ToolCall[] {
  const answered = new Set(turns.flatMap((turn) => ("toolCallId" in turn ? [turn.toolCallId] : [])));
  return turns.flatMap(({ toolCalls }) => toolCalls ?? []).filter((call) => isFunction(call) && !answered.has(call.id));
}

/** False for the calls of tools that Mistral runs itself. */
export function isFunction({ type }: sdk.ToolCall): boolean {
  return type === undefined || type === "function";
}

function readToolCall(call: sdk.ToolCall): RawToolCall<MistralTypes> {
  return { id: readId(call), name: call.function.name, input: call.function.arguments, native: call };
}

/** The text of a content, thoughts and references left out. */
export function textOfContent(content: Content): string {
  if (!Array.isArray(content)) return content ?? "";
  let text = "";
  for (const chunk of content) if (chunk.type === "text") text += chunk.text;
  return text;
}

/** The thoughts in a content, each with its signature if it has one. */
export function thoughtsOf(content: Content): ThinkingPart[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((chunk) => {
    if (chunk.type !== "thinking") return [];
    const text = chunk.thinking.map((piece) => ("text" in piece ? piece.text : "")).join("");
    return { type: "thinking", text, ...(chunk.signature && { signature: chunk.signature }) };
  });
}

// What the API sends beyond the SDK's type passes it as it is, in snake case; some figures have had several places:
// https://github.com/mistralai/client-ts/blob/main/src/models/components/usageinfodollardefs.ts
interface UsageDetails {
  readonly prompt_tokens_details?: PromptDetails | null;
  readonly prompt_token_details?: PromptDetails | null;
  readonly num_cached_tokens?: number | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
}

interface PromptDetails {
  readonly cached_tokens?: number | null;
  readonly audio_tokens?: number | null;
}

/** Cached tokens are part of the prompt's, reasoning of the answer's. */
export function readTokens(usage: MistralTypes["Usage"] | null | undefined): Tokens {
  if (!usage) return { input: undefined, output: undefined };
  const { promptTokens = 0, completionTokens = 0, totalTokens = 0 } = usage;
  const details = usage as UsageDetails;
  const prompt = details.prompt_tokens_details ?? details.prompt_token_details;
  return tokensFrom({
    // The SDK writes 0 where the API said nothing. No prompt has none, and of an empty answer the total tells.
    input: promptTokens || undefined,
    output: completionTokens || (totalTokens > 0 && totalTokens === promptTokens ? 0 : undefined),
    cacheRead: prompt?.cached_tokens ?? details.num_cached_tokens,
    inputAudio: prompt?.audio_tokens,
    reasoning: details.completion_tokens_details?.reasoning_tokens,
  });
}

/** The answer as it is sent back: what it holds, byte for byte, but for nulls. */
export function toAssistantMessage({ choices }: MistralTypes["Response"]): MistralTypes["AssistantMessage"] {
  const { content, toolCalls, prefix } = choices[0]?.message ?? merge(turnsOf(choices[0]));
  return {
    role: "assistant",
    content: content ?? "",
    ...(toolCalls && toolCalls.length > 0 && { toolCalls }),
    ...(prefix !== undefined && { prefix }),
  };
}

/** Several turns as the one the caller can go on from: what Mistral's own tools did in between stays out. */
function merge(turns: readonly Turn[]): sdk.AssistantMessage {
  const said = turns.filter((turn) => !isToolTurn(turn));
  const content = said.flatMap(({ content }) => (typeof content === "string" ? textChunk(content) : (content ?? [])));
  return { role: "assistant", content, toolCalls: [...clientCalls(turns)] };
}

function textChunk(text: string): sdk.ContentChunk[] {
  return text === "" ? [] : [{ type: "text", text }];
}
