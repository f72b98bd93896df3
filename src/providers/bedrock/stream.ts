import type {
  ContentBlock,
  ContentBlockDelta,
  ContentBlockStart,
  ConverseCommandOutput,
  ConverseStreamOutput,
  ImageFormat,
  ToolResultContentBlock,
  ToolUseBlock,
} from "@aws-sdk/client-bedrock-runtime";
import type { ChunkReading, Draft, ToolCallDraft } from "../../contract/provider.ts";
import { addToCall, beginCall, callOfId, hasIndex, sameCall } from "../../dialects/call-fragments.ts";
import { appendBytes, trimBytes } from "./bytes.ts";
import { isClientCall, readTokens } from "./read.ts";
import type { BedrockTypes } from "./types.ts";

/**
 * A content block that is being received: what `ContentBlock` says of a whole one, open to be added to. A tool's input
 * is its text until the block is whole, and stays text if it never became JSON.
 */
interface OpenBlock {
  text?: string;
  citationsContent?: { content: { text: string }[]; citations: object[] };
  reasoningContent?: { reasoningText?: { text: string; signature?: string }; redactedContent?: Uint8Array };
  toolUse?: ToolUseBlock & { input: OpenInput };
  toolResult?: { toolUseId?: string; content: ToolResultContentBlock[] };
  image?: { format?: ImageFormat | undefined; source?: { bytes?: Uint8Array }; error?: object };
  $unknown?: [string, unknown];
}

type OpenInput = NonNullable<ToolUseBlock["input"]>;

interface Folding {
  /** The blocks by the index that each has at present. */
  readonly blocks: Map<number, OpenBlock>;
  /** The block that each call stands in. */
  readonly calls: Map<ToolCallDraft, OpenBlock>;
}

// What belongs to a draft and has no place in it; it goes when the draft goes.
const foldings = new WeakMap<Draft<BedrockTypes>, Folding>();

// A stream's id is known to the SDK's answer only, not to its events: the first one is where the reader finds it.
const heads = new WeakMap<ConverseStreamOutput, Head>();

type Head = ConverseCommandOutput["$metadata"];

/** Remembers the metadata of the answer whose first event this is. */
export function noteHead(first: ConverseStreamOutput, metadata: Head): void {
  heads.set(first, metadata);
}

/** What one event says, after folding it into the response that is being received. */
export function readEvent(event: ConverseStreamOutput, draft: Draft<BedrockTypes>): ChunkReading<BedrockTypes> {
  const id = draft.response === undefined ? begin(event, draft) : undefined;
  if (event.contentBlockDelta) {
    const { contentBlockIndex = 0, delta } = event.contentBlockDelta;
    const reading = delta === undefined ? { content: "" } : readDelta(delta, contentBlockIndex, draft);
    if (reading.content || reading.thinking) reopen(draft);
    return { id, ...reading };
  }
  if (event.contentBlockStart) {
    const { contentBlockIndex = 0, start } = event.contentBlockStart;
    if (start !== undefined) openBlock(start, contentBlockIndex, draft);
  } else if (event.contentBlockStop) closeBlock(event.contentBlockStop.contentBlockIndex ?? 0, draft);
  else if (event.messageStop) return { id, ...readStop(event.messageStop, draft) };
  else if (event.metadata) return { id, ...readMetadata(event.metadata, draft) };
  return { id, content: "" };
}

function begin(event: ConverseStreamOutput, draft: Draft<BedrockTypes>): string | undefined {
  const $metadata = heads.get(event) ?? {};
  const message = { role: event.messageStart?.role ?? "assistant", content: [] };
  draft.response = { $metadata, output: { message }, stopReason: undefined, usage: undefined, metrics: undefined };
  return $metadata.requestId;
}

/** An answer that goes on after it gave its reason is not whole before it gives another. */
function reopen(draft: Draft<BedrockTypes>): void {
  if (!draft.done || draft.response === undefined) return;
  draft.done = false;
  draft.response.stopReason = undefined;
}

function foldingOf(draft: Draft<BedrockTypes>): Folding {
  const known = foldings.get(draft);
  if (known !== undefined) return known;
  const folding: Folding = { blocks: new Map(), calls: new Map() };
  foldings.set(draft, folding);
  return folding;
}

/** A begin at a used index begins a new block: what the index meant before is over. */
function addBlock(block: OpenBlock, index: number, draft: Draft<BedrockTypes>): OpenBlock {
  closeBlock(index, draft);
  foldingOf(draft).blocks.set(index, block);
  // An open block has the members of a whole one, but its type does not say that it has exactly one.
  draft.response?.output?.message?.content?.push(block as ContentBlock);
  return block;
}

function openBlock(start: ContentBlockStart, index: number, draft: Draft<BedrockTypes>): OpenBlock {
  if (start.toolUse) return openCall(start.toolUse, index, draft);
  if (start.toolResult) {
    return addBlock({ toolResult: { ...start.toolResult, content: [] } as OpenBlock["toolResult"] & {} }, index, draft);
  }
  if (start.image) return addBlock({ image: { ...start.image } }, index, draft);
  return addBlock({ ...start }, index, draft);
}

function openCall(start: Omit<ToolUseBlock, "input">, index: number, draft: Draft<BedrockTypes>): OpenBlock {
  const { toolUseId: id = "", name = "", type } = start;
  const { blocks, calls } = foldingOf(draft);
  const fragment = { index, id, name, input: "" };
  const known = isClientCall(type) ? callOfId(draft.calls, fragment) : undefined;
  const begun = known && calls.get(known);
  if (known !== undefined && begun !== undefined) {
    addToCall(known, fragment);
    blocks.set(index, begun);
    return begun;
  }
  const block = addBlock({ toolUse: { ...start, input: "" } as OpenBlock["toolUse"] & {} }, index, draft);
  if (!isClientCall(type)) return block;
  reopen(draft);
  calls.set(beginCall(draft.calls, fragment), block);
  return block;
}

function readDelta(delta: ContentBlockDelta, index: number, draft: Draft<BedrockTypes>): ChunkReading<BedrockTypes> {
  if (delta.toolUse) {
    addInput(delta.toolUse.input ?? "", index, draft);
    return { content: "" };
  }
  const known = foldingOf(draft).blocks.get(index);
  // Only tools and pictures announce themselves: a block of text or thought begins with its first piece.
  const isNew = known === undefined || (known.toolUse !== undefined && Boolean(delta.text ?? delta.reasoningContent));
  const block = isNew ? addBlock({}, index, draft) : known;
  if (delta.text !== undefined) addText(block, delta.text);
  else if (delta.reasoningContent) return { content: "", thinking: addThought(block, delta.reasoningContent) };
  else if (delta.citation) addCitation(block, delta.citation);
  else if (delta.toolResult) addResults(block, delta.toolResult as ToolResultContentBlock[]);
  else if (delta.image) addImage(block, delta.image);
  else if (isNew) Object.assign(block, delta);
  return { content: delta.text ?? "" };
}

const noCall = { toolUseId: "", name: "" };

function addInput(input: string, index: number, draft: Draft<BedrockTypes>): void {
  const { blocks, calls } = foldingOf(draft);
  const block = blocks.get(index);
  if (block?.toolUse && !isClientCall(block.toolUse.type)) {
    block.toolUse.input += input;
    return;
  }
  const fragment = { index, id: "", name: "", input };
  const known = sameCall(draft.calls, fragment);
  if (known === undefined) openCall(noCall, index, draft);
  const call = known ?? draft.calls.at(-1);
  const ofCall = call && calls.get(call)?.toolUse;
  if (call === undefined || ofCall === undefined) return;
  const before = call.input;
  // What has the index of its call is as sure as what has its id.
  addToCall(call, { ...fragment, ...(hasIndex(call, index) && { id: call.id }) });
  if (call.input !== before) reopen(draft);
  // The SDK's type has any JSON here.
  ofCall.input = (call.complete && typeof call.input === "string" ? parsed(call.input) : call.input) as OpenInput;
}

function addText(block: OpenBlock, text: string): void {
  const [cited] = block.citationsContent?.content ?? [];
  if (cited !== undefined) cited.text += text;
  else if (block.citationsContent) block.citationsContent.content.push({ text });
  else block.text = (block.text ?? "") + text;
}

function addThought(block: OpenBlock, delta: ContentBlockDelta.ReasoningContentMember["reasoningContent"]) {
  const { text, signature, redactedContent } = delta;
  block.reasoningContent ??= {};
  const thought = block.reasoningContent;
  if (redactedContent) thought.redactedContent = appendBytes(thought.redactedContent, redactedContent);
  if (text === undefined && signature === undefined) return undefined;
  thought.reasoningText ??= { text: "" };
  thought.reasoningText.text += text ?? "";
  if (signature !== undefined) thought.reasoningText.signature = (thought.reasoningText.signature ?? "") + signature;
  return text;
}

// A block that turns out to have sources is an answer with citations, and the text it began with is part of that.
function addCitation(block: OpenBlock, citation: object): void {
  if (block.citationsContent === undefined) {
    block.citationsContent = { content: block.text === undefined ? [] : [{ text: block.text }], citations: [] };
    delete block.text;
  }
  block.citationsContent.citations.push(citation);
}

function addResults(block: OpenBlock, pieces: readonly ToolResultContentBlock[]): void {
  block.toolResult ??= { content: [] };
  const { content } = block.toolResult;
  for (const piece of pieces) {
    const last = content.at(-1);
    if (piece.text !== undefined && last?.text !== undefined) last.text += piece.text;
    else content.push({ ...piece });
  }
}

function addImage(block: OpenBlock, { source, error }: ContentBlockDelta.ImageMember["image"]): void {
  block.image ??= {};
  if (error) block.image.error = error;
  if (source?.bytes) block.image.source = { bytes: appendBytes(block.image.source?.bytes, source.bytes) };
  else if (source) block.image.source ??= source as { bytes?: Uint8Array };
}

function closeBlock(index: number, draft: Draft<BedrockTypes>): void {
  const { blocks, calls } = foldingOf(draft);
  const block = blocks.get(index);
  if (block === undefined) return;
  // What comes under this index from now on is another block.
  blocks.delete(index);
  const { toolUse, image, reasoningContent: thought } = block;
  if (toolUse && typeof toolUse.input === "string") toolUse.input = parsed(toolUse.input);
  if (image?.source?.bytes) image.source.bytes = trimBytes(image.source.bytes);
  if (thought?.redactedContent) thought.redactedContent = trimBytes(thought.redactedContent);
  for (const call of draft.calls) if (calls.get(call) === block) call.complete = true;
}

function parsed(text: string): OpenInput {
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}

type Stop = NonNullable<ConverseStreamOutput["messageStop"]>;
type Metadata = NonNullable<ConverseStreamOutput["metadata"]>;

function readStop(stop: Stop, draft: Draft<BedrockTypes>): ChunkReading<BedrockTypes> {
  for (const index of foldingOf(draft).blocks.keys()) closeBlock(index, draft);
  Object.assign(draft.response ?? {}, stop);
  // `metadata` with the usage follows; the answer itself is whole.
  draft.done = true;
  return { content: "", finishReasons: stop.stopReason ? [stop.stopReason] : undefined };
}

function readMetadata(metadata: Metadata, draft: Draft<BedrockTypes>): ChunkReading<BedrockTypes> {
  Object.assign(draft.response ?? {}, metadata);
  const { usage, trace } = metadata;
  return { content: "", model: trace?.promptRouter?.invokedModelId, usage, tokens: usage && readTokens(usage) };
}
