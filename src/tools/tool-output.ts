import type { ProviderTypes, ToolResult } from "../contract/provider.ts";
import { plain } from "../json/plain.ts";
import type { ToolResultPart } from "../message/parts.ts";
import { ToolError } from "./tool-error.ts";
import { rawCallOf } from "./use.ts";

/** A tool's result to send back: the tool call, what the tool gave, and whether that is an error. */
export type ToolOutcome<Use> = readonly [use: Use, output: unknown, options?: { readonly isError?: boolean }];

/**
 * A tool's output as the text a model reads. The rule: a string as it is; an `Error` as its message; `undefined` as
 * `null`; bytes as base64; a `Set` as an array, a `Map` as an object (or pairs, where its keys are no strings); a
 * bigint as its digits; dates as ISO 8601; everything else as JSON. Throws `ToolError` naming the tool for what has no
 * such form (circular references, functions, symbols).
 */
export function serializeOutput(toolName: string, output: unknown): string {
  if (typeof output === "string") return output.toWellFormed();
  if (output === undefined) return "null";
  if (output instanceof Error) return output.message.toWellFormed();
  try {
    const text = JSON.stringify(output, wellFormed);
    if (text === undefined) throw new TypeError(`a ${typeof output} has no JSON form`);
    return typeof output === "object" && output instanceof Uint8Array ? (JSON.parse(text) as string) : text;
  } catch (cause) {
    throw new ToolError(
      "invalid_output",
      `The output of the tool "${toolName}" cannot be made into text: ${(cause as Error).message}`,
      { toolName },
      { cause },
    );
  }
}

// In JSON half a surrogate pair is an escape, which the model would read as the text that it is.
function wellFormed(this: unknown, key: string, value: unknown): unknown {
  const written = plain.call(this, key, value);
  return typeof written === "string" ? written.toWellFormed() : written;
}

/** A tool's result as providers take it. Throws `ConfigError` for a result of what is no call. */
export function toToolResult<P extends ProviderTypes>([use, output, options]: ToolOutcome<unknown>): ToolResult<P> {
  const call = rawCallOf<P>(use);
  return {
    call,
    output: serializeOutput(call.name, output),
    isError: options?.isError ?? output instanceof Error,
  };
}

/** The same as a part of a neutral message. */
export function toResultPart(outcome: ToolOutcome<unknown>): ToolResultPart {
  const { call, output, isError } = toToolResult(outcome);
  return { type: "tool_result", id: call.id, name: call.name, content: output, ...(isError && { isError }) };
}
