import type { FakeAnswer, FakeText, FakeToolCall, FakeUsage } from "../contract/fake-answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import { estimateTokens } from "../prepare/estimate.ts";
import type { OutgoingRequest } from "../send/outgoing.ts";
import type { AnswerParts, AnswerToolCall } from "./answer.ts";

type Own = OutgoingRequest<ProviderTypes>;

/** Numbers what is made up, so that ids are the same in every run. */
export class Counter {
  #answers = 0;
  #calls = 0;

  answer(): number {
    return ++this.#answers;
  }

  /** An id that every provider takes: nine letters and digits. */
  call(): string {
    return `call${String(++this.#calls).padStart(5, "0")}`;
  }
}

// The same in every run: 2025-06-15T15:06:40Z.
const created = 1_750_000_000;

/** The parts of an answer as the one whole that a provider writes. Throws `ConfigError`. */
export function compose(given: AnswerParts, request: Own, counter: Counter): FakeAnswer {
  const number = counter.answer();
  const parts = given.value === undefined ? given : { ...given, ...writtenValue(given.value, request) };
  const text = textOf(parts.text);
  const thinking = textOf(parts.thinking);
  const refusal = textOf(parts.refusal);
  const toolCalls = (parts.toolCalls ?? []).map((call) => callOf(call, counter));
  const said = [text, thinking, refusal].map((one) => one?.text ?? "").join("") + toolCalls.map(writtenCall).join("");
  return {
    id: parts.id ?? `fake-${number}`,
    requestId: `req-fake-${number}`,
    created,
    model: parts.model ?? request.model,
    text: text ?? (refusal === undefined && toolCalls.length === 0 ? textOf("") : undefined),
    thinking,
    refusal,
    toolCalls,
    usage: usageOf(parts.usage, request, said),
    finish: parts.finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"),
  };
}

/** A value of the response model, in the way in which the request asks for it. */
export function writtenValue(value: unknown, request: Own): Pick<AnswerParts, "text" | "toolCalls"> {
  const { output } = request.origin.plan;
  if (output === undefined) {
    throw new ConfigError("answer({ value }) is for a call with a response model or `jsonMode`: this one has neither.");
  }
  const raw = output.wrapper === undefined ? value : { [output.wrapper]: value };
  const { mode, name } = output.definition;
  return mode === "tool" ? { toolCalls: [{ name, args: raw as object }] } : { text: jsonOf(raw) };
}

function jsonOf(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json !== undefined) return json;
  throw new ConfigError("The value of an answer has no JSON form.");
}

function callOf({ name, args = {}, id }: AnswerToolCall, counter: Counter): FakeToolCall {
  const text = typeof args === "string" ? args : jsonOf(args);
  return { id: id ?? counter.call(), name, args: text, pieces: cut(text) };
}

function writtenCall({ name, args }: FakeToolCall): string {
  return name + args;
}

/** A text with the pieces in which a stream brings it. */
export function textOf(given: string | readonly string[]): FakeText;
export function textOf(given: string | readonly string[] | undefined): FakeText | undefined;
export function textOf(given: string | readonly string[] | undefined): FakeText | undefined {
  if (given === undefined) return undefined;
  return typeof given === "string" ? { text: given, pieces: cut(given) } : { text: given.join(""), pieces: given };
}

const word = /\s*\S{1,8}|\s+/gu;

/** A text in pieces about as large as a model's. */
function cut(text: string): readonly string[] {
  return text.match(word) ?? [];
}

function usageOf(given: AnswerParts["usage"], request: Own, said: string): FakeUsage {
  return {
    inputTokens: given?.inputTokens ?? request.estimatedInputTokens,
    outputTokens: given?.outputTokens ?? Math.max(1, estimateTokens(said)),
    cachedTokens: given?.cachedTokens,
    reasoningTokens: given?.reasoningTokens,
  };
}
