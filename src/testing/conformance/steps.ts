import type { FakeAnswer, FakeFailure } from "../../contract/fake-answer.ts";
import { textOf } from "../compose.ts";
import type { ServedStep } from "./types.ts";

/** What an answer is to say; `args` is JSON text. */
export interface Words {
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly args: string }[];
  readonly finish?: "length";
}

/** The tokens of every answer. */
export const usage = { inputTokens: 10, outputTokens: 5 };

/** A step that answers. */
export function saying(model: string, words: Words): ServedStep & { readonly answer: FakeAnswer } {
  const { toolCalls = [], finish } = words;
  return {
    type: "answer",
    answer: {
      id: "answer-1",
      requestId: "req-1",
      // The same in every run: 2025-06-15T15:06:40Z.
      created: 1_750_000_000,
      model,
      text: words.text === undefined && toolCalls.length === 0 ? textOf("") : textOf(words.text),
      thinking: textOf(words.thinking),
      refusal: undefined,
      toolCalls: toolCalls.map((call) => ({ ...call, pieces: textOf(call.args).pieces })),
      usage,
      finish: finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"),
    },
  };
}

/** A step that refuses. */
export function failing(kind: FakeFailure["kind"], status: number): ServedStep {
  return { type: "failure", failure: { kind, status, message: `Refused: ${kind}`, headers: {} } };
}

/** A step that says nothing at all. */
export const silence: ServedStep = { type: "silence" };
