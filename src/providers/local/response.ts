import type { ChunkReading, Draft, RawToolCall, Reading, StopReason } from "../../contract/provider.ts";
import { ResponseError } from "../../errors/errors.ts";
import type { LocalTypes } from "./provider-types.ts";
import type { LocalChunk, LocalFinishReason, LocalResponse, LocalToolCall } from "./types.ts";

const stopReasons: Readonly<Record<LocalFinishReason, StopReason>> = {
  stop: "stop",
  length: "length",
  toolCalls: "tool_calls",
};

/** The common properties of a response. Throws `ResponseError` for an object that is none. */
export function readLocal(response: LocalResponse): Reading<LocalTypes> {
  const { id, model, message, finishReason, usage } = response ?? {};
  if (typeof message?.content !== "string") {
    throw new ResponseError("local", "This is no response of local: it has no message.", response);
  }
  const { content, thinking, toolCalls = [] } = message;
  return {
    id,
    model,
    content,
    // A response that is still being received has no reason yet.
    finishReasons: finishReason && [finishReason],
    stopReason: finishReason && stopReasons[finishReason],
    usage,
    tokens: { input: usage?.inputTokens, output: usage?.outputTokens },
    toolCalls: toolCalls.map(readCall),
    thinking: thinking ? [{ type: "thinking", text: thinking }] : undefined,
    // No one sends a bill for it.
    cost: 0,
  };
}

function readCall(native: LocalToolCall): RawToolCall<LocalTypes> {
  return { id: native.id, name: native.name, input: native.arguments, native };
}

type Growing<T> = { -readonly [Key in keyof T]: Growing<T[Key]> };
type GrowingResponse = Growing<Omit<LocalResponse, "finishReason" | "timings">> &
  Partial<Growing<Pick<LocalResponse, "finishReason" | "timings">>>;

/** What one event says, after folding it into the response that is being received. */
export function readLocalChunk(chunk: LocalChunk, draft: Draft<LocalTypes>): ChunkReading<LocalTypes> {
  const { id, model, delta, usage, finishReason, timings } = chunk;
  const response = (draft.response ?? begin(chunk, draft)) as GrowingResponse;
  response.usage = { ...usage };
  fold(response, chunk, draft);
  if (finishReason !== undefined) {
    Object.assign(response, { finishReason, ...(timings && { timings }) });
    for (const call of draft.calls) call.complete = true;
    draft.done = true;
  }
  return {
    id,
    model,
    content: delta.content ?? "",
    thinking: delta.thinking,
    finishReasons: finishReason && [finishReason],
    usage,
    tokens: { input: usage.inputTokens, output: usage.outputTokens },
  };
}

function begin({ id, model, created, usage }: LocalChunk, draft: Draft<LocalTypes>): object {
  const response = { id, model, created, message: { role: "assistant", content: "" }, usage };
  // The reason and the times come with the last event.
  draft.response = response as unknown as LocalResponse;
  return response;
}

function fold({ message }: GrowingResponse, { delta }: LocalChunk, draft: Draft<LocalTypes>): void {
  const { content, thinking, toolCall } = delta;
  if (content !== undefined) message.content += content;
  if (thinking !== undefined) message.thinking = (message.thinking ?? "") + thinking;
  if (toolCall === undefined) return;
  const { index, id = "", name = "", arguments: text = "" } = toolCall;
  message.toolCalls ??= [];
  const calls = message.toolCalls as Growing<LocalToolCall>[];
  let [call, native] = [draft.calls[index], calls[index]];
  if (call === undefined || native === undefined) {
    for (const earlier of draft.calls) earlier.complete = true;
    native = { id, name, arguments: "" };
    call = { key: index, id, name, input: "", delta: "", complete: false };
    calls.push(native);
    draft.calls.push(call);
  }
  native.arguments += text;
  call.input += text;
  call.delta += text;
}
