/**
 * Plain arrays and objects copied, so that a later change of the caller's does not reach the record of the call. Without
 * recursion, so that no depth of nesting breaks it.
 */
export function snapshot(value: unknown): unknown {
  const copies = new Map<object, object>();
  const open: { readonly from: object; readonly to: object }[] = [];
  const copyOf = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const known = copies.get(item);
    if (known !== undefined) return known;
    const prototype: unknown = Object.getPrototypeOf(item);
    const isList = Array.isArray(item);
    if (!isList && prototype !== Object.prototype && prototype !== null) return item;
    const to: object = isList ? [] : Object.create(prototype as object | null);
    copies.set(item, to);
    open.push({ from: item, to });
    return to;
  };
  const copied = copyOf(value);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, to } = next;
    if (Array.isArray(from)) for (const item of from) (to as unknown[]).push(copyOf(item));
    else for (const [key, item] of Object.entries(from)) define(to, key, copyOf(item));
  }
  return copied;
}

// An own `__proto__` stays a property: it never becomes the prototype. Every other key is assigned, which is ten times as fast.
function define(object: object, key: string, value: unknown): void {
  if (key !== "__proto__") (object as Record<string, unknown>)[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}
