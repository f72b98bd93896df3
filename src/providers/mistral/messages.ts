import type { Note } from "../../contract/changes.ts";
import type { ToolResult } from "../../contract/provider.ts";
import { findLost } from "../../contract/sdk-keys.ts";
import { unsupportedPart } from "../../contract/unsupported-part.ts";
import { PromptError } from "../../errors/errors.ts";
import { isMessage, textOf } from "../../message/message.ts";
import type { Message, Part, ResultContent, ToolCallPart } from "../../message/parts.ts";
import { toId } from "./call-ids.ts";
import { messageKeys, roles } from "./keys.ts";
import { toChunks } from "./parts.ts";
import type { MistralTypes } from "./types.ts";

type NativeMessage = MistralTypes["Message"];

/** Neutral messages as the SDK takes them; native ones pass as they are. Throws `TypeError` for one it would not send whole. */
export function toMessages(messages: readonly (Message | NativeMessage)[], note?: Note): NativeMessage[] {
  const sent: NativeMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const converted = nativeOf(message, index) ?? toMessage(message as Message);
    for (const one of [converted].flat()) {
      if (needsBridge(sent.at(-1), one)) sent.push({ role: "assistant", content: "OK." });
      sent.push(one);
    }
  }
  return withPrefix(sent, note);
}

// "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant" (3230).
function withPrefix(messages: NativeMessage[], note: Note | undefined): NativeMessage[] {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last.prefix || last.toolCalls?.length) return messages;
  note?.("An answer at the end is marked as the beginning of the next (prefix)");
  return [...messages.slice(0, -1), { ...last, prefix: true }];
}

// After tool results only the assistant may speak (error 3230, "Unexpected role 'user' after role 'tool'",
// https://github.com/avante-corp/avante.nvim/issues/2562), so it says a word where the conversation has none of its own.
function needsBridge(before: NativeMessage | undefined, { role }: NativeMessage): boolean {
  return before?.role === "tool" && (role === "user" || role === "system");
}

function nativeOf(message: Message | NativeMessage, index: number): NativeMessage | undefined {
  if (!isMessage(message)) return checkNative(message, index);
  const { role, content, native } = message;
  if (native !== undefined) return native.provider === "mistral" ? (native.message as NativeMessage) : undefined;
  // Text is written here as it is there, in parts too: a user's parts may be of other kinds.
  const isText = typeof content === "string" || (role !== "user" && content.every(({ type }) => type === "text"));
  return isText && role !== "tool" ? (message as NativeMessage) : undefined;
}

function checkNative(message: NativeMessage, index: number): NativeMessage {
  if (!roles.includes(message.role)) {
    const role = JSON.stringify(message.role);
    throw new PromptError(
      `Message ${index} is not a message of mistral: its role is ${role}, not one of ${roles.join(", ")}.`,
    );
  }
  const lost = findLost(message, messageKeys);
  if (lost !== undefined) throw new PromptError(`Message ${index} is not a message of mistral: ${lost}.`);
  return message;
}

function toMessage({ role, content }: Message): NativeMessage | NativeMessage[] {
  if (role === "tool") return toResults(content);
  if (typeof content === "string") return { role, content };
  if (role === "assistant") return toAnswer(content);
  if (role === "user") return { role, content: toChunks(content) };
  const texts = content.map((part) => {
    if (part.type !== "text") throw refuse(part.type, "a system message", "text");
    return part;
  });
  return { role, content: texts };
}

function toAnswer(content: readonly Part[]): MistralTypes["AssistantMessage"] {
  const calls: ToolCallPart[] = [];
  for (const part of content) {
    if (part.type === "tool_call") calls.push(part);
    // A thought belongs to the provider that had it: another one neither reads nor checks it.
    else if (part.type !== "text" && part.type !== "thinking")
      throw refuse(part.type, "an answer", "text and tool calls");
  }
  const texts = content.filter((part) => part.type === "text");
  const answer = { role: "assistant" as const, content: texts.length > 1 ? texts : textOf(texts) };
  if (calls.length === 0) return answer;
  const toolCalls = calls.map(({ id, name, arguments: text }, index) => {
    return { id: toId(id), type: "function" as const, function: { name, arguments: text }, index };
  });
  return { ...answer, toolCalls };
}

function toResults(content: Message["content"]): MistralTypes["ToolMessage"][] {
  if (typeof content === "string") throw refuse("text", "a tool message", "tool results");
  return content.map((part) => {
    if (part.type !== "tool_result") throw refuse(part.type, "a tool message", "tool results");
    return { role: "tool", toolCallId: toId(part.id), name: part.name, content: toResult(part.content) };
  });
}

function refuse(kind: string, where: string, accepted: string): Error {
  return unsupportedPart("mistral", kind, where, `it takes ${accepted}`);
}

/** Tool results, a message each; the API has no mark for an error. */
export function toToolMessages(results: readonly ToolResult<MistralTypes>[]): MistralTypes["ToolMessage"][] {
  return results.map(({ call: { id, name }, output }) => ({
    role: "tool",
    toolCallId: toId(id),
    name,
    content: toResult(output),
  }));
}

function toResult(content: ResultContent): MistralTypes["ToolMessage"]["content"] {
  return typeof content === "string" ? content : toChunks(content);
}
