import type { ChunkReading, Draft, ToolCallDraft } from "../contract/provider.ts";
import { toBase64 } from "../json/base64.ts";
import { tokensOf, wordOf } from "./read.ts";
import type { AISDKTypes } from "./types.ts";

type Result = AISDKTypes["Response"];
type Part = AISDKTypes["Chunk"];
type Content = Result["content"][number];
type Reading = ChunkReading<AISDKTypes>;

const nothing: Reading = { content: "" };

// Where the open blocks of each answer stand in its content, by the ids that its events have.
const blocks = new WeakMap<object, Map<string, number>>();

/** What one event says, after it was added to the answer. */
export function readPart(part: Part, draft: Draft<AISDKTypes>): Reading {
  draft.response ??= emptyResult();
  const { response } = draft;
  switch (part.type) {
    case "stream-start":
      response.warnings = [...part.warnings];
      return nothing;
    case "response-metadata": {
      const { type: _, ...told } = part;
      response.response = { ...response.response, ...told };
      return { content: "", ...(part.id && { id: part.id }), ...(part.modelId && { model: part.modelId }) };
    }
    case "finish":
      return finish(part, response, draft);
    case "file":
      response.content.push(part);
      return soundOf(part);
    case "source":
    case "custom":
    case "reasoning-file":
    case "tool-result":
    case "tool-approval-request":
      response.content.push(part);
      return nothing;
    default:
      return readBlock(part, response, draft);
  }
}

function emptyResult(): Result {
  const usage = {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  };
  return { content: [], finishReason: { unified: "other", raw: undefined }, usage, warnings: [] };
}

function finish(part: Extract<Part, { type: "finish" }>, response: Result, draft: Draft<AISDKTypes>): Reading {
  const { usage, finishReason, providerMetadata } = part;
  Object.assign(response, { usage, finishReason, ...(providerMetadata && { providerMetadata }) });
  // The model's service ended without its own last word: half an answer must not look whole.
  draft.done = finishReason.unified !== "interrupted";
  return { content: "", finishReasons: [wordOf(finishReason)], usage, tokens: tokensOf(usage) };
}

function soundOf({ mediaType, data }: Extract<Part, { type: "file" }>): Reading {
  if (!mediaType.startsWith("audio") || data.type !== "data") return nothing;
  const base64 = typeof data.data === "string" ? data.data : toBase64(data.data);
  return { content: "", audio: { data: base64, transcript: undefined } };
}

function readBlock(part: Part, response: Result, draft: Draft<AISDKTypes>): Reading {
  switch (part.type) {
    case "text-start":
    case "reasoning-start": {
      const { id, providerMetadata } = part;
      const type = part.type === "text-start" ? "text" : "reasoning";
      open(response, id, { type, text: "", ...(providerMetadata && { providerMetadata }) });
      return nothing;
    }
    case "text-delta":
      said(response, part);
      return { content: part.delta };
    case "reasoning-delta":
      said(response, part);
      return part.delta === "" ? nothing : { content: "", thinking: part.delta };
    case "text-end":
    case "reasoning-end":
      told(response, part);
      return nothing;
    case "tool-input-start":
    case "tool-input-delta":
    case "tool-call":
      return readCall(part, response, draft.calls);
    // What is left says nothing of the answer: pings, raw events, ends of arguments.
    default:
      return nothing;
  }
}

function open(response: Result, id: string, content: Content): void {
  const known = blocks.get(response) ?? new Map<string, number>();
  blocks.set(response, known.set(id, response.content.push(content) - 1));
}

function said(response: Result, { type, id, delta, providerMetadata }: Extract<Part, { delta: string }>): void {
  const kind = type === "text-delta" ? "text" : "reasoning";
  const block = blockOf(response, id, kind);
  if (block === undefined) {
    open(response, id, { type: kind, text: delta, ...(providerMetadata && { providerMetadata }) });
    return;
  }
  block.text += delta;
  if (providerMetadata) block.providerMetadata = providerMetadata;
}

function told(response: Result, part: Extract<Part, { type: "text-end" | "reasoning-end" }>): void {
  const block = blockOf(response, part.id, part.type === "text-end" ? "text" : "reasoning");
  if (block === undefined) return;
  if (part.providerMetadata) block.providerMetadata = part.providerMetadata;
  if (part.type === "text-end" && part.citations && block.type === "text") block.citations = part.citations;
}

function blockOf(response: Result, id: string, type: "text" | "reasoning") {
  const block = response.content[blocks.get(response)?.get(id) ?? -1];
  return block !== undefined && block.type === type ? (block as Extract<Content, { text: string }>) : undefined;
}

type CallPart = Extract<Part, { type: "tool-input-start" | "tool-input-delta" | "tool-call" }>;

/** Calls that the model's service executes itself are content like any other. */
function readCall(part: CallPart, response: Result, calls: ToolCallDraft[]): Reading {
  if (part.type === "tool-call") return readWhole(part, response, calls);
  const { id } = part;
  if (part.type === "tool-input-start") {
    // Where the arguments come as something else than JSON, they are known when the call is whole.
    if (part.providerExecuted || part.inputEncoding === "text") return nothing;
    begin(response, calls, { type: "tool-call", toolCallId: id, toolName: part.toolName, input: "" });
    return nothing;
  }
  const call = calls.findLast((one) => one.id === id && !one.complete);
  if (call !== undefined) {
    call.input = `${call.input}${part.delta}`;
    call.delta += part.delta;
    replace(response, id, { input: call.input });
  }
  return nothing;
}

function readWhole(part: AISDKTypes["ToolCall"], response: Result, calls: ToolCallDraft[]): Reading {
  if (part.providerExecuted) {
    response.content.push(part);
    return nothing;
  }
  const known = calls.findLast((one) => one.id === part.toolCallId && !one.complete);
  const call = known ?? begin(response, calls, part);
  // Who watches it grow is told of what never came in pieces.
  if (call.input === "") call.delta = part.input;
  call.input = part.input;
  call.complete = true;
  replace(response, part.toolCallId, part);
  return nothing;
}

function begin(response: Result, calls: ToolCallDraft[], part: AISDKTypes["ToolCall"]): ToolCallDraft {
  const { toolCallId: id, toolName: name } = part;
  const call: ToolCallDraft = { key: id, id, name, input: "", delta: "", complete: false };
  calls.push(call);
  response.content.push({ ...part });
  return call;
}

function replace(response: Result, id: string, change: Partial<AISDKTypes["ToolCall"]>): void {
  const at = response.content.findLastIndex((part) => part.type === "tool-call" && part.toolCallId === id);
  const part = response.content[at] as AISDKTypes["ToolCall"];
  response.content[at] = { ...part, ...change };
}
