import { CallscopeError } from "../errors/errors.ts";
import type { Issue } from "../errors/issue.ts";
import type { CallResponse } from "../read/response.ts";

/** Why a structured answer could not be made of a response. */
export type ParseFailure =
  | "no_tool_call"
  | "wrong_tool"
  | "invalid_json"
  | "truncated"
  | "refused"
  | "invalid_data"
  | "output_parser";

/**
 * A response came, but not the value that was asked for. Nothing of it is lost: the whole response with its usage and
 * cost, the raw text, what the validator said, and every earlier attempt.
 */
export class ParseError extends CallscopeError {
  override readonly name = "ParseError";
  readonly code = "parse";
  readonly kind: ParseFailure;
  readonly response: CallResponse;
  /** The text that was to be the value. */
  readonly text: string;
  readonly issues: readonly Issue[];
  /** The responses to earlier attempts of the same call, the first one first. */
  readonly attempts: readonly CallResponse[];

  constructor(
    kind: ParseFailure,
    message: string,
    details: { response: CallResponse; text: string; issues?: readonly Issue[]; attempts?: readonly CallResponse[] },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.kind = kind;
    this.response = details.response;
    this.text = details.text;
    this.issues = details.issues ?? [];
    this.attempts = details.attempts ?? [];
  }
}
