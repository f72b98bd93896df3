import { changed, type Note } from "../contract/changes.ts";
import { mendArguments } from "../json/arguments.ts";
import type { ChatAnswer, ChatToolCall } from "./chat-completions-read.ts";

type Turn = ChatAnswer & { readonly function_call?: unknown };

/**
 * An assistant's turn as services of this wire take it back: without an empty list of tool calls or an empty text beside
 * others, arguments as JSON. Anything else passes as it is; `undefined` is an answer that says nothing.
 */
export function mendChatTurn<M extends object>(message: M, note: Note): M | undefined {
  const turn = message as Turn;
  if (turn.role !== "assistant") return message;
  const { content, tool_calls: calls } = turn;
  const isSilent = isEmpty(content) && !calls?.length && !turn.refusal && !turn.audio && !turn.function_call;
  if (isSilent) {
    note(changed.silent);
    return undefined;
  }
  const parts = Array.isArray(content) ? withoutEmpty(content, note) : content;
  const mended = Array.isArray(calls) ? mendCalls(calls, note) : calls;
  if (parts === content && mended === calls && calls?.length !== 0) return message;
  if (calls?.length === 0) note(changed.noCalls);
  const { tool_calls: _, ...rest } = message as Turn;
  // The keys of the message it was made of, but for those mended here.
  return { ...rest, ...(parts !== content && { content: parts }), ...(mended?.length && { tool_calls: mended }) } as M;
}

type Content = ChatAnswer["content"];
type Parts = Extract<Content, readonly unknown[]>;

function isEmpty(content: Content): boolean {
  return Array.isArray(content) ? (content as Parts).every(isEmptyText) : content == null || content === "";
}

function isEmptyText(part: Parts[number] | null): boolean {
  return part?.type === "text" && part.text === "";
}

function withoutEmpty(content: Parts, note: Note): Content {
  const kept = content.filter((part) => !isEmptyText(part));
  if (kept.length === content.length) return content;
  note(changed.blank);
  return kept.length > 0 ? kept : null;
}

function mendCalls(calls: ChatToolCall[], note: Note): ChatToolCall[] {
  const mended = calls.map((call) => {
    const written: unknown = call?.function?.arguments;
    if (!call?.function) return call;
    const text = typeof written === "object" && written !== null ? JSON.stringify(written) : String(written ?? "");
    const whole = mendArguments(text);
    if (whole === written) return call;
    note(changed.arguments);
    return { ...call, function: { ...call.function, arguments: whole } };
  });
  return mended.every((call, index) => call === calls[index]) ? calls : mended;
}
