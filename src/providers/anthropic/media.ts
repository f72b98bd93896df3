import type Anthropic from "@anthropic-ai/sdk";
import { UnsupportedError } from "../../errors.ts";
import type { DocumentPart, ImagePart } from "../../message.ts";

type MediaBlock = Anthropic.ImageBlockParam | Anthropic.DocumentBlockParam;

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const documentTypes = ["application/pdf", "text/plain"];

/**
 * A picture or document as a block of this API: base64, or the address, which the API fetches itself. Throws
 * `UnsupportedError` for other media types and addresses. https://platform.claude.com/docs/en/build-with-claude/vision,
 * https://platform.claude.com/docs/en/build-with-claude/pdf-support
 */
export function toMediaBlock(part: ImagePart | DocumentPart): MediaBlock {
  const source = part.url === undefined ? bytes(part) : address(part.type, part.url);
  const title = part.type === "document" && part.name !== undefined ? { title: part.name } : {};
  // The source's media type was checked against the lists above.
  return { type: part.type, source, ...title } as MediaBlock;
}

function address(kind: string, url: string): object {
  if (/^https?:/i.test(url)) return { type: "url", url };
  throw new UnsupportedError(
    "anthropic",
    `${kind} url`,
    `anthropic takes ${kind} addresses that begin with http: or https:, not ${url.slice(0, url.indexOf(":") + 1)}; give its bytes.`,
  );
}

function bytes({ type, data, mediaType }: { type: string; data: string; mediaType: string }): object {
  const types = type === "image" ? imageTypes : documentTypes;
  if (!types.includes(mediaType)) {
    throw new UnsupportedError(
      "anthropic",
      mediaType,
      `anthropic takes ${type} parts of the types ${types.join(", ")}; this one is ${mediaType}.`,
    );
  }
  // Plain text is sent as it reads, not in base64.
  if (mediaType === "text/plain") {
    return { type: "text", media_type: mediaType, data: Buffer.from(data, "base64").toString() };
  }
  return { type: "base64", media_type: mediaType, data };
}
