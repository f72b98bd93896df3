import type { ContentBlock, ResourceContents } from "@modelcontextprotocol/client";
import type { MediaKind, ResultPart, TextPart } from "../message/parts.ts";

/**
 * A block of a server's content as parts. A server decides about text and bytes alone: an address of its own is text, never
 * one that a provider fetches, and bytes are never text.
 */
export function partsOfBlock(block: ContentBlock): ResultPart[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: block.text.toWellFormed() }];
    case "image":
    case "audio":
      return [{ type: block.type, data: block.data, mediaType: block.mimeType }];
    case "resource":
      return [partOfResource(block.resource)];
    case "resource_link": {
      const { uri, name, title, description, mimeType } = block;
      return [{ type: "text", text: JSON.stringify({ resource: { uri, name, title, description, mimeType } }) }];
    }
  }
}

/**
 * What a resource holds, as a part: its text, or a medium of the kind that its type says. What no model perceives (an
 * archive) is told of in a line.
 */
export function partOfResource(resource: ResourceContents & { text?: unknown; blob?: unknown }): ResultPart {
  if (typeof resource.text === "string") return { type: "text", text: resource.text.toWellFormed() };
  const { uri, mimeType: mediaType = "application/octet-stream" } = resource;
  const data = String(resource.blob ?? "");
  const kind = kindOf(mediaType);
  if (kind === undefined) return withoutMedium({ data, mediaType });
  if (kind !== "document") return { type: kind, data, mediaType };
  const name = lastName(uri);
  return { type: "document", data, mediaType, ...(name !== "" && { name }) };
}

/** A line that stands for a medium that is not sent. */
export function withoutMedium({ data, mediaType }: { readonly data: string; readonly mediaType: string }): TextPart {
  const bytes = Math.floor((data.length * 3) / 4);
  return { type: "text", text: `[Not shown: ${mediaType.slice(0, 100)}, about ${bytes} bytes.]` };
}

function kindOf(mediaType: string): MediaKind | undefined {
  if (mediaType.startsWith("image/")) return "image";
  if (mediaType.startsWith("audio/")) return "audio";
  return /^(?:application\/pdf$|text\/)/.test(mediaType) ? "document" : undefined;
}

function lastName(uri: string): string {
  const path = /^[^?#]*/.exec(uri)?.[0] ?? "";
  return path.slice(path.lastIndexOf("/") + 1).slice(0, 100);
}
