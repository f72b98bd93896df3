import type { Cohere } from "cohere-ai";
import { changed, type Note } from "../../contract/changes.ts";
import { isMended, mendArguments } from "../../json/arguments.ts";

type Content = Cohere.ChatMessageV2.Assistant["content"];

/** The assistant's turn as it is sent back: text, thoughts, plan, citations and calls as they came. */
export function toAssistantMessage({ message }: Cohere.V2ChatResponse): Cohere.ChatMessageV2.Assistant {
  const { toolCalls } = message;
  const calls = toolCalls && mendCalls(toolCalls, () => {});
  return { ...message, role: "assistant", ...(calls && calls !== toolCalls && { toolCalls: calls }) };
}

/**
 * An assistant's turn as the API takes it back: without empty texts and lists, arguments as JSON (a call without any is
 * streamed with no text for them). `undefined` for one that says nothing.
 */
export function mendTurn(message: Cohere.ChatMessageV2, note: Note): Cohere.ChatMessageV2 | undefined {
  if (message.role !== "assistant") return message;
  const { content, toolCalls, ...rest } = message;
  // A plan is something said; so may be what stands under a key that this wire does not have.
  const { role: _, citations: __, ...more } = rest;
  if (!speaks(content) && !toolCalls?.length && Object.keys(more).length === 0) {
    note(changed.silent);
    return undefined;
  }
  const kept = withoutEmpty(content, note);
  const calls = mendCalls(toolCalls, note);
  if (kept === content && calls === toolCalls) return message;
  return { ...rest, ...(kept !== undefined && { content: kept }), ...(calls && { toolCalls: calls }) };
}

function speaks(content: Content): boolean {
  if (!Array.isArray(content)) return !!content;
  return content.some((block) => block?.type !== "text" || !!block.text);
}

function withoutEmpty(content: Content, note: Note): Content {
  if (!Array.isArray(content)) return content;
  const kept = content.filter((block) => block?.type !== "text" || !!block.text);
  if (kept.length === content.length && kept.length > 0) return content;
  if (kept.length < content.length) note(changed.blank);
  return kept.length > 0 ? kept : undefined;
}

function mendCalls(calls: Cohere.ToolCallV2[] | undefined, note: Note): Cohere.ToolCallV2[] | undefined {
  if (!Array.isArray(calls)) return calls;
  if (calls.length === 0) {
    note(changed.noCalls);
    return undefined;
  }
  const mended = calls.map((call) => {
    const { function: fn } = call;
    const text = mendArguments(fn?.arguments ?? "");
    if (fn === undefined) return call;
    if (text !== fn.arguments || isMended(text)) note(changed.arguments);
    if (text === fn.arguments) return call;
    return { ...call, function: { ...fn, arguments: text } };
  });
  return mended.every((call, index) => call === calls[index]) ? calls : mended;
}
