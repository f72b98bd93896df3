import type { Cohere } from "cohere-ai";
import type { ChunkReading, Draft, ToolCallDraft } from "../../contract/provider.ts";
import {
  addToCall,
  beginCall,
  type CallFragment,
  callOfId,
  hasIndex,
  sameCall,
} from "../../dialects/call-fragments.ts";
import { toTokens } from "./read.ts";
import type { CohereTypes } from "./types.ts";

type Event = Cohere.V2ChatStreamResponse;
type CohereDraft = Draft<CohereTypes>;
type Reading = ChunkReading<CohereTypes>;

const nothing: Reading = { content: "" };

/**
 * What one event says, after folding it into the answer that is being received. An event of an unknown type changes
 * nothing. https://docs.cohere.com/docs/streaming#stream-events
 */
export function readEvent(event: Event, draft: CohereDraft): Reading {
  const reading = foldEvent(event, draft);
  if (reading.content || reading.thinking) reopen(event, draft);
  return reading;
}

/** An answer that goes on after its end is not whole before it ends again. */
function reopen({ type }: Event, draft: CohereDraft): void {
  if (!draft.done || type === "message-end" || draft.response === undefined) return;
  draft.done = false;
  Reflect.deleteProperty(draft.response, "finishReason");
}

function foldEvent(event: Event, draft: CohereDraft): Reading {
  switch (event.type) {
    case "message-start":
      return start(event, draft);
    case "content-start":
      return startContent(event.index, event.delta?.message?.content, draft);
    case "content-delta":
      if (event.logprobs) addLogprobs(event.logprobs, draft);
      return growContent(event.index, event.delta?.message?.content, draft);
    case "tool-plan-delta":
      return growPlan(event.delta?.message?.toolPlan, draft);
    case "tool-call-start":
      return startCall(event, draft);
    case "tool-call-delta":
      return growCall(event, draft);
    case "tool-call-end":
      return endCall(event, draft);
    case "citation-start":
      return cite(event.delta?.message?.citations, draft);
    case "message-end":
      return end(event, draft);
    default:
      return nothing;
  }
}

/** True for an end that says the generation failed, with or without words for it. */
export function hasFailed({ delta }: Cohere.ChatMessageEndEvent): boolean {
  return delta?.error != null || delta?.finishReason === "ERROR";
}

function responseOf(draft: CohereDraft): Cohere.V2ChatResponse {
  // The rest of what the type promises comes with later events.
  draft.response ??= { message: { role: "assistant" } } as Cohere.V2ChatResponse;
  return draft.response;
}

function start({ id }: Cohere.ChatMessageStartEvent, draft: CohereDraft): Reading {
  const response = responseOf(draft);
  if (!id) return nothing;
  response.id = id;
  return { id, content: "" };
}

type ContentDelta = Cohere.ChatContentStartEventDeltaMessageContent | undefined;

type Block = Cohere.AssistantMessageResponseContentItem;

// The blocks of each answer by the index that each has at present: a begin at a used index begins a new block.
const blocksOf = new WeakMap<CohereDraft, Map<number | undefined, Block>>();

function startContent(index: number | undefined, delta: ContentDelta, draft: CohereDraft): Reading {
  if (!delta) return nothing;
  const { message } = responseOf(draft);
  message.content ??= [];
  // The wire begins a block with the text it has so far, of the type it is going to be.
  const block = { type: delta.thinking === undefined ? "text" : "thinking", ...delta } as Block;
  message.content.push(block);
  const blocks = blocksOf.get(draft) ?? new Map<number | undefined, Block>();
  blocksOf.set(draft, blocks.set(index, block));
  return readContent(delta);
}

// Contents are numbered on their own, apart from tool calls and citations.
function growContent(index: number | undefined, delta: ContentDelta, draft: CohereDraft): Reading {
  const block = blocksOf.get(draft)?.get(index) ?? responseOf(draft).message.content?.at(-1);
  // A piece of another kind than the block's is one of a block that nothing began.
  const isOther = delta && (block?.type === "thinking" ? delta.text : block?.type === "text" && delta.thinking);
  if (!delta || block === undefined || isOther) return startContent(index, delta, draft);
  for (const [key, value] of Object.entries(delta)) {
    const known: unknown = Reflect.get(block, key);
    // A block may have more keys than the SDK knows, and all text of it grows.
    const grown = typeof known === "string" && typeof value === "string" && key !== "type" ? known + value : value;
    Reflect.set(block, key, grown);
  }
  return readContent(delta);
}

function readContent({ text, thinking }: NonNullable<ContentDelta>): Reading {
  return { content: text ?? "", thinking: thinking || undefined };
}

function addLogprobs(item: Cohere.LogprobItem, draft: CohereDraft): void {
  const response = responseOf(draft);
  response.logprobs ??= [];
  response.logprobs.push(item);
}

function growPlan(text: string | undefined, draft: CohereDraft): Reading {
  if (!text) return nothing;
  const { message } = responseOf(draft);
  message.toolPlan = (message.toolPlan ?? "") + text;
  return { content: "", thinking: text };
}

function cite(citation: Cohere.Citation | undefined, draft: CohereDraft): Reading {
  if (!citation) return nothing;
  const { message } = responseOf(draft);
  message.citations ??= [];
  message.citations.push(citation);
  return nothing;
}

function startCall(event: Cohere.V2ChatStreamResponse.ToolCallStart, draft: CohereDraft): Reading {
  const { index, delta } = event;
  const begun = delta?.message?.toolCalls;
  if (!begun) return nothing;
  const { id = "", function: { name = "", arguments: input = "" } = {} } = begun as Partial<Cohere.ToolCallV2>;
  const fragment = { index, id, name, input };
  const known = callOfId(draft.calls, fragment);
  if (known === undefined) {
    const { message } = responseOf(draft);
    message.toolCalls ??= [];
    // A copy: the event stays as it came.
    message.toolCalls.push({ ...begun, function: { ...begun.function, name, arguments: "" } });
  }
  if (known === undefined) reopen(event, draft);
  addTo(known ?? beginCall(draft.calls, fragment), fragment, event, draft);
  return nothing;
}

function growCall(event: Cohere.V2ChatStreamResponse.ToolCallDelta, draft: CohereDraft): Reading {
  const { index, delta } = event;
  const input = delta?.message?.toolCalls?.function?.arguments;
  const fragment = { index, id: "", name: "", input: input ?? "" };
  const call = input ? sameCall(draft.calls, fragment) : undefined;
  // What has the index of its call is as sure as what has its id.
  if (call) addTo(call, { ...fragment, ...(hasIndex(call, index) && { id: call.id }) }, event, draft);
  return nothing;
}

function addTo(call: ToolCallDraft, fragment: CallFragment, event: Event, draft: CohereDraft): void {
  const before = call.input;
  addToCall(call, fragment);
  if (call.input !== before) reopen(event, draft);
  const native = draft.response?.message.toolCalls?.[draft.calls.indexOf(call)];
  // The SDK's type has text here, and lets an object pass.
  if (native?.function) native.function.arguments = call.input as string;
}

function endCall({ index }: Cohere.ChatToolCallEndEvent, { calls }: CohereDraft): Reading {
  // The last one of its index, or the last of all where there is no index.
  const call = index === undefined ? calls.at(-1) : calls.findLast(({ key }) => key === index);
  if (call !== undefined) call.complete = true;
  return nothing;
}

function end(event: Cohere.V2ChatStreamResponse.MessageEnd, draft: CohereDraft): Reading {
  const response = responseOf(draft);
  const { error: _, ...rest } = event.delta ?? {};
  Object.assign(response, rest);
  draft.done = !hasFailed(event);
  if (draft.done) for (const call of draft.calls) call.complete = true;
  const { finishReason, usage } = rest;
  return {
    id: event.id || undefined,
    content: "",
    finishReasons: finishReason ? [finishReason] : undefined,
    usage,
    tokens: usage && toTokens(usage),
  };
}
