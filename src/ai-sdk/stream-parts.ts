import type { LanguageModelV4StreamPart, SharedV4Warning } from "@ai-sdk/provider";
import type { ProviderTypes, ToolCallDraft } from "../contract/provider.ts";
import type { CallResponse } from "../read/response.ts";
import type { StreamChunk } from "../read/stream-chunk.ts";
import { argumentsOf, toFile, toFinish, toMetadata, toResponse, toUsage, turnMetadata } from "./answer.ts";
import { shownId } from "./call-id.ts";

type P = ProviderTypes;
type Part = LanguageModelV4StreamPart;

/** Makes the AI SDK's events of ours: blocks of text and thought that open and close, calls that grow, the end. */
export class StreamParts {
  readonly #turn: string;
  readonly #raw: boolean;
  #waiting: Part[];
  #open: { readonly type: "text" | "reasoning"; readonly id: string } | undefined;
  #blocks = 0;
  #told = false;
  readonly #sound: Uint8Array[] = [];
  /** How much of each call was told: nothing, its begin, or some of its arguments. */
  readonly #calls: ("begun" | "growing")[] = [];

  constructor(turn: string, warnings: readonly SharedV4Warning[], raw: boolean) {
    this.#turn = turn;
    this.#raw = raw;
    this.#waiting = [{ type: "stream-start", warnings: [...warnings] }];
  }

  take(): Part[] {
    const parts = this.#waiting;
    this.#waiting = [];
    return parts;
  }

  /** One event, and the calls as they stand after it. */
  add(chunk: StreamChunk<P>, calls: readonly ToolCallDraft[]): void {
    const { id, model, thinking, content, audio } = chunk;
    if (this.#raw) this.#waiting.push({ type: "raw", rawValue: chunk.chunk });
    if (!this.#told && (id !== undefined || model !== undefined)) {
      this.#told = true;
      this.#waiting.push({ type: "response-metadata", ...(id && { id }), ...(model && { modelId: model }) });
    }
    if (thinking) this.#say("reasoning", thinking);
    if (content !== "") this.#say("text", content);
    if (audio !== undefined) this.#sound.push(audio);
    for (const [place, call] of calls.entries()) this.#grow(call, place);
  }

  /** The whole answer, after its last event. */
  finish(response: CallResponse<P>): void {
    // Where the model declined, its words are no text of the stream's.
    if (response.content === "" && response.refusal !== undefined) this.#say("text", response.refusal);
    this.#close();
    const providerMetadata = turnMetadata(this.#turn);
    if (this.#sound.length > 0) this.#waiting.push(toFile(joined(this.#sound), this.#turn));
    for (const [place, { id: own, name, input }] of (response.toolCalls ?? []).entries()) {
      const id = shownId(own, place, this.#turn);
      const text = argumentsOf(input);
      if (this.#calls[place] === undefined) this.#waiting.push({ type: "tool-input-start", id, toolName: name });
      if (this.#calls[place] !== "growing") this.#waiting.push({ type: "tool-input-delta", id, delta: text });
      this.#waiting.push({ type: "tool-input-end", id });
      this.#waiting.push({ type: "tool-call", toolCallId: id, toolName: name, input: text, providerMetadata });
    }
    if (!this.#told) this.#waiting.push({ type: "response-metadata", ...toResponse(response) });
    const finishReason = toFinish(response);
    const told = toMetadata(response);
    this.#waiting.push({ type: "finish", finishReason, usage: toUsage(response), providerMetadata: told });
  }

  /** The error itself, and what had been used until then. */
  fail(error: unknown, response: CallResponse<P> | undefined): void {
    this.#close();
    this.#waiting.push({ type: "error", error });
    const finishReason = { unified: "error", raw: undefined } as const;
    this.#waiting.push({ type: "finish", finishReason, usage: toUsage(response) });
  }

  #grow(call: ToolCallDraft, place: number): void {
    const { name, delta } = call;
    // A service may name the call after it has begun.
    if (name === "") return;
    const id = shownId(call.id, place, this.#turn);
    if (this.#calls[place] === undefined) {
      this.#close();
      this.#calls[place] = "begun";
      this.#waiting.push({ type: "tool-input-start", id, toolName: name });
    }
    if (delta === "") return;
    call.delta = "";
    this.#calls[place] = "growing";
    this.#waiting.push({ type: "tool-input-delta", id, delta });
  }

  #say(type: "text" | "reasoning", delta: string): void {
    const providerMetadata = turnMetadata(this.#turn);
    if (this.#open?.type !== type) {
      this.#close();
      this.#open = { type, id: `${type}-${this.#blocks++}` };
      this.#waiting.push({ type: `${type}-start`, id: this.#open.id, providerMetadata });
    }
    this.#waiting.push({ type: `${type}-delta`, id: this.#open.id, delta });
  }

  #close(): void {
    if (this.#open !== undefined) this.#waiting.push({ type: `${this.#open.type}-end`, id: this.#open.id });
    this.#open = undefined;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
