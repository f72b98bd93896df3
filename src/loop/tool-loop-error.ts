import { CallscopeError } from "../errors/errors.ts";
import type { CallResponse } from "../read/response.ts";
import type { ToolLoopState } from "./types.ts";

/** What a tool loop came to when it had to stop. */
interface Details {
  readonly state: ToolLoopState;
  readonly response: CallResponse;
  readonly responses: readonly CallResponse[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cost: number | undefined;
}

/**
 * A tool loop that had to stop. `state` is where it stood, as JSON: it can be resumed. `"max_steps"`: the model still
 * calls tools; `"cut_off"`: the token limit was met; `"blocked"`: a filter or the model's own refusal; `"failed"`: the
 * provider says that the model made no proper answer; `"unsupported_call"`: a call that no tool here can answer.
 */
export class ToolLoopError extends CallscopeError {
  override readonly name = "ToolLoopError";
  readonly code: "max_steps" | "cut_off" | "blocked" | "failed" | "unsupported_call";
  readonly state: ToolLoopState;
  /** The last answer. */
  readonly response: CallResponse;
  /** Every answer of the run, in order. */
  readonly responses: readonly CallResponse[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars of the whole run; `undefined` when one of its requests has no certain price. */
  readonly cost: number | undefined;

  constructor(code: ToolLoopError["code"], message: string, details: Details) {
    super(message);
    this.code = code;
    this.state = details.state;
    this.response = details.response;
    this.responses = details.responses;
    this.inputTokens = details.inputTokens;
    this.outputTokens = details.outputTokens;
    this.cost = details.cost;
  }
}
