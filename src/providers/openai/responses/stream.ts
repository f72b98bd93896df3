import type { ChunkReading, Draft, ToolCallDraft } from "../../../contract/provider.ts";
import { failure, finishReason, inputOf, isCall, outputText, readTokens, readToolCall } from "./read.ts";
import type { OpenAIResponsesTypes as P } from "./types.ts";

type Event = P["Chunk"];
type Body = P["Response"];
type Item = Body["output"][number];
/** A piece of a message or of a thought, as far as it grows here. */
type Part = { type: string; text?: string; refusal?: string; annotations?: unknown[] };
type Place = { readonly output_index: number };

const nothing: ChunkReading<P> = Object.freeze({ content: "" });

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
      addItem(draft, event, event.item);
      return nothing;
    case "response.output_item.done":
      if (isCall(event.item)) finishCall(draft, event, event.item);
      else addItem(draft, event, event.item);
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
      if (part) part.annotations = [...(part.annotations ?? []), event.annotation];
      return nothing;
    }
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
      growCall(draft, event, event.delta);
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
  draft.response = { ...response, output, output_text: outputText(output) };
  draft.done = true;
  for (const call of draft.calls) call.complete = true;
  // And some send no items but in the end.
  for (const { native } of output.flatMap(readToolCall).slice(draft.calls.length)) {
    beginCall(draft, draft.calls.length, native).complete = true;
  }
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

function bodyOf(draft: Draft<P>): Body {
  // A stream that does not open with its response; what the type demands further comes with the last event.
  draft.response ??= { object: "response", status: "in_progress", output: [], output_text: "" } as unknown as Body;
  return draft.response;
}

// Far more items or parts than an answer has; an index beyond it is nonsense that must not allocate.
const most = 4096;

function isIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < most;
}

/** Puts a copy of an item in its place, for that to grow: what was received is the SDK's and stays as it is. */
function addItem(draft: Draft<P>, { output_index: index }: Place, item: Item | undefined): void {
  if (!item || !isIndex(index)) return;
  bodyOf(draft).output[index] = copy(item);
  if (isCall(item) && callAt(draft, index) === undefined) beginCall(draft, index, item);
}

function finishCall(draft: Draft<P>, { output_index: index }: Place, item: P["ToolCall"]): void {
  if (!isIndex(index)) return;
  const call = callAt(draft, index) ?? beginCall(draft, index, item);
  const input = inputOf(item);
  call.delta += remainder(String(call.input), input);
  call.input = input;
  call.complete = true;
  // Nothing can be added to it any more, so it is the SDK's own object.
  bodyOf(draft).output[index] = item as Item;
}

function copy(item: Item): Item {
  if (item.type === "message") return { ...item, content: copies(item.content) };
  if (item.type !== "reasoning") return { ...item };
  const { summary, content } = item;
  return { ...item, summary: copies(summary), ...(content && { content: copies(content) }) };
}

function copies<T extends object>(parts: readonly T[] | undefined): T[] {
  return parts?.map((part) => ({ ...part })) ?? [];
}

/** The part an event adds to, made where it is not there yet; `undefined` for an item that has no such parts. */
function partAt(
  draft: Draft<P>,
  { output_index }: Place,
  list: "content" | "summary",
  index: number,
  type: string,
): Part | undefined {
  const item = bodyOf(draft).output[output_index];
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

/** What a whole has beyond the pieces that were received of it. */
function remainder(known: string, whole: string | undefined): string {
  return whole !== undefined && whole.length > known.length && whole.startsWith(known) ? whole.slice(known.length) : "";
}

function callAt(draft: Draft<P>, index: number): ToolCallDraft | undefined {
  return draft.calls.find(({ key }) => key === index);
}

function beginCall(draft: Draft<P>, key: number, item: P["ToolCall"]): ToolCallDraft {
  const input = inputOf(item);
  const call = { key, id: item.call_id ?? "", name: item.name ?? "", input, delta: input, complete: false };
  draft.calls.push(call);
  return call;
}

function growCall(draft: Draft<P>, { output_index }: Place, delta: string): void {
  const call = callAt(draft, output_index);
  if (call === undefined || call.complete || !delta) return;
  call.input += delta;
  call.delta += delta;
  const item = bodyOf(draft).output[output_index];
  if (item?.type === "function_call") item.arguments = call.input as string;
  if (item?.type === "custom_tool_call") item.input = call.input as string;
}
