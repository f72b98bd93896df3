/** True for bytes, which have no form in JSON: a `Buffer`'s own is a list of numbers, a view's an object of them. */
export function isBytes(value: unknown): value is Uint8Array | ArrayBuffer {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

/** Bytes as text. */
export function toBase64(bytes: Uint8Array | ArrayBuffer): string {
  if (bytes instanceof ArrayBuffer) return Buffer.from(bytes).toString("base64");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
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

// A record must never fail: what has no JSON form (functions, circular values) is left out of it.
export function plainOrLeftOut(value: unknown): unknown {
  try {
    const text = JSON.stringify(value, plainOrDropped);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** As `plain`; what has no JSON form is left out. */
export function plainOrDropped(this: unknown, key: string, value: unknown): unknown {
  try {
    return plain.call(this, key, value);
  } catch {
    return undefined;
  }
}
