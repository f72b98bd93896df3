import { plain } from "../json/plain.ts";
import { isBlob } from "../message/media.ts";
import { isMadeHere } from "../message/origin.ts";
import { FilePart } from "../message/parts.ts";
import { sniff } from "../message/sniff.ts";
import { ToolError } from "./tool-error.ts";

/**
 * A tool's output as the text a model reads. The rule: a string as it is; an `Error` as its message; `undefined` as
 * `null`; a `Set` as an array, a `Map` as an object (or pairs, where its keys are no strings); a bigint as its digits;
 * dates as ISO 8601; everything else as JSON. Throws `ToolError` naming the tool for what has no such form (circular
 * references, functions, symbols), and for bytes and media, which are no text.
 */
export function serializeOutput(toolName: string, output: unknown): string {
  if (typeof output === "string") return output.toWellFormed();
  if (output === undefined) return "null";
  if (output instanceof Error) return output.message.toWellFormed();
  try {
    const text = JSON.stringify(output, textual);
    if (text === undefined) throw new TypeError(`a ${typeof output} has no JSON form`);
    return text;
  } catch (cause) {
    throw invalidOutput(toolName, (cause as Error).message, cause);
  }
}

/** The error for an output that cannot be sent: the tool's author has to look at it. */
export function invalidOutput(toolName: string, why: string, cause?: unknown): ToolError {
  const message = `The output of the tool "${toolName}" cannot be sent: ${why}`;
  return new ToolError("invalid_output", message, { toolName }, cause === undefined ? {} : { cause });
}

function textual(this: unknown, key: string, value: unknown): unknown {
  // `JSON.stringify` has already called `toJSON`: a buffer's own is a list of numbers.
  const original = (this as Record<string, unknown>)[key];
  if (typeof original === "object" && original !== null) checkTextual(original, key === "" ? "it" : `its "${key}"`);
  const written = plain.call(this, key, value);
  // In JSON half a surrogate pair is an escape, which the model would read as the text that it is.
  return typeof written === "string" ? written.toWellFormed() : written;
}

function checkTextual(value: object, what: string): void {
  if (value instanceof FilePart || isMadeHere(value)) {
    const advice = "return the part itself, or a list of texts and parts, data in it as JSON text";
    throw new TypeError(`${what} is a part within data: ${advice}`);
  }
  const bytes = bytesOf(value);
  if (bytes === undefined && !isBlob(value)) return;
  const { kind } = (bytes && sniff(bytes)) ?? {};
  const shown = kind === undefined ? "image(bytes), audio(bytes) or document(bytes)" : `${kind}(bytes)`;
  throw new TypeError(
    `${what} is bytes, which are no text: return ${shown} for the model to perceive them, or the text that they are`,
  );
}

function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const isView = value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof DataView;
  return isView ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined;
}
