import type { LanguageModelV4Content, LanguageModelV4GenerateResult, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { ProviderTypes } from "../contract/provider.ts";
import { aiSdkReasons } from "../dialects/ai-sdk-reasons.ts";
import { toBase64 } from "../json/base64.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import { sniff } from "../message/sniff.ts";
import type { CallResponse } from "../read/response.ts";
import { shownId } from "./call-id.ts";

type P = ProviderTypes;
type Metadata = NonNullable<LanguageModelV4GenerateResult["providerMetadata"]>;

/** What the parts of an answer say, so that its native form is found when they come back. */
export function turnMetadata(turn: string): Metadata {
  return { callscope: { turn } };
}

/** The content of an answer: thoughts, text, sound, calls. */
export function toContent(response: CallResponse<P>, turn: string): LanguageModelV4Content[] {
  const { reading, audio, toolCalls = [] } = response;
  const content = saidIn(response);
  const providerMetadata = turnMetadata(turn);
  return [
    ...(reading.thinking ?? []).map(({ text }) => ({ type: "reasoning" as const, text, providerMetadata })),
    ...(content === "" ? [] : [{ type: "text" as const, text: content, providerMetadata }]),
    ...(audio === undefined ? [] : [toFile(audio, turn)]),
    ...toolCalls.map((call, place) => ({
      type: "tool-call" as const,
      toolCallId: shownId(call.id, place, turn),
      toolName: call.name,
      input: argumentsOf(call.input),
      providerMetadata,
    })),
  ];
}

/** What the model said: where it declined, its words for that, which the AI SDK has no place of their own for. */
export function saidIn({ content, refusal }: CallResponse<P>): string {
  return content === "" ? (refusal ?? "") : content;
}

/** Sound as a file of the AI SDK. */
export function toFile(audio: Uint8Array, turn: string): Extract<LanguageModelV4Content, { type: "file" }> {
  const mediaType = sniff(audio)?.mediaType ?? "audio/pcm";
  return {
    type: "file",
    mediaType,
    data: { type: "data", data: toBase64(audio) },
    providerMetadata: turnMetadata(turn),
  };
}

/** Arguments as JSON text; a call without any has an empty object. */
export function argumentsOf(input: string | object): string {
  if (typeof input === "object") return JSON.stringify(input);
  return input.trim() === "" ? "{}" : input;
}

/** Why the model stopped. One that declined was not done. */
export function toFinish(response: CallResponse<P>): LanguageModelV4GenerateResult["finishReason"] {
  const { stopReason = "other", finishReasons, refusal } = response;
  return { unified: refusal === undefined ? aiSdkReasons[stopReason] : "content-filter", raw: finishReasons?.[0] };
}

/** Tokens with the meanings they have there; a figure that was not told stays untold. */
export function toUsage(response: CallResponse<P> | undefined): LanguageModelV4Usage {
  const { input, output, cacheRead, cacheWrite, reasoning } = response?.tokens ?? {};
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  const isSplit = cacheRead !== undefined || cacheWrite !== undefined;
  const raw = response?.usage === undefined ? undefined : plainOrLeftOut(response.usage);
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined || !isSplit ? undefined : input - cached,
      cacheRead,
      cacheWrite,
    },
    outputTokens: {
      total: output,
      text: output === undefined || reasoning === undefined ? undefined : output - reasoning,
      reasoning,
    },
    // A provider's usage is an object of figures.
    ...(raw !== undefined && { raw: raw as NonNullable<LanguageModelV4Usage["raw"]> }),
  };
}

/** What is told of the whole answer: who gave it, and what it cost in US dollars, attempts included. */
export function toMetadata(response: CallResponse<P>): Metadata {
  const { provider, model, total, attempts } = response;
  const cost = total.cost === undefined ? {} : { costUsd: total.cost };
  return { callscope: { provider, model, ...cost, attempts: attempts.length } };
}

/** The answer's id, model and time. */
export function toResponse({ id, model, startTime }: CallResponse<P>): {
  id?: string;
  modelId: string;
  timestamp: Date;
} {
  return { ...(id !== undefined && { id }), modelId: model, timestamp: new Date(startTime) };
}
