import type { ContentBlock } from "@modelcontextprotocol/server";
import type { ResultContent, ResultPart } from "../message/parts.ts";

/** What a tool of ours gave, as blocks of the protocol. */
export function blocksOf(content: ResultContent): ContentBlock[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map(blockOf);
}

/** A part as a block: a document is a resource with its bytes in it, what lies at an address is a link to it. */
export function blockOf(part: ResultPart): ContentBlock {
  if (part.type === "text") return { type: "text", text: part.text };
  if (part.type === "file") throw new TypeError("A file is read before it is sent.");
  const name = "name" in part && part.name !== undefined ? part.name : part.type;
  if (part.url !== undefined) {
    const { url: uri, mediaType } = part;
    return { type: "resource_link", uri, name, ...(mediaType !== undefined && { mimeType: mediaType }) };
  }
  const { data, mediaType: mimeType } = part;
  if (part.type !== "document") return { type: part.type, data, mimeType };
  // The protocol wants an address; this one names the document and leads nowhere.
  return { type: "resource", resource: { uri: `document:${encodeURIComponent(name)}`, mimeType, blob: data } };
}
