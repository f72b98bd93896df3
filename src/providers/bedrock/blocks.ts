import type { ContentBlock, ToolResultContentBlock } from "@aws-sdk/client-bedrock-runtime";
import { unsupportedPart } from "../../contract/unsupported-part.ts";
import { PromptError } from "../../errors/errors.ts";
import type { Message as NeutralMessage, Part, ResultContent, ResultPart, ToolCallPart } from "../../message/parts.ts";
import { type Namer, toAudio, toDocument, toImage } from "./media.ts";

type Role = NeutralMessage["role"];

const accepted: { readonly [Key in Role]: readonly Part["type"][] } = {
  system: ["text", "cache_control"],
  user: ["text", "image", "audio", "document", "cache_control"],
  assistant: ["text", "thinking", "tool_call", "cache_control"],
  tool: ["tool_result", "cache_control"],
};

/** A neutral message's parts as content blocks. Throws `UnsupportedError` for a part that has no place there. */
export function toBlocks({ role, content }: NeutralMessage, name: Namer): ContentBlock[] {
  const parts: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const blocks: ContentBlock[] = [];
  for (const part of parts) {
    if (!accepted[role].includes(part.type)) throw unsupported(part.type, role);
    // It ends the stretch that may be cached, so there has to be one.
    if (part.type === "cache_control" && blocks.length === 0) throw unsupported(part.type, role, "the first place of ");
    // A thought belongs to the model that had it; its own come back with the native message.
    if (part.type === "thinking") continue;
    // A blank text is refused by the API and says nothing beside other blocks; a user's own is left to be refused.
    if (part.type === "text" && part.text.trim() === "" && role !== "user") continue;
    blocks.push(toBlock(part, name));
  }
  return blocks;
}

function toBlock(part: Part, name: Namer): ContentBlock {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "image":
      return { image: toImage(part) };
    case "audio":
      return { audio: toAudio(part) };
    case "document":
      return { document: toDocument(part, name) };
    case "cache_control":
      return { cachePoint: { type: "default", ...(part.ttl !== undefined && { ttl: part.ttl }) } };
    case "tool_call":
      return { toolUse: { toolUseId: part.id, name: part.name, input: toInput(part) } };
    case "tool_result":
      return toResult(part.id, part.content, part.isError ?? false, name);
    default:
      throw unsupported(part.type, "user");
  }
}

// The API takes arguments as the object, not as its text.
function toInput({ name, arguments: text }: ToolCallPart): NonNullable<ContentBlock.ToolUseMember["toolUse"]["input"]> {
  if (text.trim() === "") return {};
  try {
    // `null` is what some models write for a tool without arguments.
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw new PromptError(`bedrock cannot be sent the call of the tool "${name}": its arguments are not JSON.`, {
      cause,
    });
  }
}

/** A tool's result as the block that answers the call `toolUseId`. */
export function toResult(
  toolUseId: string,
  result: ResultContent,
  isError: boolean,
  name: Namer,
): ContentBlock.ToolResultMember {
  const parts: readonly ResultPart[] = typeof result === "string" ? [{ type: "text", text: result }] : result;
  // "text content blocks must be non-empty": a tool that said nothing has no block.
  const content = parts.flatMap((part) =>
    part.type === "text" && part.text === "" ? [] : [toResultBlock(part, name)],
  );
  // Only some models take a status, and success is what its absence means,
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html.
  return { toolResult: { toolUseId, content, ...(isError && { status: "error" as const }) } };
}

/** The kinds of medium a tool's result holds here; which of them, is the model's affair. */
export const resultMedia = ["image", "document"] as const;

function toResultBlock(part: ResultPart, name: Namer): ToolResultContentBlock {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "image":
      return { image: toImage(part) };
    case "document":
      return { document: toDocument(part, name) };
    default:
      throw unsupported(part.type, "tool");
  }
}

function unsupported(kind: string, role: Role, place = ""): Error {
  const where = `${place}a message of the role ${role}`;
  return unsupportedPart("bedrock", kind, where, `it takes ${accepted[role].join(", ")}`);
}
