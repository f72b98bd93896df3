import type { ContentBlock, Message, SystemContentBlock } from "@aws-sdk/client-bedrock-runtime";
import type { Note } from "../../contract/changes.ts";
import { beginsWithAnswer, checkTurns, opening } from "../../contract/conversation.ts";
import type { ToolResult } from "../../contract/provider.ts";
import { PromptError } from "../../errors/errors.ts";
import { isMessage } from "../../message/message.ts";
import type { Message as NeutralMessage } from "../../message/parts.ts";
import { toBlocks, toResult } from "./blocks.ts";
import { createNamer } from "./media.ts";
import type { BedrockTypes } from "./types.ts";

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
export function toConversation(messages: readonly (NeutralMessage | Message)[], note?: Note): Conversation {
  const system: SystemContentBlock[] = [];
  const turns: Turn[] = [];
  const name = createNamer();
  for (const [index, message] of messages.entries()) {
    if (!isMessage(message)) addTurn(turns, checkNative(message, index), false);
    else if (message.native?.provider === "bedrock") addTurn(turns, checkNative(message.native.message, index), false);
    else if (message.role === "system") system.push(...toSystem(message));
    else {
      const content = toBlocks(message, name);
      // Nothing but thoughts of another provider, or blank text: the API takes no empty turn.
      if (content.length > 0 || message.role === "user") addTurn(turns, { role: roles[message.role], content }, true);
    }
  }
  // "A conversation must start with a user message."
  if (turns[0]?.message.role === "assistant" && beginsWithAnswer(messages)) {
    turns.unshift({ message: { role: "user", content: [{ text: opening }] }, own: true });
  }
  checkTurns("bedrock", turns);
  for (const { message, own } of turns)
    if (own && needsText(message)) {
      message.content.push({ text: documentText });
      note?.("Messages of nothing but documents are given a text");
    }
  return { system, messages: turns.map(({ message }) => message) };
}

// "A text block is required when using documents":
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
const documentText = "See the document.";

function needsText({ role, content }: Turn["message"]): boolean {
  return role === "user" && content.some((block) => block.document) && !content.some((block) => block.text);
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
  throw new PromptError(
    `Message ${index} is not a message of bedrock: it takes { role: "user" | "assistant" | "system", content: [...] } with content blocks of one member each, such as { text }.`,
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

/** Tool results: all of a turn in one user message, as the API wants them. */
export function toToolMessages(results: readonly ToolResult<BedrockTypes>[]): Message[] {
  if (results.length === 0) return [];
  const name = createNamer();
  const content = results.map(({ call, output, isError }) => toResult(call.id, output, isError, name));
  return [{ role: "user", content }];
}
