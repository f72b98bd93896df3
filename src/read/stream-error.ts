import { CallscopeError } from "../errors/errors.ts";
import type { CallResponse } from "./response.ts";

/**
 * A stream that did not come to its proper end. `partial` is the response as far as it was received: its text, tool
 * calls, usage and cost are all there, and it is never mistaken for a whole one.
 */
export class StreamError extends CallscopeError {
  override readonly name = "StreamError";
  readonly code: "stream_ended_early" | "stream_stalled" | "stream_broken" | "stream_consumed" | "stream_unfinished";
  readonly partial: CallResponse | undefined;

  constructor(code: StreamError["code"], message: string, partial?: CallResponse, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.partial = partial;
  }
}
