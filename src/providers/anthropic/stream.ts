import type Anthropic from "@anthropic-ai/sdk";
import type { ChunkReading, Draft, ToolCallDraft } from "../../contract/provider.ts";
import { ResponseError } from "../../errors/errors.ts";
import { readTokens } from "./read.ts";
import type { AnthropicTypes } from "./types.ts";

type Chunk = Anthropic.RawMessageStreamEvent;
type FoldedBlock = { type: string; [key: string]: unknown };
type Folded = Omit<Anthropic.Message, "content"> & { content: FoldedBlock[] };
type Event<Type extends Chunk["type"]> = Extract<Chunk, { type: Type }>;

const nothing: ChunkReading<AnthropicTypes> = { content: "" };

/** What one event says, after folding it into the message that is being received. */
export function readEvent(chunk: Chunk, draft: Draft<AnthropicTypes>): ChunkReading<AnthropicTypes> {
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
      draft.done = draft.response !== undefined;
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
  messageOf(draft).content.push(block);
  if (block.type === "tool_use") draft.calls.push(startCall(index, block));
  return { content: text(block, "text"), thinking: text(block, "thinking") || undefined };
}

// Until the block is whole its input is the text so far, so that a call that was cut never looks like one.
function startCall(key: number, block: FoldedBlock): ToolCallDraft {
  const { input } = block;
  const isWhole = typeof input === "object" && input !== null && Object.keys(input).length > 0;
  const known = isWhole ? input : "";
  block.input = known;
  return { key, id: text(block, "id"), name: text(block, "name"), input: known, delta: "", complete: false };
}

function foldDelta({ index, delta }: Event<"content_block_delta">, draft: Draft<AnthropicTypes>) {
  const block = blockAt(draft, index) ?? notBegun("block");
  switch (delta.type) {
    case "text_delta":
      return { content: grow(block, "text", delta.text) };
    case "thinking_delta":
      return { content: "", thinking: grow(block, "thinking", delta.thinking) || undefined };
    case "signature_delta":
      block.signature = delta.signature;
      return nothing;
    case "citations_delta":
      if (Array.isArray(block.citations)) block.citations.push(delta.citation);
      else block.citations = [delta.citation];
      return nothing;
    case "input_json_delta":
      growInput(block, index, delta.partial_json, draft);
      return nothing;
    default:
      foldUnknown(block, delta);
      return nothing;
  }
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

function growInput(block: FoldedBlock, index: number, json: unknown, draft: Draft<AnthropicTypes>): void {
  const added = grow(block, "input", json);
  const call = block.type === "tool_use" ? draft.calls.findLast(({ key }) => key === index) : undefined;
  if (call === undefined) return;
  call.input = text(block, "input");
  call.delta += added;
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
  if (block !== undefined && typeof block.input === "string") block.input = parseInput(block.input);
  const call = draft.calls.findLast(({ key }) => key === index);
  if (call !== undefined) call.complete = true;
  return nothing;
}

// What is no JSON stays text: whoever reads the call is told, with the text.
function parseInput(input: string): unknown {
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
  merge(counts, usage ?? {});
  message.usage = counts;
  const reason = delta?.stop_reason;
  return { content: "", finishReasons: reason ? [reason] : undefined, usage: counts, tokens: readTokens(counts) };
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
  const { content } = messageOf(draft);
  return (Number.isInteger(index) ? content[index] : undefined) ?? content.at(-1);
}
