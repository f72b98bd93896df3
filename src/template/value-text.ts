import { describe } from "../errors/describe.ts";
import { PromptError } from "../errors/errors.ts";
import { isArrayBuffer, isBoxedPrimitive, isDate, isPromise } from "../message/kinds.ts";

/**
 * The text of a value in a prompt. Strings as they are; numbers, booleans and bigints by `String`; `null` and `undefined`
 * are empty; an object that turns into a primitive by itself (a response) is that text; a value whose JSON is a string (a `Date`, a `URL`) is that string; any other array or object is its JSON,
 * sets as arrays. What JSON would drop or blank without a word (functions, symbols, promises, maps, bytes, circles, an
 * invalid date) is a `PromptError` that starts with `label`.
 */
export function toText(value: unknown, label: string): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "object" && hasOwnWords(value)) return String(value);
  const json = toJson(value, label);
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

// A response of an earlier call is its text in the next prompt.
function hasOwnWords(value: object): boolean {
  return !isDate(value) && typeof Reflect.get(value, Symbol.toPrimitive) === "function";
}

/** The JSON of a value, on one line; `null` for `undefined`. Throws what `toText` throws. */
export function toJson(value: unknown, label: string): string {
  if (value === undefined) return "null";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  let json: string | undefined;
  try {
    json = JSON.stringify(value, prepare);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new PromptError(`${label} cannot be written as text: ${reason}`, { cause });
  }
  if (json === undefined) throw new PromptError(`${label} cannot be written as text: its \`toJSON\` gives nothing.`);
  return json;
}

/** A text for an error message, in quotes, on one line, at most 60 characters of it. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

// `this` holds the value before its `toJSON`, the only place where an invalid date is still to be seen.
function prepare(this: unknown, key: string, value: unknown): unknown {
  const before = (this as Record<string, unknown>)[key];
  if (isDate(before) && Number.isNaN(before.getTime())) throw new TypeError("it holds an invalid date.");
  if (value instanceof Set) return [...value];
  const kind = unwritable(value);
  if (kind !== undefined) throw new TypeError(`it holds ${kind}.`);
  // In JSON half a surrogate pair is an escape, which the model would read as the text that it is.
  return typeof value === "string" ? value.toWellFormed() : value;
}

function unwritable(value: unknown): string | undefined {
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") return describe(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (isPromise(value)) return "a promise; await it first";
  if (ArrayBuffer.isView(value) || isArrayBuffer(value)) {
    return "bytes; a medium needs a specifier such as `:image`";
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  // A boxed primitive has a JSON form without keys; a map, a blob or an error has none and would come out as `{}`.
  if (isBoxedPrimitive(value) || Object.keys(value).length > 0) return undefined;
  return "an object without fields of its own";
}
