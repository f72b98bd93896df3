import type { Answer, Attempt } from "../contract/answer.ts";
import type { ProviderTypes, RawToolCall, Reading } from "../contract/provider.ts";
import { toArguments } from "../json/arguments.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import { madeHere } from "../message/origin.ts";
import type { Message, NativeOrigin, Part } from "../message/parts.ts";
import type { Prepared } from "../prepare/prepare.ts";

/** @internal What may be true of a response beside what was sent. */
export interface ResponseNotes {
  /** True for what was received of an answer that did not come whole. */
  readonly partial?: boolean;
  /** Earlier answers to the same call that did not fit the response model. */
  readonly attempts?: readonly Attempt[];
}

/** @internal The assistant's turn in neutral form: thoughts, text, tool calls; `isAnswer` tells those that are answers. */
export function turnOf<P extends ProviderTypes>(
  reading: Reading<P>,
  native: NativeOrigin,
  isAnswer: (call: RawToolCall<P>) => boolean,
): Message {
  const { refusal, audio, thinking = [], toolCalls } = reading;
  // A refusal and a spoken answer are what the model said, too: they must not get lost on the way to another one.
  const content = reading.content || (audio?.transcript ?? refusal ?? "");
  const parts: Part[] = thinking.filter(({ text }) => text !== "");
  if (content !== "") parts.push({ type: "text", text: content });
  for (const call of toolCalls) {
    const { id, name, input } = call;
    parts.push({ type: "tool_call", id, name, arguments: toArguments(input), ...(isAnswer(call) && { answer: true }) });
  }
  const onlyText = parts.length === 0 || (parts.length === 1 && parts[0]?.type === "text");
  return { role: "assistant", content: onlyText ? content : parts, native: madeHere(native) };
}

/** @internal A response as plain JSON: what was sent and what came, without client, functions or keys. */
export function recordOf<P extends ProviderTypes>(response: Answer<P>, prepared: Prepared<P>): object {
  return {
    provider: response.provider,
    model: response.model,
    id: response.id,
    content: response.content,
    thinking: response.thinking,
    refusal: response.refusal,
    finishReasons: response.finishReasons,
    usage: plainOrLeftOut(response.usage),
    inputTokens: response.inputTokens,
    outputTokens: response.outputTokens,
    cost: response.cost,
    toolCalls: plainOrLeftOut(response.toolCalls),
    message: plainOrLeftOut(response.message),
    fnArgs: prepared.fnArgs.map(plainOrLeftOut),
    promptTemplate: prepared.promptTemplate,
    metadata: plainOrLeftOut(prepared.metadata),
    messages: plainOrLeftOut(prepared.messages),
    callParams: plainOrLeftOut(prepared.callParams),
    startTime: response.startTime,
    endTime: response.endTime,
  };
}

/** @internal The last message that was sent, if it is the user's own. */
export function userTurnOf<P extends ProviderTypes>({ neutral, messages }: Prepared<P>): P["Message"] | undefined {
  const last = neutral.at(-1) as { role?: unknown } | undefined;
  return last?.role === "user" ? messages.at(-1) : undefined;
}
