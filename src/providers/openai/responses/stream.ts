import type { ChunkReading, Draft } from "../../../contract/provider.ts";
import {
  bodyOf,
  endCalls,
  endInput,
  growCall,
  type Item,
  isIndex,
  itemAt,
  type Place,
  putItem,
  remainder,
  takeCall,
} from "./fragments.ts";
import { failure, finishReason, isCall, outputText, readTokens } from "./read.ts";
import type { OpenAIResponsesTypes as P } from "./types.ts";

type Event = P["Chunk"];
type Body = P["Response"];
/** A piece of a message or of a thought, as far as it grows here. */
type Part = { type: string; text?: string; refusal?: string; annotations?: unknown[] };
export const nothing: ChunkReading<P> = Object.freeze({ content: "" });

/**
 * What one event says, after folding it into the response that is being received. The last event brings the whole
 * response, which then takes the place of what was gathered. Throws `ResponseError` for an event that says it failed.
 * https://developers.openai.com/api/reference/resources/responses/streaming-events
 */
export function readEvent(event: Event, draft: Draft<P>): ChunkReading<P> {
  // Nothing belongs to the answer after its last event.
  if (draft.done) return nothing;
  switch (event.type) {
    case "response.created":
    case "response.queued":
    case "response.in_progress":
      return begin(event.response, draft);
    case "response.completed":
    case "response.incomplete":
      return end(event.response, draft);
    case "response.failed":
      // What it has cost stays with what was received of it.
      if (event.response?.usage) bodyOf(draft).usage = event.response.usage;
      throw failure(event.response?.error, event.response);
    case "error":
      throw failure(event, event);
    case "response.output_item.added":
    case "response.output_item.done":
      addItem(draft, event, event.item, event.type === "response.output_item.added");
      return nothing;
    default:
      return readDelta(event, draft);
  }
}

function readDelta(event: Event, draft: Draft<P>): ChunkReading<P> {
  switch (event.type) {
    case "response.output_text.delta":
    case "response.output_text.done": {
      const content = grow(partAt(draft, event, "content", event.content_index, "output_text"), "text", event);
      if (content !== "") bodyOf(draft).output_text += content;
      return content === "" ? nothing : { content };
    }
    case "response.refusal.delta":
    case "response.refusal.done":
      grow(partAt(draft, event, "content", event.content_index, "refusal"), "refusal", event);
      return nothing;
    case "response.reasoning_text.delta":
    case "response.reasoning_text.done":
      return think(grow(partAt(draft, event, "content", event.content_index, "reasoning_text"), "text", event));
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_summary_text.done":
      return think(grow(partAt(draft, event, "summary", event.summary_index, "summary_text"), "text", event));
    case "response.output_text.annotation.added": {
      const part = partAt(draft, event, "content", event.content_index, "output_text");
      if (part?.annotations) part.annotations.push(event.annotation);
      else if (part) part.annotations = [event.annotation];
      return nothing;
    }
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
      growCall(draft, event, event.delta);
      return nothing;
    case "response.function_call_arguments.done":
      endInput(draft, event, event.arguments);
      return nothing;
    case "response.custom_tool_call_input.done":
      endInput(draft, event, event.input);
      return nothing;
    default:
      return nothing;
  }
}

function think(thinking: string): ChunkReading<P> {
  return thinking === "" ? nothing : { content: "", thinking };
}

function begin(response: Body | undefined, draft: Draft<P>): ChunkReading<P> {
  if (!response) return nothing;
  const { output = [], output_text = "" } = draft.response ?? {};
  draft.response = { ...response, output, output_text };
  return { id: response.id || undefined, model: response.model || undefined, content: "" };
}

function end(response: Body | undefined, draft: Draft<P>): ChunkReading<P> {
  if (!response) return nothing;
  // Some services send the items one by one and then an empty list.
  const gathered = draft.response?.output ?? [];
  const output = response.output?.length > 0 ? response.output : gathered;
  const told = endCalls(draft, output);
  draft.response = { ...response, output: told, output_text: outputText(told) };
  draft.done = true;
  const reason = finishReason(draft.response);
  return {
    id: response.id || undefined,
    model: response.model || undefined,
    content: "",
    finishReasons: reason === undefined ? undefined : [reason],
    usage: response.usage ?? undefined,
    tokens: response.usage ? readTokens(response.usage) : undefined,
  };
}

/** Puts a copy of an item in its place, for that to grow: what was received is the SDK's and stays as it is. */
function addItem(draft: Draft<P>, { output_index: index }: Place, item: Item | undefined, begins: boolean): void {
  if (!item || !isIndex(index)) return;
  if (isCall(item)) takeCall(draft, index, item, begins);
  else putItem(draft, index, copy(item), begins);
}

function copy(item: Item): Item {
  if (item.type === "message") return { ...item, content: copies(item.content) };
  if (item.type !== "reasoning") return { ...item };
  const { summary, content } = item;
  return { ...item, summary: copies(summary), ...(content && { content: copies(content) }) };
}

function ownCopy<T extends object>(part: T): T {
  const { annotations } = part as Part;
  return Array.isArray(annotations) ? { ...part, annotations: [...annotations] } : { ...part };
}

function copies<T extends object>(parts: readonly T[] | undefined): T[] {
  return parts?.map(ownCopy) ?? [];
}

/** The part an event adds to, made where it is not there yet; `undefined` for an item that has no such parts. */
function partAt(
  draft: Draft<P>,
  { output_index }: Place,
  list: "content" | "summary",
  index: number,
  type: string,
): Part | undefined {
  const item = itemAt(draft, output_index);
  if ((item?.type !== "message" && item?.type !== "reasoning") || !isIndex(index)) return undefined;
  // One view of the lists both kinds of item have.
  const lists = item as { [list in "content" | "summary"]?: Part[] };
  lists[list] ??= [];
  const parts = lists[list];
  parts[index] ??= type === "output_text" ? { type, text: "", annotations: [] } : { type };
  return parts[index];
}

type Growth = { readonly delta: string } | { readonly text: string } | { readonly refusal: string };

/** Adds what an event brings, be it a piece or, at the end, the whole; gives the text that is new. */
function grow(part: Part | undefined, key: "text" | "refusal", event: Growth): string {
  if (part === undefined) return "";
  const known = part[key] ?? "";
  const added = "delta" in event ? event.delta : remainder(known, "text" in event ? event.text : event.refusal);
  if (typeof added !== "string" || added === "") return "";
  part[key] = known + added;
  return added;
}
