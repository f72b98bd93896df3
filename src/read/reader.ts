import type { Reader } from "../send/reader.ts";
import { CallResponse } from "./response.ts";
import { StreamError } from "./stream-error.ts";

/** @internal What the step that sends asks of the step that reads. */
export const reader: Reader = {
  answer: (call, plan, received, partial = false) => new CallResponse(call, plan, received.came, { partial }),
  broken: (code, message, partial, options) =>
    // What was received is what `answer` made.
    new StreamError(code, message, partial as unknown as CallResponse | undefined, options),
};
