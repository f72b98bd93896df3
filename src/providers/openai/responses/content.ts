import type OpenAI from "openai";
import { unsupportedPart, unsupportedType } from "../../../contract/unsupported-part.ts";
import { toDataUrl } from "../../../message/data-url.ts";
import type { Part } from "../../../message/parts.ts";

type Content = OpenAI.Responses.ResponseInputContent;

/** The provider's name, in errors and on responses. */
export const providerName = "openai-responses";

/** The parts of a user's or a system message as this API has them. Throws `UnsupportedError` for what it cannot take. */
export function toContent(role: "user" | "system", parts: readonly Part[]): Content[] {
  const content: Content[] = [];
  for (const part of parts) {
    if (part.type === "cache_control") markCached(content, part.ttl);
    else if (role === "system" && part.type !== "text") throw unsupported(part.type, "a system message");
    else content.push(toInput(part));
  }
  return content;
}

// https://developers.openai.com/api/docs/guides/prompt-caching: the mark stands on the part it ends with.
function markCached(content: Content[], ttl: string | undefined): void {
  const last = content.pop();
  if (last === undefined) throw unsupported("cache_control", "the first place of a message");
  // The API keeps a prefix for 30 minutes or 12 hours, which are not the lifetimes a neutral mark can name.
  if (ttl !== undefined) throw unsupported(`cache_control ttl ${ttl}`, "a message");
  content.push({ ...last, prompt_cache_breakpoint: { mode: "explicit" } });
}

function toInput(part: Part): Content {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return { type: "input_image", image_url: part.url ?? toImage(part), detail: part.detail ?? "auto" };
    case "document":
      // An address stands alone: the name is for a file's bytes.
      return part.url === undefined ? toFile(part) : { type: "input_file", file_url: part.url };
    default:
      throw unsupported(part.type, "a message");
  }
}

interface Bytes {
  readonly data: string;
  readonly mediaType: string;
}

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];

function toImage({ data, mediaType }: Bytes): string {
  if (!imageTypes.includes(mediaType)) throw unsupportedType(providerName, "image", mediaType, imageTypes);
  return toDataUrl({ data, mediaType });
}

// The endings are for files without a name. https://developers.openai.com/api/docs/guides/file-inputs
const fileTypes: ReadonlyMap<string, string> = new Map([
  ["application/pdf", "pdf"],
  ["text/plain", "txt"],
  ["text/markdown", "md"],
  ["text/html", "html"],
  ["text/csv", "csv"],
  ["text/xml", "xml"],
  ["application/json", "json"],
  ["application/rtf", "rtf"],
  ["application/msword", "doc"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"],
  ["application/vnd.oasis.opendocument.text", "odt"],
  ["application/vnd.ms-powerpoint", "ppt"],
  ["application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"],
  ["application/vnd.ms-excel", "xls"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"],
]);

function toFile({ data, mediaType, name }: Bytes & { readonly name?: string }): Content {
  const ending = fileTypes.get(mediaType);
  if (ending === undefined) throw unsupportedType(providerName, "document", mediaType, [...fileTypes.keys()]);
  return { type: "input_file", filename: name ?? `document.${ending}`, file_data: toDataUrl({ data, mediaType }) };
}

/** The error for a part that has no place here; it names what a user message takes. */
export function unsupported(kind: string, where: string): Error {
  return unsupportedPart(providerName, kind, where, "a user message takes text, image, document, cache_control");
}
