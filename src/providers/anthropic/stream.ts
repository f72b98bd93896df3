import type Anthropic from "@anthropic-ai/sdk";
import type { ChunkReading, Draft, ToolCallDraft } from "../../contract/provider.ts";
import {
  addToCall,
  beginCall,
  type CallFragment,
  callOfId,
  hasIndex,
  sameCall,
} from "../../dialects/call-fragments.ts";
import { ResponseError } from "../../errors/errors.ts";
import { readTokens } from "./tokens.ts";
import type { AnthropicTypes } from "./types.ts";

type Chunk = Anthropic.RawMessageStreamEvent;
type FoldedBlock = { type: string; [key: string]: unknown };
type Folded = Omit<Anthropic.Message, "content"> & { content: FoldedBlock[] };
type Event<Type extends Chunk["type"]> = Extract<Chunk, { type: Type }>;

const nothing: ChunkReading<AnthropicTypes> = { content: "" };

/** What one event says, after folding it into the message that is being received. */
export function readEvent(chunk: Chunk, draft: Draft<AnthropicTypes>): ChunkReading<AnthropicTypes> {
  const reading = foldEvent(chunk, draft);
  if (reading.content || reading.thinking) reopen(draft);
  return reading;
}

/** An answer that goes on after it gave its reason is not whole before it gives another. */
function reopen(draft: Draft<AnthropicTypes>): void {
  const folding = foldingOf(draft);
  if (folding.state === "begun" || draft.response === undefined) return;
  folding.state = "reopened";
  draft.response.stop_reason = null;
  draft.done = false;
}

function foldEvent(chunk: Chunk, draft: Draft<AnthropicTypes>): ChunkReading<AnthropicTypes> {
  switch (chunk?.type) {
    case "message_start":
      return startMessage(chunk, draft);
    case "content_block_start":
      return startBlock(chunk, draft);
    case "content_block_delta":
      return foldDelta(chunk, draft);
    case "content_block_stop":
      return endBlock(chunk, draft);
    case "message_delta":
      return endMessage(chunk, draft);
    case "message_stop":
      draft.done = draft.response !== undefined && foldingOf(draft).state !== "reopened";
      return nothing;
    default:
      return unknownEvent(chunk);
  }
}

// The SDK throws for an `error` event; what relays the events under other names must not hide one.
function unknownEvent(chunk: unknown): ChunkReading<AnthropicTypes> {
  const { type, error } = (chunk ?? {}) as { type?: unknown; error?: { type?: unknown; message?: unknown } };
  if (type !== "error") return nothing;
  const said = `${error?.type ?? "error"}: ${error?.message ?? "no message"}`;
  throw new ResponseError("anthropic", `anthropic broke off its answer with ${said}.`, chunk);
}

function startMessage({ message }: Event<"message_start">, draft: Draft<AnthropicTypes>) {
  // The event itself is the caller's to keep: what grows is a copy.
  draft.response = { ...message, content: [] };
  const { id, model, usage } = message;
  return { content: "", id: id || undefined, model: model || undefined, usage, tokens: readTokens(usage) };
}

function startBlock({ index, content_block }: Event<"content_block_start">, draft: Draft<AnthropicTypes>) {
  const block: FoldedBlock = { ...content_block };
  const { citations } = block;
  if (Array.isArray(citations)) block.citations = [...citations];
  if (block.type === "tool_use") startCall(index, block, draft);
  else addBlock(index, block, draft);
  return { content: text(block, "text"), thinking: text(block, "thinking") || undefined };
}

/** A begin at a used index begins a new block: what the index meant before is over. */
function addBlock(index: number, block: FoldedBlock, draft: Draft<AnthropicTypes>): FoldedBlock {
  const message = messageOf(draft);
  const { blocks } = foldingOf(draft);
  const before = blocks.get(index);
  if (before !== undefined) end(before, draft);
  blocks.set(index, block);
  message.content.push(block);
  return block;
}

// Until the block is whole its input is the text so far, so that a call that was cut never looks like one.
function startCall(index: number, block: FoldedBlock, draft: Draft<AnthropicTypes>): void {
  const { input } = block;
  const isGiven = typeof input === "object" && input !== null && Object.keys(input).length > 0;
  const fragment = { index, id: text(block, "id"), name: text(block, "name"), input: isGiven ? input : "" };
  const known = callOfId(draft.calls, fragment);
  const { blocks, calls } = foldingOf(draft);
  const begun = known && calls.get(known);
  if (begun !== undefined) blocks.set(index, begun);
  else addBlock(index, block, draft);
  if (known === undefined) reopen(draft);
  const call = known ?? beginCall(draft.calls, fragment);
  calls.set(call, begun ?? block);
  addTo(call, fragment, draft);
}

function addTo(call: ToolCallDraft, fragment: CallFragment, draft: Draft<AnthropicTypes>): void {
  const before = call.input;
  addToCall(call, fragment);
  if (call.input !== before) reopen(draft);
  const block = foldingOf(draft).calls.get(call);
  if (block !== undefined) block.input = call.complete ? parseInput(call.input) : call.input;
}

function foldDelta({ index, delta }: Event<"content_block_delta">, draft: Draft<AnthropicTypes>) {
  switch (delta.type) {
    case "text_delta":
      return { content: grow(blockFor("text", index, draft), "text", delta.text) };
    case "thinking_delta":
      return {
        content: "",
        thinking: grow(blockFor("thinking", index, draft), "thinking", delta.thinking) || undefined,
      };
    case "input_json_delta":
      growInput(index, delta.partial_json, draft);
      return nothing;
    default:
      foldOther(blockAt(draft, index) ?? notBegun("block"), delta);
      return nothing;
  }
}

function foldOther(block: FoldedBlock, delta: Event<"content_block_delta">["delta"]): void {
  if (delta.type === "signature_delta") block.signature = delta.signature;
  else if (delta.type !== "citations_delta") foldUnknown(block, delta);
  else if (Array.isArray(block.citations)) block.citations.push(delta.citation);
  else block.citations = [delta.citation];
}

const kinds: readonly string[] = ["text", "thinking", "tool_use"];

/** The block of an index; a new one where that is known to be of another kind. */
function blockFor(type: string, index: number, draft: Draft<AnthropicTypes>): FoldedBlock {
  const block = blockAt(draft, index) ?? notBegun("block");
  if (block.type === type || !kinds.includes(block.type)) return block;
  return addBlock(index, { type, [type]: "" }, draft);
}

/** The text a block has under this key; whatever else stands there is none. */
function text(block: FoldedBlock, key: string): string {
  const value = block[key];
  return typeof value === "string" ? value : "";
}

/** Appends and gives what was appended. */
function grow(block: FoldedBlock, key: string, added: unknown): string {
  if (typeof added !== "string") return "";
  block[key] = text(block, key) + added;
  return added;
}

function growInput(index: number, json: unknown, draft: Draft<AnthropicTypes>): void {
  const block = blockAt(draft, index) ?? notBegun("block");
  if (!kinds.includes(block.type)) grow(block, "input", json);
  else if (typeof json === "string" || (typeof json === "object" && json !== null)) {
    const fragment = { index, id: "", name: "", input: json };
    const call = sameCall(draft.calls, fragment);
    // What has the index of its call is as sure as what has its id.
    if (call !== undefined) addTo(call, { ...fragment, ...(hasIndex(call, index) && { id: call.id }) }, draft);
    else if (json !== "") notBegun("tool call");
  }
}

// A kind of delta that is younger than this code: text is appended, all else taken as it is.
function foldUnknown(block: FoldedBlock, delta: object): void {
  for (const [key, value] of Object.entries(delta)) {
    if (key === "type" || key === "__proto__" || value === null) continue;
    if (typeof value === "string") grow(block, key, value);
    else block[key] = value;
  }
}

function endBlock({ index }: Event<"content_block_stop">, draft: Draft<AnthropicTypes>) {
  const block = blockAt(draft, index);
  if (block !== undefined) end(block, draft);
  return nothing;
}

function end(block: FoldedBlock, draft: Draft<AnthropicTypes>): void {
  if (block.input !== undefined) block.input = parseInput(block.input);
  const { calls } = foldingOf(draft);
  for (const call of draft.calls) if (calls.get(call) === block) call.complete = true;
}

// What is no JSON stays text: whoever reads the call is told, with the text.
function parseInput(input: unknown): unknown {
  if (typeof input !== "string") return input;
  try {
    return JSON.parse(input.trim() || "{}");
  } catch {
    return input;
  }
}

/** Everything the event says about the whole message; its counts are the latest, not further ones. */
function endMessage({ type: _, delta, usage, ...rest }: Event<"message_delta">, draft: Draft<AnthropicTypes>) {
  const message = messageOf(draft);
  merge(message, { ...rest, ...delta });
  const counts = { ...message.usage };
  merge(counts, toldOf(usage ?? {}));
  message.usage = counts;
  const reason = delta?.stop_reason;
  if (reason) foldingOf(draft).state = "ended";
  return { content: "", finishReasons: reason ? [reason] : undefined, usage: counts, tokens: readTokens(counts) };
}

// Relays that count only what was written say 0 of what was read: that takes nothing back.
function toldOf(usage: object): object {
  return Object.fromEntries(
    Object.entries(usage).filter(([key, count]) => count !== 0 || !key.endsWith("input_tokens")),
  );
}

// What does not apply is `null` there, and does not undo what was known.
function merge(target: object, source: object): void {
  for (const [key, value] of Object.entries(source)) {
    if (key === "__proto__" || (value === null && Object.hasOwn(target, key))) continue;
    Reflect.set(target, key, value);
  }
}

function messageOf(draft: Draft<AnthropicTypes>): Folded {
  // Blocks that are being received are read and written by key, whatever their kind.
  return (draft.response as object | undefined as Folded | undefined) ?? notBegun("message");
}

function notBegun(what: string): never {
  throw new ResponseError("anthropic", `anthropic sent an event of a ${what} that it had not begun.`, undefined);
}

// Blocks come one after another: where a relay left some out, and the indexes run ahead, it is the latest.
function blockAt(draft: Draft<AnthropicTypes>, index: number): FoldedBlock | undefined {
  return foldingOf(draft).blocks.get(index) ?? messageOf(draft).content.at(-1);
}

interface Folding {
  /** The blocks by the index that each has at present. */
  readonly blocks: Map<number, FoldedBlock>;
  /** The block that each call stands in. */
  readonly calls: Map<ToolCallDraft, FoldedBlock>;
  /** Whether its reason has come, and whether it went on after that. */
  state: "begun" | "ended" | "reopened";
}

// What belongs to a draft and has no place in it; it goes when the draft goes.
const foldings = new WeakMap<Draft<AnthropicTypes>, Folding>();

function foldingOf(draft: Draft<AnthropicTypes>): Folding {
  const folding: Folding = foldings.get(draft) ?? { blocks: new Map(), calls: new Map(), state: "begun" };
  foldings.set(draft, folding);
  return folding;
}
