import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { AudioReading, RawToolCall, Reading, StopReason } from "../contract/provider.ts";
import { withCalls } from "../contract/stop-reason.ts";
import { ResponseError } from "../errors/errors.ts";
import { toBase64 } from "../json/base64.ts";
import { type Tokens, tokensFrom } from "../money/tokens.ts";
import { providerName } from "./prompt.ts";
import type { AISDKTypes } from "./types.ts";

/** The common properties of an answer. Throws `ResponseError` for what is none. */
export function readResult(response: AISDKTypes["Response"]): Reading<AISDKTypes> {
  const { content, finishReason, usage, structuredOutputText } = response ?? {};
  if (!Array.isArray(content)) {
    throw new ResponseError(providerName, "The model of the AI SDK gave no answer: it has no content.", response);
  }
  const thinking = content.flatMap((part) =>
    part.type === "reasoning" && part.text !== "" ? [{ type: "thinking" as const, text: part.text }] : [],
  );
  const toolCalls = content.flatMap((part) =>
    part.type === "tool-call" && !part.providerExecuted ? [rawOf(part)] : [],
  );
  const text = content.reduce((all, part) => (part.type === "text" ? all + part.text : all), "");
  return {
    id: response.response?.id,
    model: response.response?.modelId,
    content: structuredOutputText ?? text,
    finishReasons: finishReason && [wordOf(finishReason)],
    stopReason: withCalls(finishReason && reasons[finishReason.unified], toolCalls),
    usage,
    tokens: tokensOf(usage),
    toolCalls,
    ...(thinking.length > 0 && { thinking }),
    audio: audioIn(content),
  };
}

function rawOf(native: AISDKTypes["ToolCall"]): RawToolCall<AISDKTypes> {
  return { id: native.toolCallId, name: native.toolName, input: native.input, native };
}

// What another version of the specification may add stands for nothing that is known here.
const reasons: Readonly<Record<string, StopReason>> = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  "tool-calls": "tool_calls",
  error: "error",
  interrupted: "error",
  other: "other",
} satisfies Readonly<Record<LanguageModelV4FinishReason["unified"], StopReason>>;

/** The model's own word for why it stopped, else the specification's. */
export function wordOf({ raw, unified }: LanguageModelV4FinishReason): string {
  return raw ?? unified;
}

/** Cached tokens are part of the input there, and reasoning of the output, as they are here. */
export function tokensOf(usage: LanguageModelV4Usage | undefined): Tokens {
  const { inputTokens, outputTokens } = usage ?? {};
  return tokensFrom({
    input: inputTokens?.total,
    output: outputTokens?.total,
    cacheRead: inputTokens?.cacheRead,
    cacheWrite: inputTokens?.cacheWrite,
    reasoning: outputTokens?.reasoning,
  });
}

type Content = AISDKTypes["Response"]["content"];

/** The first sound in an answer. Pictures and other files are in the response itself. */
function audioIn(content: Content): AudioReading | undefined {
  for (const part of content) {
    if (part.type !== "file" || !part.mediaType.startsWith("audio") || part.data.type !== "data") continue;
    const { data } = part.data;
    return { data: typeof data === "string" ? data : toBase64(data), transcript: undefined };
  }
  return undefined;
}
