/**
 * A value with every number as `JSON.parse` gives it: an SDK may make a `bigint` of a whole number beyond 2^53, and an
 * object of its own of one whose digits a `number` does not keep, of which neither goes through JSON. The given value is not
 * changed, and given back as it is when nothing had to be.
 * https://github.com/smithy-lang/smithy-typescript/blob/main/packages/core/src/submodules/serde/value/NumericValue.ts
 */
export function withJsonNumbers<T>(value: T): T {
  // Numbers of one kind become numbers of another, which JSON does not tell apart, nor do the SDK's types of a document.
  return convert(value) as T;
}

function convert(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    const items = value.map(convert);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const digits = digitsOf(value);
  if (digits !== undefined) return Number(digits);
  const entries = Object.entries(value).map(([key, item]) => [key, convert(item), item] as const);
  // From entries, so that a property called `__proto__` stays one.
  return entries.some(([, after, before]) => after !== before)
    ? Object.fromEntries(entries.map(([key, after]) => [key, after]))
    : value;
}

/** The digits of a `NumericValue` of Smithy, on which the AWS SDKs stand. What the model wrote is a plain object, whatever its keys are. */
function digitsOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  const { type, string } = value as { type?: unknown; string?: unknown };
  return type === "bigDecimal" && typeof string === "string" ? string : undefined;
}
