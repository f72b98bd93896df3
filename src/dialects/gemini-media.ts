import type { Part as GooglePart } from "@google/genai";
import { unsupportedType } from "../contract/unsupported-part.ts";
import { UnsupportedError } from "../errors/errors.ts";
import type { AudioPart, DocumentPart, ImagePart, Part } from "../message/parts.ts";
import type { GeminiSupport } from "./gemini-types.ts";

/** The media types the API documents; those after the first six of `audio` are other names of the same formats. */
const mediaTypes = {
  // https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats
  image: ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"],
  // https://ai.google.dev/gemini-api/docs/audio#supported-formats
  audio: [
    "audio/wav",
    "audio/mp3",
    "audio/aiff",
    "audio/aac",
    "audio/ogg",
    "audio/flac",
    "audio/mpeg",
    "audio/x-wav",
    "audio/x-aiff",
    "audio/x-flac",
  ],
  // https://ai.google.dev/gemini-api/docs/document-processing; the text formats are read as text
  document: ["application/pdf", "text/plain", "text/markdown", "text/html", "text/csv", "text/xml"],
} as const;

const typeOfExtension: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["wav", "audio/wav"],
  ["mp3", "audio/mp3"],
  ["aiff", "audio/aiff"],
  ["aac", "audio/aac"],
  ["ogg", "audio/ogg"],
  ["flac", "audio/flac"],
  ["pdf", "application/pdf"],
]);

/** A medium as the API has it: bytes inline, an address to be fetched by Google. Throws `UnsupportedError`. */
export function toMediaPart(part: ImagePart | AudioPart | DocumentPart, support: GeminiSupport): GooglePart {
  if (part.url !== undefined) return { fileData: toFileData(part.url, part, support) };
  checkType(part.type, part.mediaType, support);
  return { inlineData: { mimeType: part.mediaType, data: part.data } };
}

function toFileData(
  fileUri: string,
  { type, mediaType }: ImagePart | AudioPart | DocumentPart,
  support: GeminiSupport,
): { fileUri: string; mimeType?: string } {
  const { provider, readsBuckets, needsMediaType } = support;
  if (!readsBuckets && fileUri.startsWith("gs:")) {
    throw new UnsupportedError(
      provider,
      `${type} url`,
      `${provider} takes no gs:// address: give an http(s) address, the uri of an uploaded file, or the bytes.`,
    );
  }
  if (mediaType !== undefined) checkType(type, mediaType, support);
  const mimeType = mediaType ?? guessType(fileUri) ?? (type === "document" ? "application/pdf" : undefined);
  if (mimeType !== undefined) return { fileUri, mimeType };
  if (!needsMediaType) return { fileUri };
  throw new UnsupportedError(
    provider,
    `${type} url`,
    `${provider} takes an address only with its media type, and this one does not show it: write the part as { type: "${type}", url, mediaType }, or give the bytes.`,
  );
}

function guessType(url: string): string | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return typeOfExtension.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

function checkType(type: keyof typeof mediaTypes, mediaType: string, { provider }: GeminiSupport): void {
  const accepted: readonly string[] = mediaTypes[type];
  if (accepted.includes(mediaType)) return;
  throw unsupportedType(provider, type, mediaType, accepted);
}

/** A picture in one tile, a page of a document: https://ai.google.dev/gemini-api/docs/tokens#multimodal-tokens */
export function geminiMediaTokens({ type }: Part): number | undefined {
  return type === "image" || type === "document" ? 258 : undefined;
}
