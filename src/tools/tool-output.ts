import { plain } from "../json/plain.ts";
import type { ToolResultPart } from "../message/parts.ts";
import { ToolError } from "./tool-error.ts";

/** A tool's result to send back: the tool call, what the tool gave, and whether that is an error. */
export type ToolOutcome<Use> = readonly [use: Use, output: unknown, options?: { readonly isError?: boolean }];

/**
 * A tool's output as the text a model reads. The rule: a string as it is; an `Error` as its message; `undefined` as
 * `null`; bytes as base64; a `Set` as an array, a `Map` as an object (or pairs, where its keys are no strings); a
 * bigint as its digits; dates as ISO 8601; everything else as JSON. Throws `ToolError` naming the tool for what has no
 * such form (circular references, functions, symbols).
 */
export function serializeOutput(toolName: string, output: unknown): string {
  if (typeof output === "string") return output;
  if (output === undefined) return "null";
  if (output instanceof Error) return output.message;
  try {
    const text = JSON.stringify(output, plain);
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

/** A tool's result as a part of a neutral message. */
export function toResultPart([use, output, options]: ToolOutcome<{
  readonly id: string;
  readonly name: string;
}>): ToolResultPart {
  const { id, name } = use;
  const isError = options?.isError ?? output instanceof Error;
  return { type: "tool_result", id, name, content: serializeOutput(name, output), ...(isError && { isError }) };
}

/** A call's input as the JSON text of an object, which every provider takes back: free or broken text is wrapped. */
export function toArguments(input: string | object): string {
  if (typeof input === "object") return JSON.stringify(input);
  if (input.trim() === "") return "{}";
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return input;
  } catch {
    // Falls through to the wrapping.
  }
  return JSON.stringify({ input });
}
