import type { Answer } from "../contract/answer.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import type { Asked } from "./ask-call.ts";
import { moneyText } from "./money-text.ts";

/** What a call gave, as text: the answer's own, a value as JSON, else the tools that the model calls. */
export function valueText({ value, answer }: Asked): string {
  if (typeof value === "string") return value;
  if (value !== answer || answer === undefined) return JSON.stringify(plainOrLeftOut(value), null, 2) ?? "";
  return answer.content !== "" || answer.toolCalls === undefined
    ? answer.content
    : JSON.stringify(callsOf(answer), null, 2);
}

/** The same with all that is known of it, as data. */
export function askedData(asked: Asked): object {
  const { value, answer, status, inputTokens, outputTokens, cost, requests } = asked;
  return {
    value: value === answer ? answer?.content : plainOrLeftOut(value),
    ...(answer?.toolCalls !== undefined && { toolCalls: callsOf(answer) }),
    provider: answer?.provider,
    model: answer?.model,
    stopReason: answer?.stopReason,
    ...(status !== undefined && { status }),
    inputTokens,
    outputTokens,
    cost,
    requests,
  };
}

/** One line about what it took: `openai/gpt-4o-mini, 10 + 5 tokens, $0.0000045, 0.8 s`. */
export function figuresText({ answer, inputTokens, outputTokens, cost, requests = 1 }: Asked, ms: number): string {
  return [
    ...(answer === undefined ? [] : [`${answer.provider}/${answer.model}`]),
    ...(inputTokens === undefined && outputTokens === undefined
      ? []
      : [`${inputTokens ?? "?"} + ${outputTokens ?? "?"} tokens`]),
    cost === undefined ? "no certain price" : moneyText(cost),
    ...(requests > 1 ? [`${requests} requests`] : []),
    `${(ms / 1000).toFixed(1)} s`,
  ].join(", ");
}

function callsOf({ toolCalls = [] }: Answer): object[] {
  return toolCalls.map(({ name, input }) => ({ name, arguments: input }));
}
