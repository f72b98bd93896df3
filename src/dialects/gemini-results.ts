import type { FunctionResponsePart, Part as GooglePart } from "@google/genai";
import { changed, type Note } from "../contract/changes.ts";
import { unsupportedPart, unsupportedType } from "../contract/unsupported-part.ts";
import { joinTexts } from "../message/message.ts";
import type { ResultContent, ResultPart } from "../message/parts.ts";
import { toMediaPart } from "./gemini-media.ts";
import type { GeminiSupport } from "./gemini-types.ts";

/**
 * The kinds of medium a tool's result holds here, with the types that are documented for it. Models before Gemini 3 refuse
 * them: https://ai.google.dev/gemini-api/docs/function-calling#multimodal
 */
const resultTypes = {
  image: ["image/png", "image/jpeg", "image/webp"],
  document: ["application/pdf", "text/plain"],
} as const;

export const resultMedia = ["image", "document"] as const satisfies (keyof typeof resultTypes)[];

// Most calls have no id; then the API pairs calls and results by name and order.
export function named({ id, name }: { readonly id: string; readonly name: string }): { id?: string; name: string } {
  return id === "" ? { name } : { id, name };
}

/**
 * A tool's result: its texts as the output (or the error), its media as parts beside it. The keys the API knows:
 * https://ai.google.dev/api/caching#FunctionResponse
 */
export function toResult(
  call: { readonly id: string; readonly name: string },
  content: ResultContent,
  isError: boolean,
  support: GeminiSupport,
  note?: Note,
): GooglePart {
  const output = joinTexts(content, () => note?.(changed.joined));
  const response = isError ? { error: output } : { output };
  const media = typeof content === "string" ? [] : content.filter(({ type }) => type !== "text");
  const parts = media.map((part) => toResponsePart(part, support));
  return { functionResponse: { ...named(call), response, ...(parts.length > 0 && { parts }) } };
}

function toResponsePart(part: ResultPart, support: GeminiSupport): FunctionResponsePart {
  const { provider } = support;
  if (part.type !== "image" && part.type !== "document")
    throw unsupportedPart(provider, part.type, "a tool's result", `it takes text, ${resultMedia.join(", ")} there`);
  const accepted: readonly string[] = resultTypes[part.type];
  const { inlineData, fileData } = toMediaPart(part, support);
  const mimeType = inlineData?.mimeType ?? fileData?.mimeType;
  if (mimeType !== undefined && !accepted.includes(mimeType))
    throw unsupportedType(provider, `${part.type} result`, mimeType, accepted);
  return { ...(inlineData && { inlineData }), ...(fileData && { fileData }) };
}
