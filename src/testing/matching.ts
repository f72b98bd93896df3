import { inspect, isDeepStrictEqual } from "node:util";

interface Asymmetric {
  asymmetricMatch(value: unknown): boolean;
}

/** True where a value has all that is expected: objects may have more, lists are of one length, `expect.any(…)` counts. */
export function isMatch(value: unknown, expected: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(value);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(value) && value.length === expected.length && expected.every((item, at) => isMatch(value[at], item))
    );
  }
  if (!isPlain(expected) || typeof value !== "object" || value === null) return isDeepStrictEqual(value, expected);
  return Object.entries(expected).every(([key, item]) => isMatch(Reflect.get(value, key), item));
}

function isAsymmetric(value: unknown): value is Asymmetric {
  return typeof (value as Partial<Asymmetric> | null | undefined)?.asymmetricMatch === "function";
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A value for a message: short, in one line. */
export function shown(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200, maxArrayLength: 20 });
}
