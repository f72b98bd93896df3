import { type FinishWords, finishWord, noSuchFailure } from "../../contract/fake.ts";
import type { FakeAnswer, FakeWire } from "../../contract/fake-answer.ts";
import { ContextOverflowError, TimeoutError } from "../../errors/errors.ts";
import type { LocalTypes } from "./provider-types.ts";
import type { LocalChunk, LocalDelta, LocalFinishReason, LocalUsage } from "./types.ts";

/** How answers are made up for tests, in the form of a model in this process. */
export const fake: FakeWire<LocalTypes> = {
  whole(answer) {
    const { id, model, created, text, thinking, refusal, toolCalls, usage } = answer;
    const calls = toolCalls.map(({ id: callId, name, args }) => ({ id: callId, name, arguments: args }));
    return {
      id,
      model,
      created,
      message: {
        role: "assistant",
        content: (text?.text ?? "") + (refusal?.text ?? ""),
        ...(thinking && { thinking: thinking.text }),
        ...(calls.length > 0 && { toolCalls: calls }),
      },
      finishReason: finishWord("local", answer, words),
      usage: toUsage(usage),
      timings,
    };
  },

  events(answer) {
    const { id, model, created, text, thinking, refusal, toolCalls, usage } = answer;
    const deltas: LocalDelta[] = [
      ...(thinking?.pieces ?? []).map((piece) => ({ thinking: piece })),
      ...[...(text?.pieces ?? []), ...(refusal?.pieces ?? [])].map((content) => ({ content })),
      ...toolCalls.flatMap(({ id: callId, name, pieces }, index) => [
        { toolCall: { index, id: callId, name, arguments: "" } },
        ...pieces.map((piece) => ({ toolCall: { index, arguments: piece } })),
      ]),
    ];
    const { inputTokens, outputTokens } = usage;
    const all = deltas.length;
    const events: LocalChunk[] = deltas.map((delta, index) => ({
      id,
      model,
      created,
      delta,
      // The count grows with the answer.
      usage: { inputTokens, outputTokens: Math.floor((outputTokens * (index + 1)) / (all + 1)) },
    }));
    const finishReason = finishWord("local", answer, words);
    return [...events, { id, model, created, delta: {}, usage: toUsage(usage), finishReason, timings }];
  },

  error(failure) {
    if (failure.kind === "context_overflow") return new ContextOverflowError(5000, 4096);
    if (failure.kind === "timeout") return new TimeoutError("No answer within 60000 ms.", 60_000);
    if (failure.kind === "aborted") return new DOMException("This operation was aborted", "AbortError");
    throw noSuchFailure("local", failure, "nothing stands between it and the caller");
  },
};

const timings = { waiting: 0, reading: 1, writing: 1 };

const words: FinishWords<LocalFinishReason> = { stop: "stop", length: "length", tool_calls: "toolCalls" };

function toUsage({ inputTokens, outputTokens }: FakeAnswer["usage"]): LocalUsage {
  return { inputTokens, outputTokens };
}
