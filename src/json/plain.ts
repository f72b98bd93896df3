/** A value as JSON can hold it, for use as the second argument of `JSON.stringify`. */
export function plain(this: unknown, key: string, value: unknown): unknown {
  // `JSON.stringify` has already called `toJSON`; bytes are looked at before that (a Buffer's own form is wasteful).
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array) {
    return Buffer.from(original.buffer, original.byteOffset, original.byteLength).toString("base64");
  }
  if (original instanceof ArrayBuffer) return Buffer.from(original).toString("base64");
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
    const text = JSON.stringify(value, lenient);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function lenient(this: unknown, key: string, value: unknown): unknown {
  try {
    return plain.call(this, key, value);
  } catch {
    return undefined;
  }
}
