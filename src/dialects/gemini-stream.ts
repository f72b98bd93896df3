import type { Candidate, Content, FunctionCall, GenerateContentResponse, Part as GooglePart } from "@google/genai";
import type { ChunkReading, Draft, ToolCallDraft } from "../contract/provider.ts";
import { callOfId, isEmpty } from "./call-fragments.ts";
import { ArgumentBuilder } from "./gemini-arguments.ts";
import { finishReasonsOf, geminiTokens, partsOf, readAudio, textIn, thoughtIn } from "./gemini-read.ts";
import type { GenAITypes } from "./gemini-types.ts";
import { soundOf } from "./growing-base64.ts";

/** A candidate that is being received. */
type Folded = Omit<Candidate, "finishReason" | "content"> & {
  // The key is there from the beginning: it marks the draft.
  finishReason: Candidate["finishReason"] | undefined;
  content: Content & { parts: GooglePart[] };
};

type FoldedBody = Omit<GenerateContentResponse, "candidates"> & { candidates: Folded[] | undefined };

/** What one chunk says, after folding it into the response that is being received. */
export function readGeminiChunk<P extends GenAITypes>(chunk: P["Chunk"], draft: Draft<P>): ChunkReading<P> {
  const body = foldHead(chunk, draft);
  const candidates = chunk.candidates ?? [];
  for (const candidate of candidates) foldCandidate(candidateAt(body, candidate.index ?? 0), candidate, draft);
  const { candidates: folded, promptFeedback } = body;
  draft.done = folded ? folded.every(({ finishReason }) => finishReason) : Boolean(promptFeedback?.blockReason);
  const first = candidates.find(({ index = 0 }) => index === 0);
  const parts = partsOf(first?.content);
  const usage = chunk.usageMetadata ?? undefined;
  return {
    id: chunk.responseId || undefined,
    model: chunk.modelVersion || undefined,
    content: textIn(parts),
    thinking: thoughtIn(parts),
    finishReasons: finishReasonsOf<P>(candidates),
    usage,
    tokens: usage && geminiTokens(usage),
    audio: readAudio(parts),
  };
}

/** Everything beside the candidates: the last value counts, usage too, which is a running total. */
function foldHead<P extends GenAITypes>(chunk: P["Chunk"], draft: Draft<P>): FoldedBody {
  // Made by the class of the chunk, which is that of a whole response; the SDK itself is not loaded here.
  draft.response ??= Object.create(Object.getPrototypeOf(chunk)) as P["Response"];
  // A draft's fields are filled in by and by, key by key, where the SDK's type has them whole.
  const body = draft.response as unknown as FoldedBody;
  const fields = body as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(chunk)) {
    if (key !== "candidates" && key !== "__proto__" && value !== undefined && value !== null) fields[key] = value;
  }
  if (!body.promptFeedback?.blockReason && !Object.hasOwn(body, "candidates")) body.candidates = undefined;
  return body;
}

function candidateAt(body: FoldedBody, index: number): Folded {
  body.candidates ??= [];
  const at = body.candidates.findIndex((candidate) => (candidate.index ?? 0) >= index);
  const known = body.candidates[at];
  if (known !== undefined && (known.index ?? 0) === index) return known;
  const begun: Folded = { content: { role: "model", parts: [] }, finishReason: undefined };
  // The first candidate stands first, even when another one began to speak before it.
  body.candidates.splice(at < 0 ? body.candidates.length : at, 0, begun);
  return begun;
}

function foldCandidate<P extends GenAITypes>(target: Folded, candidate: Candidate, draft: Draft<P>): void {
  // Filled in key by key: what the SDK does not know of a candidate is kept too.
  const fields = target as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(candidate)) {
    if (key === "content" || key === "__proto__" || value === undefined || value === null) continue;
    fields[key] = Object.hasOwn(joined, key) ? joined[key as keyof typeof joined](fields[key], value) : value;
  }
  // An answer that goes on after it gave its reason is not whole before it gives another.
  if (!candidate.finishReason && partsOf(candidate.content).some(says)) target.finishReason = undefined;
  // The calls of the first candidate count, as its text does.
  const calls: ToolCallDraft[] = (candidate.index ?? 0) === 0 ? draft.calls : [];
  if (candidate.content?.role) target.content.role = candidate.content.role;
  for (const part of partsOf(candidate.content)) foldPart(target.content.parts, part, calls);
  if (candidate.finishReason) for (const call of calls) finish(call);
}

/** False for a part without content: such end some answers, with a signature or without. */
function says({ text, thoughtSignature: _, thought: __, ...more }: GooglePart): boolean {
  return Boolean(text) || Object.values(more).some((value) => value !== undefined);
}

/** What comes in pieces that are not running totals. */
const joined = {
  groundingMetadata: (known: unknown, value: object) => ({ ...(known as object | undefined), ...value }),
  citationMetadata: joinLists,
  logprobsResult: joinLists,
};

function joinLists(known: unknown, value: object): object {
  const whole = (known ?? {}) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) {
    const list = whole[key];
    if (Array.isArray(list) && Array.isArray(item)) for (const one of item) list.push(one);
    else whole[key] = Array.isArray(item) ? [...item] : item;
  }
  return whole;
}

function foldPart(parts: GooglePart[], part: GooglePart, calls: ToolCallDraft[]): void {
  const last = parts.at(-1);
  // A signature belongs to its very part: https://ai.google.dev/gemini-api/docs/thought-signatures
  if (part.functionCall) foldCall(parts, part, part.functionCall, calls);
  else if (last !== undefined && isSameSound(last, part)) appendSound(last, part);
  else if (last !== undefined && isPlain(last) && isPlain(part) && Boolean(last.thought) === Boolean(part.thought)) {
    last.text = `${last.text}${part.text}`;
    // An event may come with no text yet; sent back, a part without any is refused.
  } else if (!(isPlain(part) && part.text === "")) parts.push({ ...part });
}

/** Text and nothing more, so that it may be joined to other text. */
function isPlain(part: GooglePart): boolean {
  for (const key in part) if (key !== "text" && key !== "thought") return false;
  return part.text !== undefined;
}

/** Sound and nothing more, so that it may be joined to sound of the same kind. */
function isSameSound(last: GooglePart, part: GooglePart): boolean {
  const { mimeType } = part.inlineData ?? {};
  for (const one of [last, part]) for (const key in one) if (key !== "inlineData") return false;
  return mimeType?.startsWith("audio/") === true && last.inlineData?.mimeType === mimeType;
}

/** The part is ours, what it holds is the event's. */
function appendSound(last: GooglePart, part: GooglePart): void {
  const { inlineData: known } = last;
  last.inlineData = { ...known, data: soundOf(last, known?.data).push(part.inlineData?.data ?? "") };
}

function foldCall(parts: GooglePart[], part: GooglePart, call: FunctionCall, calls: ToolCallDraft[]): void {
  const last = calls.at(-1);
  const open = last instanceof StreamedCall && !last.complete ? last : undefined;
  const { id = "", name = "", args = {} } = call;
  // An id that comes again is that call's: a further piece of it, or all of it once more.
  const known = callOfId(calls, { index: calls.length, id, name, input: call.partialArgs ? "" : args });
  if (known instanceof StreamedCall && !known.complete && !call.args) known.add(part, call);
  else if (known !== undefined) replaceCall(parts, part, known, args);
  // A further piece has no name; an empty one ends the call.
  else if (open !== undefined && !call.name) open.add(part, call);
  else if (call.willContinue || (call.partialArgs && !call.args)) {
    // Pieces of calls with ids may come in turns.
    if (last !== undefined && !(last.id !== "" && id !== "")) finish(last);
    const begun = new StreamedCall(calls.length, call);
    calls.push(begun);
    parts.push(begun.part);
    begun.add(part, call);
  } else if (call.name) {
    if (last !== undefined && !(last.id !== "" && id !== "")) finish(last);
    parts.push(part);
    calls.push({ key: calls.length, id, name, input: args, delta: "", complete: true });
  }
}

/** The whole call again: its arguments stand, if it has any, and what else its part has. */
function replaceCall(parts: GooglePart[], part: GooglePart, call: ToolCallDraft, args: object): void {
  const at = parts.findLastIndex(({ functionCall }) => functionCall?.id === call.id);
  if (at === -1 || isEmpty(args)) return;
  if (call instanceof StreamedCall) call.end();
  call.input = args;
  call.complete = true;
  parts[at] = { ...parts[at], ...part };
}

function finish(call: ToolCallDraft): void {
  if (call instanceof StreamedCall) call.end();
  call.complete = true;
}

/** A call whose arguments come in pieces: as JSON text for those who watch it grow, as the object it will be in `part`. */
class StreamedCall implements ToolCallDraft {
  readonly key: number;
  readonly id: string;
  readonly name: string;
  input: string | object = "";
  delta = "";
  complete = false;
  /** The part of the folded response. */
  readonly part: GooglePart;
  readonly #builder = new ArgumentBuilder();

  constructor(key: number, { id = "", name = "" }: FunctionCall) {
    this.key = key;
    this.id = id;
    this.name = name;
    this.part = { functionCall: { ...(id !== "" && { id }), name, args: this.#builder.value } };
  }

  add({ functionCall: _, ...part }: GooglePart, { partialArgs = [], willContinue }: FunctionCall): void {
    Object.assign(this.part, part);
    for (const piece of partialArgs) this.#grow(this.#builder.add(piece));
    if (!willContinue) finish(this);
  }

  end(): void {
    this.#grow(this.#builder.end());
  }

  #grow(text: string): void {
    // The object takes the place of its text only once nothing grows any more.
    this.input += text;
    this.delta += text;
  }
}
