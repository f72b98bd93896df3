import type { Answer } from "../contract/answer.ts";
import { CallscopeError } from "../errors/errors.ts";
import type { Issue } from "../errors/issue.ts";

/** A tool call of the model cannot be used, or a tool cannot be offered. Nothing was executed. */
export class ToolError extends CallscopeError {
  override readonly name = "ToolError";
  readonly code: "unknown_tool" | "invalid_arguments" | "invalid_tool" | "invalid_output" | "refused";
  /** The tool's name as the model gave it. */
  readonly toolName: string;
  /** The SDK's own tool call object. */
  readonly toolCall: unknown;
  readonly issues: readonly Issue[];
  readonly response: Answer | undefined;

  constructor(
    code: ToolError["code"],
    message: string,
    details: { toolName: string; toolCall?: unknown; issues?: readonly Issue[]; response?: Answer | undefined },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.toolName = details.toolName;
    this.toolCall = details.toolCall;
    this.issues = details.issues ?? [];
    this.response = details.response;
  }
}
