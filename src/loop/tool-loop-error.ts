import { CallscopeError } from "../errors/errors.ts";
import type { CallResponse } from "../read/response.ts";
import type { ToolLoopState } from "./types.ts";

/** A tool loop that had to stop. `state` is where it stood, as JSON: it can be resumed with more steps. */
export class ToolLoopError extends CallscopeError {
  override readonly name = "ToolLoopError";
  readonly code: "max_steps" | "cut_off";
  readonly state: ToolLoopState;
  /** The last answer. */
  readonly response: CallResponse;

  constructor(code: ToolLoopError["code"], message: string, details: { state: ToolLoopState; response: CallResponse }) {
    super(message);
    this.code = code;
    this.state = details.state;
    this.response = details.response;
  }
}
