import type { ContentBlock, Message, SystemContentBlock } from "@aws-sdk/client-bedrock-runtime";
import { PromptError, UnsupportedError } from "../../errors.ts";
import { isMessage, type Message as NeutralMessage, type Part, type ToolCallPart } from "../../message.ts";
import type { ToolResult } from "../../provider.ts";
import { createNamer, type Namer, toAudio, toDocument, toImage } from "./media.ts";
import type { BedrockTypes } from "./provider.ts";

/** A conversation as Converse has it: the system prompt apart from the turns. */
export interface Conversation {
  readonly system: SystemContentBlock[];
  readonly messages: Message[];
}

interface Turn {
  readonly message: Message & { content: ContentBlock[] };
  /** True for a message made here; the caller's own is never added to. */
  readonly own: boolean;
}

/**
 * Neutral messages as Converse takes them; native ones pass as they are. Every system message becomes part of the one
 * system prompt, in order: only some models take the role inside a conversation.
 */
export function toConversation(messages: readonly (NeutralMessage | Message)[]): Conversation {
  const system: SystemContentBlock[] = [];
  const turns: Turn[] = [];
  const name = createNamer();
  for (const [index, message] of messages.entries()) {
    if (!isMessage(message)) addTurn(turns, checkNative(message, index), false);
    else if (message.native?.provider === "bedrock") addTurn(turns, checkNative(message.native.message, index), false);
    else if (message.role === "system") system.push(...toSystem(message));
    else addTurn(turns, { role: roles[message.role], content: toBlocks(message, name) }, true);
  }
  return { system, messages: turns.map(({ message }) => message) };
}

const roles = { user: "user", assistant: "assistant", tool: "user" } as const;

// Two turns of one role in a row are refused by most models ("A conversation must alternate between user and assistant
// roles"), so that what was made here joins its neighbour. Native messages side by side are the caller's own affair.
function addTurn(turns: Turn[], message: Turn["message"], own: boolean): void {
  const last = turns.at(-1);
  if (last === undefined || last.message.role !== message.role || !(last.own || own)) turns.push({ message, own });
  else if (last.own) last.message.content.push(...message.content);
  else turns.splice(-1, 1, { message: joined(last.message, message), own: true });
}

function joined(first: Turn["message"], second: Turn["message"]): Turn["message"] {
  return { role: first.role, content: [...first.content, ...second.content] };
}

function checkNative(message: object, index: number): Turn["message"] {
  const { role, content } = message as { role?: unknown; content?: unknown };
  const isRole = role === "user" || role === "assistant" || role === "system";
  if (isRole && Array.isArray(content) && content.every(isBlock)) return message as Turn["message"];
  throw new TypeError(
    `Message ${index} is no message of bedrock: it takes { role: "user" | "assistant" | "system", content: [...] } with content blocks of one member each, such as { text }.`,
  );
}

function isBlock(block: unknown): boolean {
  if (typeof block !== "object" || block === null) return false;
  return Object.values(block).filter((member) => member !== undefined).length === 1;
}

function toSystem(message: NeutralMessage): SystemContentBlock[] {
  // Only text and cache points come out of a system message, and both are system blocks too.
  return toBlocks(message, createNamer()) as SystemContentBlock[];
}

const accepted: { readonly [Role in NeutralMessage["role"]]: readonly Part["type"][] } = {
  system: ["text", "cache_control"],
  user: ["text", "image", "audio", "document", "cache_control"],
  assistant: ["text", "thinking", "tool_call", "cache_control"],
  tool: ["tool_result", "cache_control"],
};

function toBlocks({ role, content }: NeutralMessage, name: Namer): ContentBlock[] {
  const parts: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const blocks: ContentBlock[] = [];
  for (const part of parts) {
    if (!accepted[role].includes(part.type)) throw unsupported(part.type, role);
    if (part.type === "cache_control" && blocks.length === 0) throw unsupported("leading cache_control", role);
    // A thought belongs to the model that had it; its own come back with the native message.
    if (part.type === "thinking") continue;
    // An empty text is refused by the API and says nothing beside other blocks; a user's own is left to be refused.
    if (part.type === "text" && part.text === "" && role !== "user") continue;
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
      return toResult(part.id, part.content, part.isError ?? false);
    default:
      throw unsupported(part.type, "user");
  }
}

// The API takes arguments as the object, not as its text.
function toInput({ name, arguments: text }: ToolCallPart): NonNullable<ContentBlock.ToolUseMember["toolUse"]["input"]> {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PromptError(`bedrock cannot be sent the call of the tool "${name}": its arguments are not JSON.`, {
      cause,
    });
  }
}

function toResult(toolUseId: string, text: string, isError: boolean): ContentBlock.ToolResultMember {
  // "text content blocks must be non-empty": a tool that said nothing has no block.
  const content = text === "" ? [] : [{ text }];
  // Only some models take a status, and success is what its absence means,
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html.
  return { toolResult: { toolUseId, content, ...(isError && { status: "error" as const }) } };
}

function unsupported(kind: string, role: NeutralMessage["role"]): UnsupportedError {
  const message = `bedrock takes no ${kind} part in a ${role} message; it takes ${accepted[role].join(", ")}.`;
  return new UnsupportedError("bedrock", kind, message);
}

/** Tool results: all of a turn in one user message, as the API wants them. */
export function toToolMessages(results: readonly ToolResult<BedrockTypes>[]): Message[] {
  if (results.length === 0) return [];
  return [{ role: "user", content: results.map(({ call, output, isError }) => toResult(call.id, output, isError)) }];
}
