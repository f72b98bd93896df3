import type { ProviderTypes, RawToolCall, Reading, StopReason } from "../contract/provider.ts";
import { withCalls } from "../contract/stop-reason.ts";
import { ResponseError } from "../errors/errors.ts";
import type { ThinkingPart } from "../message/parts.ts";
import { outputWithReasoning, type Tokens, tokensFrom } from "../money/tokens.ts";

// What answers on the chat-completions wire have in common, as far as it is read here. Everything may be missing.

export interface ChatUsage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number; audio_tokens?: number } | null;
  completion_tokens_details?: { reasoning_tokens?: number; audio_tokens?: number } | null;
}

export interface ChatToolCall {
  id?: string | null;
  type?: string;
  index?: number;
  /** Some compatible services give the arguments as an object. */
  function?: { name?: string | null; arguments?: string | object | null };
  custom?: { name?: string; input?: string };
}

export interface ChatAnswer {
  role?: string | null;
  content?: string | readonly { type?: string; text?: string }[] | null;
  refusal?: string | null;
  /** Reasoning, as compatible services send it under one of two names. */
  reasoning?: string | null;
  reasoning_content?: string | null;
  tool_calls?: ChatToolCall[] | null;
  audio?: { id?: string; data?: string; transcript?: string; expires_at?: number } | null;
}

export interface ChatChoice {
  index?: number;
  finish_reason?: string | null;
  message?: ChatAnswer | null;
  delta?: ChatAnswer | null;
  logprobs?: object | null;
}

export interface ChatBody {
  id?: string | null;
  model?: string | null;
  created?: number | null;
  choices?: ChatChoice[] | null;
  usage?: ChatUsage | null;
  service_tier?: string | null;
}

const stopReasons: ReadonlyMap<string, StopReason> = new Map([
  ["stop", "stop"],
  ["eos", "stop"],
  ["length", "length"],
  ["tool_calls", "tool_calls"],
  ["function_call", "tool_calls"],
  ["content_filter", "content_filter"],
  ["error", "error"],
]);

/** The common properties of a chat completion. Throws `ResponseError` for a body that is none. */
export function readChat<P extends ProviderTypes>(provider: string, response: P["Response"]): Reading<P> {
  const body = response as ChatBody;
  const choices = body?.choices;
  const first = Array.isArray(choices) ? choices[0] : undefined;
  if (first === undefined || !choices) throw noAnswer(provider, body);
  const message = first.message ?? {};
  const { content, tool_calls: calls, refusal, audio } = message;
  // An answer says something or says why it ends. Azure sends filtered choices without a message.
  if (!first.finish_reason && (content ?? calls ?? refusal ?? audio) == null) throw noAnswer(provider, body);
  const reasons: P["FinishReason"][] = [];
  for (const { finish_reason } of choices) if (finish_reason) reasons.push(finish_reason);
  const reasoning = message.reasoning || message.reasoning_content;
  const toolCalls = calls ? calls.flatMap(readToolCall<P>) : [];
  const stop = first.finish_reason ? (stopReasons.get(first.finish_reason) ?? "other") : undefined;
  return new ChatReading<P>({
    id: body.id || undefined,
    model: body.model || undefined,
    content: typeof content === "string" ? content : contentText(content),
    finishReasons: reasons.length > 0 ? reasons : undefined,
    // An answer without calls crosses no file more for it.
    stopReason: toolCalls.length > 0 ? withCalls(stop, toolCalls) : stop,
    usage: (body.usage as P["Usage"] | null | undefined) ?? undefined,
    toolCalls,
    thinking: reasoning ? [{ type: "thinking", text: reasoning } satisfies ThinkingPart] : undefined,
    refusal: refusal || undefined,
    audio: audio ? { data: audio.data, transcript: audio.transcript } : undefined,
    serviceTier: body.service_tier ?? undefined,
  });
}

/** A reading whose tokens are counted for who asks for them. An accessor of its own would cost each call ten times as much. */
class ChatReading<P extends ProviderTypes> implements Reading<P> {
  declare readonly id: string | undefined;
  declare readonly model: string | undefined;
  declare readonly content: string;
  declare readonly finishReasons: Reading<P>["finishReasons"];
  declare readonly stopReason: StopReason | undefined;
  declare readonly usage: P["Usage"] | undefined;
  declare readonly toolCalls: readonly RawToolCall<P>[];
  declare readonly thinking: readonly ThinkingPart[] | undefined;
  declare readonly refusal: string | undefined;
  declare readonly audio: Reading<P>["audio"];
  declare readonly serviceTier: string | undefined;

  constructor(read: Omit<Reading<P>, "tokens">) {
    this.id = read.id;
    this.model = read.model;
    this.content = read.content;
    this.finishReasons = read.finishReasons;
    this.stopReason = read.stopReason;
    this.usage = read.usage;
    this.toolCalls = read.toolCalls;
    this.thinking = read.thinking;
    this.refusal = read.refusal;
    this.audio = read.audio;
    this.serviceTier = read.serviceTier;
  }

  get tokens(): Tokens {
    return chatTokens(this.usage as ChatUsage | undefined);
  }
}

function noAnswer(provider: string, body: unknown): ResponseError {
  // Azure's content filter and some compatible services give errors under a 200.
  const error = typeof body === "object" ? (body as { error?: unknown } | null)?.error : undefined;
  const kind = error ? "an error" : typeof body === "string" ? "text" : body == null ? "nothing" : "no answer in it";
  const message = `${provider} answered with ${kind}, not with a chat completion.`;
  return new ResponseError(provider, message, body, error ? { cause: error } : {});
}

/** The text of a content that some compatible services send in parts. */
export function contentText(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: unknown } | null) => (typeof part?.text === "string" ? part.text : "")).join("");
}

function readToolCall<P extends ProviderTypes>(call: ChatToolCall): RawToolCall<P>[] {
  const { id, function: fn, custom } = call;
  // Provider-run tools have neither: they are no calls of ours.
  if (!fn && !custom) return [];
  const input = fn ? (fn.arguments ?? "") : (custom?.input ?? "");
  return [{ id: id ?? "", name: fn?.name ?? custom?.name ?? "", input, native: call as P["ToolCall"] }];
}

/** https://platform.openai.com/docs/api-reference/chat/object: cached tokens are part of the prompt's, reasoning of the answer's. */
export function chatTokens(usage: ChatUsage | null | undefined): Tokens {
  const { prompt_tokens_details: prompt, completion_tokens_details: completion } = usage ?? {};
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage ?? {};
  const reasoning = completion?.reasoning_tokens;
  // No prompt is nothing: zeros are what a proxy in between writes that was not told.
  if (input === 0) return tokensFrom({ output: output === 0 ? undefined : output });
  return tokensFrom({
    input,
    output: outputWithReasoning(input, output, total, reasoning),
    cacheRead: prompt?.cached_tokens,
    cacheWrite: prompt?.cache_write_tokens,
    inputAudio: prompt?.audio_tokens,
    reasoning,
    outputAudio: completion?.audio_tokens,
  });
}

/** The answer as it is sent back: nulls and what only a response has are left out, sound is named by its id. */
export function chatMessageParam<P extends ProviderTypes>(response: P["Response"]): P["AssistantMessage"] {
  const message = (response as ChatBody).choices?.[0]?.message ?? {};
  const param: Record<string, unknown> = { role: "assistant", content: message.content ?? null };
  for (const [key, value] of Object.entries(message)) {
    if (value !== null && value !== undefined && key !== "annotations") param[key] = value;
  }
  // The place in a stream, which some services write into whole answers too.
  if (message.tool_calls) param.tool_calls = message.tool_calls.map(({ index: _, ...call }) => withText(call));
  if (message.audio) param.audio = { id: message.audio.id };
  if (message.content == null && !message.tool_calls && !message.audio) param.content = "";
  return param as P["AssistantMessage"];
}

/** The call with its arguments as the text that the wire has: an object is what only some compatible services give. */
function withText(call: ChatToolCall): ChatToolCall {
  const { function: fn } = call;
  if (typeof fn?.arguments !== "object" || fn.arguments === null) return call;
  return { ...call, function: { ...fn, arguments: JSON.stringify(fn.arguments) } };
}
