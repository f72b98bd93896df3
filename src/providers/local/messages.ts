import { changed, type Note } from "../../contract/changes.ts";
import { textResult } from "../../contract/result-content.ts";
import { unsupportedPart } from "../../contract/unsupported-part.ts";
import { PromptError } from "../../errors/errors.ts";
import { mendArguments } from "../../json/arguments.ts";
import { isMessage, joinTexts } from "../../message/message.ts";
import type { Message, Part } from "../../message/parts.ts";
import type { LocalAssistantMessage, LocalMessage, LocalToolCall, LocalToolMessage } from "./types.ts";

const roles: readonly unknown[] = ["system", "user", "assistant", "tool"];

/**
 * Neutral messages in this provider's form; native ones pass as they are. A turn of the model that says nothing is left
 * out: shown, it would teach the model to be silent. Throws `UnsupportedError` for media.
 */
export function toLocalMessages(messages: readonly object[], note: Note = () => {}): LocalMessage[] {
  const native = messages.flatMap((message, index): LocalMessage[] => {
    if (!isMessage(message)) return [checkNative(message, index)];
    if (message.native?.provider === "local") return [message.native.message as LocalMessage];
    return toLocal(message, () => note(changed.joined));
  });
  return native.filter((message) => !isSilent(message));
}

function isSilent(message: LocalMessage): boolean {
  if (message.role !== "assistant") return false;
  return message.content.trim() === "" && (message.toolCalls?.length ?? 0) === 0;
}

function checkNative(message: object, index: number): LocalMessage {
  const { role, content } = message as { role?: unknown; content?: unknown };
  if (roles.includes(role) && typeof content === "string") return message as LocalMessage;
  throw new PromptError(
    `Message ${index} is not a message of local: it needs a role of ${roles.join(", ")} and its content as text.`,
  );
}

function toLocal({ role, content }: Message, joined: () => void): LocalMessage[] {
  if (typeof content === "string") return [{ role, content }];
  if (role === "tool") return content.map(toResult);
  if (role === "assistant") return [toAssistant(content, joined)];
  for (const { type } of content) if (type !== "text") throw unsupported(type, `a ${role} message`);
  return [{ role, content: joinTexts(content, joined) }];
}

function toResult(part: Part): LocalToolMessage {
  if (part.type !== "tool_result") throw unsupported(part.type, "a tool message");
  return { role: "tool", toolCallId: part.id, name: part.name, content: textResult(part.content, "local") };
}

function toAssistant(content: readonly Part[], joined: () => void): LocalAssistantMessage {
  const toolCalls: LocalToolCall[] = [];
  for (const part of content) {
    if (part.type === "tool_call") toolCalls.push({ id: part.id, name: part.name, arguments: part.arguments });
    // A thought belongs to the model that had it.
    else if (part.type !== "text" && part.type !== "thinking") throw unsupported(part.type, "an answer");
  }
  return { role: "assistant", content: joinTexts(content, joined), ...(toolCalls.length > 0 && { toolCalls }) };
}

function unsupported(kind: string, where: string): Error {
  return unsupportedPart("local", kind, where, "its models read text only");
}

/** An assistant's turn without an empty list of calls, arguments as JSON; `undefined` for one that says nothing. */
export function mendTurn(message: LocalMessage, note: Note): LocalMessage | undefined {
  if (message.role !== "assistant") return message;
  const { toolCalls, ...rest } = message;
  if (!message.content && !toolCalls?.length) {
    note(changed.silent);
    return undefined;
  }
  if (toolCalls === undefined) return message;
  if (toolCalls.length === 0) {
    note(changed.noCalls);
    return rest;
  }
  const mended = toolCalls.map((call) => {
    const text = mendArguments(call.arguments ?? "");
    if (text === call.arguments) return call;
    note(changed.arguments);
    return { ...call, arguments: text };
  });
  return mended.every((call, index) => call === toolCalls[index]) ? message : { ...rest, toolCalls: mended };
}
