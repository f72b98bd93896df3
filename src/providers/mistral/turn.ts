import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import { changed, type Note } from "../../contract/changes.ts";
import { mendArguments } from "../../json/arguments.ts";
import type { MistralTypes } from "./types.ts";

type Content = sdk.AssistantMessage["content"];

/**
 * An assistant's turn as the SDK sends it and the API takes it back: without empty texts, and without chunks that are
 * younger than the SDK, which can read them but not write them; arguments as JSON. `undefined` for one that says nothing:
 * "Assistant message must have either content or tool_calls" (3240).
 */
export function mendTurn(message: MistralTypes["Message"], note: Note): MistralTypes["Message"] | undefined {
  if (message.role !== "assistant") return message;
  const { role: _, content, toolCalls, prefix: __, ...more } = message;
  // What stands under a key that the SDK does not have is for the check of native messages.
  if (!speaks(content) && !toolCalls?.length && Object.keys(more).length === 0) {
    note(changed.silent);
    return undefined;
  }
  const kept = Array.isArray(content) ? mendChunks(content, note) : content;
  const calls = mendCalls(toolCalls, note);
  if (kept === content && calls === toolCalls) return message;
  const { toolCalls: ___, ...rest } = message;
  return { ...rest, ...(kept !== content && { content: kept }), ...(calls && { toolCalls: calls }) };
}

function speaks(content: Content): boolean {
  if (!Array.isArray(content)) return !!content;
  return content.some((chunk) => !isUnknown(chunk) && !isEmpty(chunk));
}

function isEmpty(chunk: sdk.ContentChunk): boolean {
  return chunk?.type === "text" && chunk.text === "";
}

// What the SDK makes of a chunk that it does not know.
function isUnknown(chunk: sdk.ContentChunk): boolean {
  return chunk?.type === "UNKNOWN";
}

function mendChunks(content: sdk.ContentChunk[], note: Note): Content {
  const kept = content.filter((chunk) => {
    if (isUnknown(chunk)) note("Pieces of answers that the SDK does not know are left out");
    else if (isEmpty(chunk)) note(changed.blank);
    else return true;
    return false;
  });
  if (kept.length === content.length && kept.length > 0) return content;
  return kept.length > 0 ? kept : "";
}

function mendCalls(calls: sdk.AssistantMessage["toolCalls"], note: Note): sdk.ToolCall[] | undefined | null {
  if (!Array.isArray(calls)) return calls;
  if (calls.length === 0) {
    note(changed.noCalls);
    return undefined;
  }
  const mended = calls.map((call) => {
    const { function: fn } = call;
    if (typeof fn?.arguments !== "string") return call;
    const text = mendArguments(fn.arguments);
    if (text === fn.arguments) return call;
    note(changed.arguments);
    return { ...call, function: { ...fn, arguments: text } };
  });
  return mended.every((call, index) => call === calls[index]) ? calls : mended;
}
