import type { ChunkReading, Draft, ProviderTypes, ToolCallDraft } from "../contract/provider.ts";
import { addToCall, beginCall, type CallFragment, sameCall } from "./call-fragments.ts";
import {
  type ChatAnswer,
  type ChatBody,
  type ChatChoice,
  type ChatToolCall,
  chatTokens,
  contentText,
} from "./chat-completions-read.ts";
import { soundOf } from "./growing-base64.ts";

type Folded = ChatAnswer & { content: string | null; tool_calls?: ChatToolCall[]; [key: string]: unknown };

interface FoldedChoice extends ChatChoice {
  message: Folded;
}

/** What one chunk says, after folding it into the completion that is being received. */
export function readChatChunk<P extends ProviderTypes>(chunk: P["Chunk"], draft: Draft<P>): ChunkReading<P> {
  const event = chunk as ChatBody;
  const body = foldHead(event, draft);
  let content = "";
  let answer: ChatAnswer | undefined;
  let reasons: P["FinishReason"][] | undefined;
  // Usage comes in a chunk of its own without choices; some services leave the list out there.
  for (const choice of event.choices ?? []) {
    const delta = choice.delta ?? choice.message ?? {};
    const target = choiceAt(body, choice.index ?? 0, draft);
    if (target === undefined) continue;
    const added = foldAnswer(target.message, delta);
    foldRest(target, choice, choiceKeys);
    if (choice.logprobs) foldLogprobs(target, choice.logprobs);
    if (target === body.choices[0]) {
      content = added;
      answer = delta;
    }
    const { tool_calls: calls } = delta;
    const called = calls ? foldToolCalls(callsOf(draft, target), target.message, calls) : false;
    if (target.finish_reason && !choice.finish_reason && (called || says(delta))) reopen(target, draft);
    if (choice.finish_reason) {
      reasons ??= [];
      reasons.push(choice.finish_reason);
      finish(target, choice.finish_reason, draft);
    }
  }
  if (reasons !== undefined) draft.done = body.choices.every(({ finish_reason }) => finish_reason);
  return {
    id: event.id || undefined,
    model: event.model || undefined,
    content,
    thinking: answer?.reasoning || answer?.reasoning_content || undefined,
    finishReasons: reasons,
    usage: (event.usage as P["Usage"] | null | undefined) ?? undefined,
    tokens: event.usage ? chatTokens(event.usage) : undefined,
    audio: answer?.audio ? { data: answer.audio.data, transcript: answer.audio.transcript } : undefined,
  };
}

interface FoldedBody extends ChatBody {
  choices: FoldedChoice[];
}

// The first value of these counts, and an empty one is none: Azure's first chunk has neither id nor model, and Groq's
// agents change their id on the way.
const headKeys = ["id", "model", "created"] as const;
/** What is folded by a rule of its own, or belongs to the stream alone. */
const bodyKeys: ReadonlySet<string> = new Set([...headKeys, "object", "choices", "usage", "obfuscation", "__proto__"]);
const choiceKeys: ReadonlySet<string> = new Set([
  "index",
  "delta",
  "message",
  "finish_reason",
  "logprobs",
  "__proto__",
]);

function foldHead<P extends ProviderTypes>(event: ChatBody, draft: Draft<P>): FoldedBody {
  const body = (draft.response ?? { id: "", object: "chat.completion", choices: [] }) as FoldedBody;
  // There is an answer to look at from the first event on, be it an empty one.
  if (draft.response === undefined) choiceAt(body, 0, draft);
  draft.response = body as P["Response"];
  for (const key of headKeys) if (!body[key] && event[key]) Object.assign(body, { [key]: event[key] });
  foldRest(body, event, bodyKeys);
  if (event.usage) body.usage = event.usage;
  return body;
}

/** Everything else an event says stays: objects grow by their keys, of anything else the last value counts. */
function foldRest(target: object, source: object, known: ReadonlySet<string>): void {
  const fields = target as Record<string, unknown>;
  // No list of the keys is made, for each event anew.
  for (const key in source) {
    if (known.has(key) || !Object.hasOwn(source, key)) continue;
    const value = (source as Record<string, unknown>)[key];
    if (value === null || value === undefined) continue;
    fields[key] = isRecord(value) ? { ...(isRecord(fields[key]) && fields[key]), ...value } : value;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Far more than any provider gives; an index beyond it is nonsense that must not allocate.
const mostChoices = 1024;

function choiceAt<P extends ProviderTypes>(body: FoldedBody, index: number, draft: Draft<P>): FoldedChoice | undefined {
  if (!Number.isInteger(index) || index < 0 || index >= mostChoices) return undefined;
  for (let next = body.choices.length; next <= index; next++) {
    draft.done = false;
    body.choices.push({
      index: next,
      finish_reason: null,
      message: { role: "assistant", content: "", refusal: null },
    } as FoldedChoice);
  }
  return body.choices[index];
}

/** True for a delta that adds to what the model says, thinks or speaks. */
function says({ content, refusal, reasoning, reasoning_content, audio }: ChatAnswer): boolean {
  const text = typeof content === "string" ? content : contentText(content);
  return [text, refusal, reasoning, reasoning_content, audio?.data, audio?.transcript].some(Boolean);
}

/** An answer that goes on after it gave its reason is not whole before it gives another. */
function reopen<P extends ProviderTypes>(choice: FoldedChoice, draft: Draft<P>): void {
  choice.finish_reason = null;
  draft.done = false;
}

/** Folds a delta into the message and gives the text it added. */
function foldAnswer(message: Folded, delta: ChatAnswer): string {
  let text = "";
  for (const key in delta) {
    if (answerKeys.has(key) || !Object.hasOwn(delta, key)) continue;
    const value = (delta as Record<string, unknown>)[key];
    if (value === null || value === undefined) continue;
    if (key === "content") {
      text = typeof value === "string" ? value : contentText(value);
      if (text !== "") message.content = (message.content ?? "") + text;
    } else if (key === "audio") message.audio = foldAudio(message, value as NonNullable<ChatAnswer["audio"]>);
    else if (Array.isArray(value)) message[key] = foldItems(message[key], value);
    else if (key === "function_call") message[key] = grown(message[key], value, ["arguments"]);
    else message[key] = grownText(message[key], value, growing.includes(key));
  }
  return text;
}

const answerKeys: ReadonlySet<string> = new Set(["role", "tool_calls", "__proto__"]);
/** The texts of a message that come in pieces. Any other is a label, which is repeated: Groq's `channel`. */
const growing: readonly string[] = ["reasoning", "reasoning_content", "refusal"];
const growingInItem: readonly string[] = ["text", "summary", "data", "thinking"];

function grownText(known: unknown, value: unknown, grows: boolean): unknown {
  return grows && typeof known === "string" && typeof value === "string" ? known + value : value;
}

/** The known object with what came added to it: the named texts are appended, anything else replaces. */
function grown(known: unknown, value: object, grows: readonly string[]): Record<string, unknown> {
  const result = (isRecord(known) ? known : {}) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined || key === "__proto__") continue;
    result[key] = grownText(result[key], item, grows.includes(key));
  }
  return result;
}

/** List items of one index and type are one item that grows. */
function foldItems(known: unknown, added: readonly unknown[]): unknown[] {
  const items: unknown[] = Array.isArray(known) ? known : [];
  for (const item of added) {
    if (!isRecord(item)) {
      items.push(item);
      continue;
    }
    const { index, type } = item;
    const same =
      index === undefined
        ? undefined
        : items.findLast((one) => isRecord(one) && one.index === index && one.type === type);
    if (same !== undefined) grown(same as object, item, growingInItem);
    else items.push({ ...item });
  }
  return items;
}

function foldAudio(message: Folded, delta: NonNullable<ChatAnswer["audio"]>): NonNullable<Folded["audio"]> {
  const known = message.audio;
  return {
    ...known,
    ...delta,
    data: soundOf(message).push(delta.data ?? ""),
    transcript: (known?.transcript ?? "") + (delta.transcript ?? ""),
  };
}

function foldLogprobs(choice: FoldedChoice, logprobs: object): void {
  const known = (choice.logprobs ?? {}) as Record<string, unknown>;
  choice.logprobs = known;
  for (const [key, value] of Object.entries(logprobs)) {
    const items = known[key];
    if (Array.isArray(items) && Array.isArray(value)) items.push(...value);
    else if (value !== null || items === undefined) known[key] = Array.isArray(value) ? [...value] : value;
  }
}

const callsOfOthers = new WeakMap<FoldedChoice, ToolCallDraft[]>();

/** The calls of the first choice are those of the answer; any other's are in the response alone. */
function callsOf<P extends ProviderTypes>(draft: Draft<P>, choice: FoldedChoice): ToolCallDraft[] {
  if (choice === (draft.response as FoldedBody).choices[0]) return draft.calls;
  const calls = callsOfOthers.get(choice) ?? [];
  callsOfOthers.set(choice, calls);
  return calls;
}

/** True where a fragment told something new. */
function foldToolCalls(calls: ToolCallDraft[], message: Folded, deltas: ChatToolCall[]): boolean {
  let grew = false;
  for (const delta of deltas) {
    const fragment = fragmentOf(delta);
    const known = sameCall(calls, fragment);
    const call = known ?? beginCall(calls, fragment);
    if (known === undefined) beginNative(message, call, delta);
    const before = call.input;
    addToCall(call, fragment);
    grew ||= known === undefined || call.input !== before;
    const native = message.tool_calls?.[calls.indexOf(call)];
    if (native === undefined) continue;
    native.id = call.id;
    if (native.custom) Object.assign(native.custom, { name: call.name, input: call.input });
    if (native.function) Object.assign(native.function, { name: call.name, arguments: call.input });
    // Gemini's signatures stand beside a call or in its function, and are asked back.
    if (native.function && delta.function) foldRest(native.function, delta.function, functionKeys);
    foldRest(native, delta, callKeys);
  }
  return grew;
}

function fragmentOf({ index, id, function: fn, custom }: ChatToolCall): CallFragment {
  return {
    index,
    id: id ?? "",
    name: fn?.name ?? custom?.name ?? "",
    input: fn?.arguments ?? custom?.input ?? "",
    ...(custom && { free: true }),
  };
}

const callKeys: ReadonlySet<string> = new Set(["index", "id", "type", "function", "custom", "__proto__"]);
const functionKeys: ReadonlySet<string> = new Set(["name", "arguments", "__proto__"]);

function beginNative(message: Folded, { id, name }: ToolCallDraft, { custom }: ChatToolCall): void {
  message.tool_calls ??= [];
  message.tool_calls.push(
    custom
      ? { id, type: "custom", custom: { name, input: "" } }
      : { id, type: "function", function: { name, arguments: "" } },
  );
}

function finish<P extends ProviderTypes>(choice: FoldedChoice, reason: string, draft: Draft<P>): void {
  choice.finish_reason = reason;
  const { message } = choice;
  if (message.content === "" && (message.tool_calls || message.refusal || message.audio)) message.content = null;
  if (choice === (draft.response as FoldedBody).choices[0]) for (const call of draft.calls) call.complete = true;
}
