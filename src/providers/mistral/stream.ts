import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import type { ChunkReading, Draft, ToolCallDraft } from "../../contract/provider.ts";
import { addToCall, beginCall, sameCall } from "../../dialects/call-fragments.ts";
import { readId } from "./call-ids.ts";
import { isFunction, readTokens, textOfContent, thoughtsOf } from "./read.ts";
import type { MistralTypes } from "./types.ts";

interface Turn extends Omit<sdk.DeltaMessage, "index"> {
  content: string | sdk.ContentChunk[];
  prefix?: boolean;
}

interface Choice {
  index: number;
  message?: Turn;
  messages?: Turn[];
  finishReason: MistralTypes["FinishReason"] | null;
}

interface Body extends Omit<sdk.ChatCompletionResponse, "choices" | "usage"> {
  usage?: sdk.UsageInfo;
  choices: Choice[];
}

/** What one event says, after folding it into the completion that is being received. */
export function readEvent({ data }: sdk.CompletionEvent, draft: Draft<MistralTypes>): ChunkReading<MistralTypes> {
  const body = foldHead(data, draft);
  const reasons: MistralTypes["FinishReason"][] = [];
  let content = "";
  let thinking = "";
  for (const { index, delta, finishReason } of data.choices ?? []) {
    const choice = choiceAt(body, index);
    const turn = choice && turnAt(choice, delta.index ?? 0);
    if (choice === undefined || turn === undefined) continue;
    const isFirst = choice === body.choices[0];
    foldTurn(turn, delta);
    const called = delta.toolCalls ? foldToolCalls(turn, delta.toolCalls, isFirst ? draft : undefined) : false;
    // An answer that goes on after it gave its reason is not whole before it gives another.
    if (called || says(delta)) choice.finishReason = null;
    if (isFirst && turn.role === "tool") forget(draft, turn.toolCallId);
    else if (isFirst) {
      content += textOfContent(delta.content);
      for (const { text } of thoughtsOf(delta.content)) thinking += text;
    }
    if (!finishReason) continue;
    choice.finishReason = finishReason;
    reasons.push(finishReason);
    if (isFirst) for (const call of draft.calls) call.complete = true;
  }
  draft.done = body.choices.every(({ finishReason }) => finishReason);
  return {
    id: data.id || undefined,
    model: data.model || undefined,
    content,
    thinking: thinking || undefined,
    finishReasons: reasons.length > 0 ? reasons : undefined,
    usage: data.usage,
    tokens: data.usage && readTokens(data.usage),
  };
}

function says({ content }: sdk.DeltaMessage): boolean {
  return textOfContent(content) !== "" || thoughtsOf(content).some(({ text }) => text !== "");
}

function foldHead(data: sdk.CompletionChunk, draft: Draft<MistralTypes>): Body {
  // While it is received the completion still lacks its usage and reasons; at the end it is what the SDK types.
  let body = draft.response as Body | undefined;
  if (body === undefined) {
    const { choices: _, usage: __, ...head } = data;
    body = { ...(head as Omit<Body, "choices">), object: "chat.completion", choices: [] };
    choiceAt(body, 0);
    draft.response = body as MistralTypes["Response"];
  }
  body.id ||= data.id;
  body.model ||= data.model;
  if (data.usage) body.usage = data.usage;
  return body;
}

// Far more than any model gives; an index beyond it is nonsense that must not allocate.
const most = 1024;

function choiceAt({ choices }: Body, index: number): Choice | undefined {
  if (!isIndex(index)) return undefined;
  while (choices.length <= index) {
    choices.push({ index: choices.length, message: newTurn(), finishReason: null });
  }
  return choices[index];
}

/** The turn a delta belongs to; there is one, unless Mistral ran tools of its own before it answered. */
function turnAt(choice: Choice, index: number): Turn | undefined {
  if (!isIndex(index)) return undefined;
  if (index === 0 && choice.message) return choice.message;
  if (choice.message) {
    choice.messages = [choice.message];
    delete choice.message;
  }
  choice.messages ??= [];
  while (choice.messages.length <= index) choice.messages.push(newTurn());
  return choice.messages[index];
}

function isIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < most;
}

function newTurn(): Turn {
  return { role: "assistant", content: "", prefix: false };
}

function foldTurn(turn: Turn, { role, content, toolCallId, metadata }: sdk.DeltaMessage): void {
  if (role) turn.role = role;
  if (toolCallId) turn.toolCallId = toolCallId;
  if (metadata) turn.metadata = metadata;
  if (typeof content === "string") appendText(turn, content);
  else for (const chunk of content ?? []) appendChunk(turn, chunk);
}

function appendText(turn: Turn, text: string): void {
  if (typeof turn.content === "string") turn.content += text;
  else if (text !== "") appendChunk(turn, { type: "text", text });
}

/** Text follows text and thought follows thought in one chunk, as in an answer that is not streamed. */
function appendChunk(turn: Turn, chunk: sdk.ContentChunk): void {
  if (typeof turn.content === "string") {
    turn.content = turn.content === "" ? [] : [{ type: "text", text: turn.content }];
  }
  const last = turn.content.at(-1);
  if (chunk.type === "text" && last?.type === "text") last.text += chunk.text;
  else if (chunk.type === "thinking" && last?.type === "thinking" && !last.closed) appendThought(last, chunk);
  else turn.content.push(ownCopy(chunk));
}

function appendThought(known: sdk.ThinkChunk, { thinking, signature, closed }: sdk.ThinkChunk): void {
  for (const piece of thinking) {
    const last = known.thinking.at(-1);
    if (last && "text" in last && "text" in piece) last.text += piece.text;
    else known.thinking.push({ ...piece });
  }
  if (signature) known.signature = signature;
  if (closed !== undefined) known.closed = closed;
}

// Only what grows is copied: an event is the SDK's and stays as it came.
function ownCopy(chunk: sdk.ContentChunk): sdk.ContentChunk {
  if (chunk.type === "text") return { ...chunk };
  if (chunk.type === "thinking") return { ...chunk, thinking: chunk.thinking.map((piece) => ({ ...piece })) };
  return chunk;
}

// The calls of each turn while they grow, side by side with its `toolCalls`.
const callsOfTurns = new WeakMap<Turn, ToolCallDraft[]>();

/**
 * Most models give a call whole in one event, some go on in later ones, whose fragments have neither name nor id: there
 * the SDK writes the id "null", and index 0 wherever the API gave none. True where a fragment told something new.
 */
function foldToolCalls(turn: Turn, deltas: readonly sdk.ToolCall[], draft: Draft<MistralTypes> | undefined): boolean {
  turn.toolCalls ??= [];
  const calls = callsOfTurns.get(turn) ?? [];
  callsOfTurns.set(turn, calls);
  let grew = false;
  for (const delta of deltas) {
    const { name = "", arguments: input = "" } = delta.function;
    const fragment = { index: delta.index ?? 0, id: readId(delta), name, input };
    const known = sameCall(calls, fragment);
    const call = known ?? beginCall(calls, fragment);
    if (known === undefined) {
      turn.toolCalls.push({ ...delta, function: { ...delta.function, arguments: "" } });
      if (draft && isFunction(delta)) draft.calls.push(call);
    }
    const before = call.input;
    addToCall(call, fragment);
    grew ||= known === undefined || call.input !== before;
    const native = turn.toolCalls[calls.indexOf(call)];
    if (native === undefined) continue;
    if (call.id !== "") native.id = call.id;
    native.function.name = call.name;
    // The SDK's type has any object here.
    native.function.arguments = call.input as string;
  }
  return grew;
}

/** A call that a later turn answers was Mistral's own to run, and is no call of the client's. */
function forget({ calls }: Draft<MistralTypes>, id: string | null | undefined): void {
  const at = calls.findIndex((call) => call.id === id);
  if (at !== -1) calls.splice(at, 1);
}
