import type Anthropic from "@anthropic-ai/sdk";
import { unsupportedPart, unsupportedType } from "../../contract/unsupported-part.ts";
import { UnsupportedError } from "../../errors/errors.ts";
import { mendInput } from "../../json/arguments.ts";
import { fromBase64 } from "../../json/base64.ts";
import type { DocumentPart, ImagePart, Message, Part, ResultContent, Role } from "../../message/parts.ts";

type Block = Anthropic.ContentBlockParam;

const accepted: { readonly [R in Role]: readonly Part["type"][] } = {
  system: ["text", "cache_control"],
  user: ["text", "image", "document", "cache_control"],
  // A thought belongs to the provider that had it: ours come back in native form, others are neither read nor checked.
  assistant: ["text", "thinking", "tool_call", "cache_control"],
  tool: ["tool_result", "cache_control"],
};

/** A message's content as blocks of this API. Throws `UnsupportedError` for parts its role cannot have here. */
export function toBlocks(content: Message["content"], role: Role): Block[] {
  const parts: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const blocks: Block[] = [];
  for (const part of parts) {
    if (!accepted[role].includes(part.type)) throw unsupported(part.type, role);
    if (part.type === "cache_control") blocks.push(cached(blocks.pop(), part.ttl, role));
    // "text content blocks must contain non-whitespace text": other models write blank lines before they call a tool.
    else if (part.type !== "thinking" && !isBlank(part)) blocks.push(toBlock(part, role));
  }
  return blocks;
}

function isBlank(part: Part): boolean {
  return part.type === "text" && part.text.trim() === "";
}

// https://platform.claude.com/docs/en/build-with-claude/prompt-caching: the mark stands on the block it ends with.
function cached(block: Block | undefined, ttl: "5m" | "1h" | undefined, role: Role): Block {
  if (block === undefined) throw unsupported("cache_control", role, "the first place of ");
  return { ...block, cache_control: { type: "ephemeral", ...(ttl !== undefined && { ttl }) } } as Block;
}

function toBlock(part: Part, role: Role): Block {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
    case "document":
      return toMediaBlock(part);
    case "tool_call":
      return { type: "tool_use", id: part.id, name: part.name, input: mendInput(part.arguments) };
    case "tool_result":
      return toResultBlock(part.id, part.content, part.isError);
    default:
      throw unsupported(part.type, role);
  }
}

function unsupported(kind: string, role: Role, place = ""): UnsupportedError {
  const where = `${place}a message of the role ${role}`;
  return unsupportedPart("anthropic", kind, where, `it takes ${accepted[role].join(", ")}`);
}

/** The kinds of medium a tool's result holds here: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview */
export const resultMedia = ["image", "document"] as const;

type Result = Anthropic.ToolResultBlockParam;

/** The result of a tool call. Throws `UnsupportedError` for media in one that is an error. */
export function toResultBlock(id: string, content: ResultContent, isError: boolean | undefined): Result {
  const mark = isError ? { is_error: true } : {};
  if (typeof content === "string") return { type: "tool_result", tool_use_id: id, content, ...mark };
  const blocks = content.flatMap((part) => {
    // "all content must be type `text` if `is_error` is true", https://github.com/vellum-ai/vellum-assistant/pull/18387
    if (isError && part.type !== "text")
      throw unsupportedPart("anthropic", part.type, "a tool's result that is an error", "it takes text there");
    return isBlank(part) ? [] : [toBlock(part, "tool")];
  });
  // Only text and media come out of a result's parts, and these are its blocks.
  return {
    type: "tool_result",
    tool_use_id: id,
    content: blocks as Exclude<Result["content"], string | undefined>,
    ...mark,
  };
}

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const documentTypes = ["application/pdf", "text/plain"];

// https://platform.claude.com/docs/en/build-with-claude/vision and …/pdf-support
function toMediaBlock(part: ImagePart | DocumentPart): Block {
  const source = part.url === undefined ? fromBytes(part) : fromAddress(part.type, part.url);
  const title = part.type === "document" && part.name !== undefined ? { title: part.name } : {};
  // The source's media type was checked against the lists above.
  return { type: part.type, source, ...title } as Block;
}

// The API fetches an address itself.
function fromAddress(kind: string, url: string): object {
  if (/^https?:/i.test(url)) return { type: "url", url };
  const scheme = url.slice(0, url.indexOf(":") + 1);
  const message = `anthropic takes the address of ${kind} parts if it begins with http: or https:, not ${scheme}: give the bytes.`;
  throw new UnsupportedError("anthropic", `${kind} url`, message);
}

function fromBytes({ type, data, mediaType }: { type: string; data: string; mediaType: string }): object {
  const types = type === "image" ? imageTypes : documentTypes;
  if (!types.includes(mediaType)) throw unsupportedType("anthropic", type, mediaType, types);
  if (mediaType !== "text/plain") return { type: "base64", media_type: mediaType, data };
  // Plain text is sent as it reads.
  return { type: "text", media_type: mediaType, data: new TextDecoder().decode(fromBase64(data)) };
}
