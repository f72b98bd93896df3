import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import { unsupportedPart, unsupportedType } from "../../contract/unsupported-part.ts";
import { UnsupportedError } from "../../errors/errors.ts";
import { toDataUrl } from "../../message/data-url.ts";
import type { Part } from "../../message/parts.ts";

/** The parts of a user's message as the API has them. Throws `UnsupportedError` for what it cannot take. */
export function toChunks(content: readonly Part[]): sdk.ContentChunk[] {
  return content.map(toChunk);
}

type Medium = Extract<Part, { type: "image" | "audio" | "document" }>;

const pdf = "application/pdf";
const office = "application/vnd.openxmlformats-officedocument";

/** https://docs.mistral.ai/capabilities/vision, …/audio and …/document_ai/document_qna */
const mediaTypes: { readonly [Kind in Medium["type"]]: readonly string[] } = {
  image: ["image/jpeg", "image/png", "image/gif", "image/webp"],
  audio: ["audio/wav", "audio/x-wav", "audio/mp3", "audio/mpeg", "audio/flac", "audio/ogg"],
  document: [pdf, `${office}.wordprocessingml.document`, `${office}.presentationml.presentation`],
};

function toChunk(part: Part): sdk.ContentChunk {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return { type: "image_url", imageUrl: { url: addressOf(part), detail: part.detail ?? "auto" } };
    case "audio":
      // The bytes go bare, without the head of a data URL: https://docs.mistral.ai/capabilities/audio
      return { type: "input_audio", inputAudio: part.data === undefined ? addressOf(part) : bytesOf(part) };
    case "document": {
      const name = part.name === undefined ? {} : { documentName: part.name };
      return { type: "document_url", documentUrl: addressOf(part), ...name };
    }
    case "cache_control":
      throw unsupportedPart(
        "mistral",
        part.type,
        "a user message",
        "it caches by itself what calls of one `promptCacheKey` (callParams) begin with",
      );
    default:
      throw unsupportedPart("mistral", part.type, "a user message", "it takes text, image, audio, document");
  }
}

function addressOf(part: Medium): string {
  const { type, url } = part;
  if (url === undefined) return toDataUrl({ data: bytesOf(part), mediaType: part.mediaType });
  if (/^(?:https?|data):/i.test(url)) return url;
  const message = `mistral reads ${type} parts from http(s) addresses only: give the bytes.`;
  throw new UnsupportedError("mistral", `${type} url`, message);
}

function bytesOf({ type, data, mediaType = "" }: Medium): string {
  if (data !== undefined && mediaTypes[type].includes(mediaType)) return data;
  throw unsupportedType("mistral", type, mediaType, mediaTypes[type]);
}
