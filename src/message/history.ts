import { describe } from "../errors/describe.ts";
import { PromptError } from "../errors/errors.ts";
import { fromBase64, toBase64 } from "../json/base64.ts";
import { isBytes, plainOrDropped } from "../json/plain.ts";
import { madeHere } from "./origin.ts";
import type { Message, NativeOrigin } from "./parts.ts";

/** A conversation as plain JSON, in a form that names its version. */
export interface SavedHistory {
  readonly format: "callscope/history";
  readonly version: 1;
  readonly messages: readonly object[];
}

// Bytes have no form in JSON: they are written as this object, and a key of that name is escaped by one more `$`.
const bytesKey = "$bytes";

/** A conversation made ready for `JSON.stringify`: native turns and their bytes included. */
export function saveHistory(messages: readonly object[]): SavedHistory {
  return {
    format: "callscope/history",
    version: 1,
    messages: messages.map((message) => encodeBytes(message) as object),
  };
}

/**
 * The conversation that `saveHistory` saved, from its JSON. Throws `PromptError` for anything else, naming the message:
 * what comes from outside must not become a turn that nobody wrote. It trusts what it loads, native turns included:
 * give it what your own server stored, never what a client sent.
 */
export function loadHistory(saved: unknown): Message[] {
  const { format, version, messages } = (saved ?? {}) as Partial<Record<keyof SavedHistory, unknown>>;
  if (format !== "callscope/history" || !Array.isArray(messages)) {
    throw new PromptError(`This is not a saved history: it comes from saveHistory(); it is ${describe(saved)}.`);
  }
  if (version !== 1)
    throw new PromptError(`A saved history of version ${JSON.stringify(version)} cannot be read; 1 can.`);
  return messages.map((message, index) => {
    const decoded = decodeBytes(message);
    const role = typeof decoded === "object" && decoded !== null ? (decoded as { role?: unknown }).role : undefined;
    const known = typeof decoded === "object" && decoded !== null && (typeof role === "string" || "type" in decoded);
    if (!known)
      throw new PromptError(`Message ${index} of the saved history is not a message: it is ${describe(message)}.`);
    const { native } = decoded as Partial<Record<"native", unknown>>;
    if (typeof native === "object" && native !== null) madeHere(native as NativeOrigin);
    // One of a provider's own is checked by the provider it is sent to.
    return decoded as Message;
  });
}

/**
 * A value as JSON can hold it, every byte array written as `{ $bytes: base64 }`, which `decodeBytes` gives back. What has
 * no form in JSON is left out.
 */
export function encodeBytes(value: unknown): unknown {
  if (isBytes(value)) return { [bytesKey]: toBase64(value) };
  // What the rest becomes is what `JSON.stringify` would make of it.
  const own = (value as { toJSON?: unknown } | null | undefined)?.toJSON;
  const item = plainOrDropped.call({ value }, "value", typeof own === "function" ? own.call(value) : value);
  if (Array.isArray(item)) return item.map(encodeBytes);
  if (typeof item !== "object" || item === null) return item;
  return mapObject(item, encodeBytes, escaped);
}

/**
 * True for a value that `encodeBytes` would copy as it is: lists and objects of no class, texts, numbers and the like. Most
 * of what is kept is that, and is spared the copy.
 */
export function isEncoded(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "bigint" && typeof value !== "function";
  if (Array.isArray(value)) return value.every(isEncoded);
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) {
    if (key === "toJSON" || key === "__proto__" || isMarked(key)) return false;
    if (!isEncoded((value as Record<string, unknown>)[key])) return false;
  }
  return true;
}

/** The value that `encodeBytes` wrote. */
export function decodeBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeBytes);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value);
  const bytes = (value as Record<string, unknown>)[bytesKey];
  if (keys.length === 1 && typeof bytes === "string") return fromBase64(bytes);
  return mapObject(value, decodeBytes, (key) => (isMarked(key) && key !== bytesKey ? key.slice(1) : key));
}

function escaped(key: string): string {
  return isMarked(key) ? `$${key}` : key;
}

function isMarked(key: string): boolean {
  return key.startsWith("$") && key.endsWith(bytesKey);
}

function mapObject(value: object, map: (item: unknown) => unknown, rename: (key: string) => string): object {
  const mapped: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = rename(key);
    if (name !== "__proto__") {
      mapped[name] = map(item);
      continue;
    }
    // An own `__proto__` stays a property: it never becomes the prototype.
    const held = { value: map(item), enumerable: true, writable: true, configurable: true };
    Object.defineProperty(mapped, name, held);
  }
  return mapped;
}
