import { toBase64 } from "./base64.ts";

/** True for bytes, which have no form in JSON: a `Buffer`'s own is a list of numbers, a view's an object of them. */
export function isBytes(value: unknown): value is Uint8Array | ArrayBuffer {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

/**
 * A value as JSON can hold it, for use as the second argument of `JSON.stringify`: bytes as base64, a bigint as its
 * digits, an `Error` as its message, a `Set` as an array, a `Map` as an object (or pairs, where its keys are no strings).
 * Throws `TypeError` for a function or a symbol.
 */
export function plain(this: unknown, key: string, value: unknown): unknown {
  // `JSON.stringify` has already called `toJSON`; these are looked at before that.
  const original = (this as Record<string, unknown>)[key];
  if (isBytes(original)) return toBase64(original);
  if (original instanceof Error) return original.message;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol")
    throw new TypeError(`a ${typeof value} has no JSON form`);
  if (value instanceof Set) return [...value];
  if (value instanceof Map) {
    const pairs = [...value];
    return pairs.every(([name]) => typeof name === "string") ? Object.fromEntries(pairs) : pairs;
  }
  return value;
}

// A record must never fail: what has no JSON form (functions, circular values, a depth no stack holds) is left out.
export function plainOrLeftOut(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === undefined) return value;
  try {
    if (isDeeper(value, deepest)) return undefined;
    const text = JSON.stringify(value, plainOrDropped);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

// Far deeper than data is, and far from what breaks `JSON.stringify`, which may stand in another one.
const deepest = 1000;

/** True for a value nested deeper than that, a circle included. */
function isDeeper(value: unknown, levels: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    const below = new Set<unknown>();
    for (const item of level) {
      if (typeof item !== "object" || item === null || ArrayBuffer.isView(item)) continue;
      for (const inner of Object.values(item)) if (typeof inner === "object" && inner !== null) below.add(inner);
    }
    level = [...below];
  }
  return false;
}

/** As `plain`; what has no JSON form is left out. */
export function plainOrDropped(this: unknown, key: string, value: unknown): unknown {
  try {
    return plain.call(this, key, value);
  } catch {
    return undefined;
  }
}
