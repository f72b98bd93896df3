import type {
  Candidate,
  Content,
  GenerateContentResponse,
  Part as GooglePart,
  ModalityTokenCount,
} from "@google/genai";
import { changed, type Note } from "../contract/changes.ts";
import type { AudioReading, RawToolCall, Reading, StopReason } from "../contract/provider.ts";
import { withCalls } from "../contract/stop-reason.ts";
import { ResponseError } from "../errors/errors.ts";
import { joinBase64 } from "../json/base64.ts";
import type { ThinkingPart } from "../message/parts.ts";
import { sumOf, type Tokens, tokensFrom } from "../money/tokens.ts";
import { assembleArguments } from "./gemini-arguments.ts";
import type { GenAITypes } from "./gemini-types.ts";

const filtered = [
  "SAFETY",
  "RECITATION",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "MODEL_ARMOR",
  "ESCALATION",
];
const failed = [
  "MALFORMED_FUNCTION_CALL",
  "MALFORMED_RESPONSE",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MISSING_THOUGHT_SIGNATURE",
];

// https://ai.google.dev/api/generate-content#FinishReason
const stopReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["CONTINUATION", "length"],
  ...filtered.map((reason) => [reason, "content_filter"] as const),
  ...failed.map((reason) => [reason, "error"] as const),
]);

// Under `enum-encoding=int` (recorded of other clients of Vertex AI) enums come as numbers: google.cloud.aiplatform.v1.
const numbered = {
  finishReason: [
    "",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "MODEL_ARMOR",
  ],
  trafficType: ["", "ON_DEMAND", "PROVISIONED_THROUGHPUT"],
  modality: ["", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT"],
} as const;

function nameOf(field: keyof typeof numbered, value: unknown): string | undefined {
  return typeof value === "number" ? numbered[field][value] : typeof value === "string" ? value : undefined;
}

/** The common properties of an answer. Throws `ResponseError` for a body that is none. */
export function readGemini<P extends GenAITypes>(provider: string, response: P["Response"]): Reading<P> {
  const candidates = checkAnswer(provider, response);
  const parts = partsOf(candidates[0]?.content);
  const reasons = finishReasonsOf<P>(candidates);
  const toolCalls = parts.flatMap(readCall<P>);
  const thoughts = parts.flatMap(readThought);
  const usage = response.usageMetadata ?? undefined;
  return {
    id: response.responseId || undefined,
    model: response.modelVersion || undefined,
    content: textIn(parts),
    finishReasons: reasons,
    stopReason: reasons ? stopReasonOf(reasons[0], toolCalls) : blocked(response),
    usage,
    tokens: geminiTokens(usage),
    toolCalls,
    thinking: thoughts.length > 0 ? thoughts : undefined,
    audio: readAudio(parts),
    serviceTier: tierOf(usage),
  };
}

/**
 * An answer says something, says why it ends, or says that the prompt was blocked. A draft, and only a draft, has the
 * key of what is still to come: `undefined` is no value of JSON.
 */
function checkAnswer(provider: string, response: GenerateContentResponse): Candidate[] {
  const body: Partial<GenerateContentResponse> = typeof response === "object" && response !== null ? response : {};
  const { candidates, promptFeedback } = body;
  const first = Array.isArray(candidates) ? candidates[0] : undefined;
  if (first) {
    const isDraft = Object.hasOwn(first, "finishReason") && first.finishReason === undefined;
    if (first.finishReason || isDraft || partsOf(first.content).length > 0) return candidates as Candidate[];
  } else if (promptFeedback?.blockReason || (Object.hasOwn(body, "candidates") && candidates === undefined)) return [];
  throw new ResponseError(provider, `${provider} answered with a body that does not hold a model's answer.`, response);
}

/** The parts of an answer; a candidate can lack its content, and a content its parts. */
export function partsOf(content: Content | undefined): GooglePart[] {
  return Array.isArray(content?.parts) ? content.parts : [];
}

/** What the parts say, thoughts left out. */
export function textIn(parts: readonly GooglePart[]): string {
  let text = "";
  for (const part of parts) if (!part.thought) text += part.text ?? "";
  return text;
}

/** What the model thought in these parts, or `undefined`. */
export function thoughtIn(parts: readonly GooglePart[]): string | undefined {
  const thoughts = parts.flatMap(readThought);
  return thoughts.length > 0 ? thoughts.map(({ text }) => text).join("") : undefined;
}

function readThought({ thought, text, thoughtSignature: signature }: GooglePart): ThinkingPart[] {
  if (!thought || text === undefined) return [];
  return [{ type: "thinking", text, ...(signature !== undefined && { signature }) }];
}

// Only `functionCall` is a call of ours: `toolCall` and `executableCode` are run by Google.
function readCall<P extends GenAITypes>({ functionCall: call }: GooglePart): RawToolCall<P>[] {
  if (!call) return [];
  const input = call.args ?? assembleArguments(call.partialArgs ?? []);
  return [{ id: call.id ?? "", name: call.name ?? "", input, native: call }];
}

/** The sound among the parts: raw PCM in most cases, https://ai.google.dev/gemini-api/docs/speech-generation. */
export function readAudio(parts: readonly GooglePart[]): AudioReading | undefined {
  const pieces = parts.flatMap(({ inlineData }) =>
    inlineData?.mimeType?.startsWith("audio/") && inlineData.data ? [inlineData.data] : [],
  );
  const transcripts = parts.flatMap(({ audioTranscription }) => audioTranscription?.text ?? []);
  if (pieces.length === 0 && transcripts.length === 0) return undefined;
  let data = pieces.length > 1 ? undefined : pieces[0];
  return {
    // Joined when it is looked at: reading what else an answer says must not cost all of its sound.
    get data() {
      if (data === undefined && pieces.length > 1) {
        data = joinBase64(pieces);
      }
      return data;
    },
    transcript: transcripts.length > 0 ? transcripts.join("") : undefined,
  };
}

/** Each candidate's reason in the provider's own words, or `undefined` where none has one. */
export function finishReasonsOf<P extends GenAITypes>(
  candidates: readonly Candidate[],
): P["FinishReason"][] | undefined {
  const reasons = candidates.flatMap(({ finishReason }) => finishReason || []);
  return reasons.length > 0 ? reasons : undefined;
}

/** What a finish reason of Google's means in common words; `undefined` for one that is none. */
export function readGeminiReason(reason: unknown): StopReason | undefined {
  return stopReasons.get(nameOf("finishReason", reason) ?? "");
}

// STOP is also said of an answer that ends in tool calls.
function stopReasonOf(reason: unknown, toolCalls: readonly unknown[]): StopReason | undefined {
  return withCalls(readGeminiReason(reason) ?? "other", toolCalls);
}

function blocked({ promptFeedback }: GenerateContentResponse): StopReason | undefined {
  return promptFeedback?.blockReason ? "content_filter" : undefined;
}

/** The usage object, with what a service sends beyond the SDK's type. */
type Usage = NonNullable<GenerateContentResponse["usageMetadata"]> & { serviceTier?: string };

/**
 * https://ai.google.dev/api/generate-content#UsageMetadata: the prompt's count includes what came from the cache, and not
 * what server-side tools fed in; the candidates' count leaves thoughts out. A count of 0 is left out of the JSON.
 */
export function geminiTokens(usage: Usage | null | undefined): Tokens {
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount, toolUsePromptTokenCount } =
    usage ?? {};
  // No prompt is nothing: zeros are what a proxy in between writes that was not told.
  if (!(promptTokenCount || totalTokenCount || candidatesTokenCount || thoughtsTokenCount)) return tokensFrom({});
  const isTold = candidatesTokenCount != null || thoughtsTokenCount != null;
  const input = promptTokenCount === 0 ? undefined : sumOf(promptTokenCount, toolUsePromptTokenCount);
  const rest = totalTokenCount == null || input === undefined ? undefined : totalTokenCount - input;
  return tokensFrom({
    input,
    output: isTold ? sumOf(candidatesTokenCount ?? 0, thoughtsTokenCount) : rest,
    cacheRead: usage?.cachedContentTokenCount,
    reasoning: thoughtsTokenCount,
    inputAudio: audioIn(usage?.promptTokensDetails, usage?.toolUsePromptTokensDetails),
    outputAudio: audioIn(usage?.candidatesTokensDetails),
    cacheAudioRead: audioIn(usage?.cacheTokensDetails),
  });
}

function audioIn(...lists: readonly (ModalityTokenCount[] | undefined)[]): number | undefined {
  const sound = lists.flatMap((list) => list ?? []).filter(({ modality }) => nameOf("modality", modality) === "AUDIO");
  return sound.length === 0 ? undefined : sumOf(0, ...sound.map(({ tokenCount }) => tokenCount));
}

// The Gemini API names its service tier, Vertex AI its traffic type; both have prices of their own for other traffic.
function tierOf(usage: Usage | undefined): string | undefined {
  const tier = usage?.serviceTier ?? nameOf("trafficType", usage?.trafficType);
  return tier && !tier.toUpperCase().endsWith("UNSPECIFIED") ? tier : undefined;
}

/** The model's turn as it is sent back: with its signatures, server-side calls and all. */
export function geminiMessageParam<P extends GenAITypes>(response: P["Response"]): Content {
  const content = response.candidates?.[0]?.content;
  if (content?.role && Array.isArray(content.parts)) return content;
  return { ...content, role: content?.role || "model", parts: partsOf(content) };
}

/**
 * A model's turn as the API takes it back: without parts that hold nothing. `undefined` for one that says nothing. A part
 * of an empty text with a signature is no empty part: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function mendGeminiTurn(content: Content, note: Note): Content | undefined {
  const { role, parts } = content;
  if (role !== "model") return content;
  if (!Array.isArray(parts) || !parts.some(speaks)) {
    note(changed.silent);
    return undefined;
  }
  const kept = parts.filter((part) => !isNothing(part));
  if (kept.length === parts.length) return content;
  note(changed.blank);
  return { ...content, parts: kept };
}

function speaks(part: GooglePart): boolean {
  const { text, thought: _, thoughtSignature: __, ...rest } = part ?? {};
  return !!text || Object.values(rest).some((value) => value !== undefined && value !== null);
}

function isNothing(part: GooglePart): boolean {
  return !part?.thoughtSignature && !speaks(part);
}
