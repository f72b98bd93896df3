import type { AudioBlock, DocumentBlock, ImageBlock } from "@aws-sdk/client-bedrock-runtime";
import { unsupportedType } from "../../contract/unsupported-part.ts";
import { UnsupportedError } from "../../errors/errors.ts";
import type { AudioPart, DocumentPart, ImagePart } from "../../message/parts.ts";

// The formats Converse names, by media type,
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html.
const imageFormats = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
} as const;

const audioFormats = {
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/mp3": "mp3",
  "audio/mpeg": "mp3",
  "audio/aac": "aac",
  "audio/ogg": "ogg",
  "audio/flac": "flac",
  "audio/mp4": "mp4",
  "audio/webm": "webm",
} as const;

const documentFormats = {
  "application/pdf": "pdf",
  "text/plain": "txt",
  "text/markdown": "md",
  "text/html": "html",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
} as const;

/** A picture as Converse takes it. Throws `UnsupportedError` for other formats and for addresses outside S3. */
export function toImage(part: ImagePart): ImageBlock {
  return toMedium(part, imageFormats);
}

/** Sound as Converse takes it; throws as `toImage` does. */
export function toAudio(part: AudioPart): AudioBlock {
  return toMedium(part, audioFormats);
}

/** A document as Converse takes it; throws as `toImage` does. */
export function toDocument(part: DocumentPart, name: Namer): DocumentBlock {
  return { ...toMedium(part, documentFormats), name: name(part.name) };
}

function toMedium<Format extends string>(
  part: ImagePart | AudioPart | DocumentPart,
  formats: Readonly<Record<string, Format>>,
): { format: Format; source: { bytes: Uint8Array } | { s3Location: { uri: string } } } {
  const { type, url, data, mediaType } = part;
  if (url !== undefined && !url.startsWith("s3://")) {
    throw refused(`${type} url`, `takes no address of ${named[type]} but one of S3: give its bytes`);
  }
  if (mediaType === undefined) {
    throw refused(`${type} url`, `must be told what ${named[type]} at an address is: give its mediaType`);
  }
  const format = Object.hasOwn(formats, mediaType) ? formats[mediaType] : undefined;
  if (format === undefined) throw unsupportedType("bedrock", type, mediaType, Object.keys(formats));
  return { format, source: data === undefined ? { s3Location: { uri: url } } : { bytes: toBytes(data) } };
}

const named = { image: "an image", audio: "audio", document: "a document" } as const;

function refused(feature: string, message: string): UnsupportedError {
  return new UnsupportedError("bedrock", feature, `bedrock ${message}.`);
}

/**
 * Raw bytes of what stands for them in JSON: base64 text, or what `JSON.stringify` makes of a `Uint8Array` or a
 * `Buffer`. Never a view of Node's shared pool, so that the bytes can be transferred.
 */
export function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return new Uint8Array(Buffer.from(value, "base64"));
  // As a prepared call has them in its JSON form.
  const { $bytes } = value as { $bytes?: unknown };
  if (typeof $bytes === "string") return new Uint8Array(Buffer.from($bytes, "base64"));
  const { data = Object.values(value as object) } = value as { data?: readonly number[] };
  return Uint8Array.from(data);
}

/** Gives each document of a request the name it is sent under. */
export type Namer = (wanted: string | undefined) => string;

/**
 * Names as the API takes them: letters, digits, single spaces, hyphens, round and square brackets, 200 at most, and no
 * name twice in one request ("Messages can't contain duplicate document names").
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
 */
export function createNamer(): Namer {
  const taken = new Set<string>();
  return (wanted = "") => {
    const name =
      wanted
        .slice(0, 180)
        .replace(/[^A-Za-z0-9()[\]-]+/g, " ")
        .trim() || "document";
    let unique = name;
    for (let count = 2; taken.has(unique); count++) unique = `${name} ${count}`;
    taken.add(unique);
    return unique;
  };
}
