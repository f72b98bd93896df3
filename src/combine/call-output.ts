import type { StopReason } from "../contract/provider.ts";
import { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { StructuredStream } from "../structured/structured-stream.ts";

/** Told of each piece of text while it comes. */
export type TextSeen = (text: string) => void;

/**
 * What a call, a stream, a structured stream or a run of a tool loop comes to, as a tool's output: the text of an answer, or
 * the value. An answer that is not whole (cut off, refused, or one that wants tools) is an error, never taken for one.
 */
export async function outputOfCall(given: unknown, seen: TextSeen | undefined): Promise<unknown> {
  if (given instanceof StructuredStream) {
    let last: unknown;
    for await (const value of given) last = value;
    return last;
  }
  if (given instanceof Stream) {
    for await (const [chunk] of given) if (chunk.content !== "") seen?.(chunk.content);
    return textOfAnswer(given.constructCallResponse());
  }
  const value: unknown = await given;
  if (value instanceof CallResponse) return textOfAnswer(value);
  if (!isRunEnd(value)) return value;
  if (value.status === "awaiting_approval")
    return new Error("It needs a person's approval, which nobody can give here.");
  return textOfAnswer(value.response);
}

function textOfAnswer(response: CallResponse): string | Error {
  const { content, stopReason, refusal } = response;
  if (refusal !== undefined) return new Error(`The model refused: ${refusal}`);
  const why = stopReason && halves[stopReason];
  if (why === undefined) return content;
  return new Error(content === "" ? `${why}.` : `${why}. It begins: ${content}`);
}

// How an answer ends that is none, or half of one.
const halves: Readonly<Partial<Record<StopReason, string>>> = {
  length: "The answer was cut off by the token limit",
  content_filter: "The answer was blocked by a content filter",
  tool_calls: "The model asked for tools in place of an answer",
  pause: "The model paused and has not answered",
  error: "The provider says that the model made no proper answer",
};

interface RunEnd {
  readonly status: "done" | "awaiting_approval";
  readonly response: CallResponse;
}

/** Whether this is what a run of a tool loop ends with. */
function isRunEnd(value: unknown): value is RunEnd {
  if (typeof value !== "object" || value === null || !("status" in value) || !("responses" in value)) return false;
  return value.status === "awaiting_approval" || ("response" in value && value.response instanceof CallResponse);
}
