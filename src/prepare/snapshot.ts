import { isPlain } from "../json/is-plain.ts";
import { isMadeOrigin } from "../message/origin.ts";

/**
 * Plain arrays and objects copied, so that a later change of the caller's does not reach the record of the call. What a
 * turn came from is not copied: the provider's own message stays that.
 */
export function snapshot(value: unknown): unknown {
  return isCopied(value) ? (quickCopy(value, 0, { nodes: most.nodes }) ?? wholeCopy(value)) : value;
}

// What nearly every argument keeps to: it is copied four times as fast then, since nothing has to be remembered.
const most = { depth: 24, nodes: 50_000 };

/** `undefined` where it is too deep or too large (or has no end) to be copied in this way. */
function quickCopy(value: object, depth: number, left: { nodes: number }): object | undefined {
  if (depth === most.depth || left.nodes < 0) return undefined;
  if (Array.isArray(value)) {
    const list: unknown[] = [...value];
    left.nodes -= list.length;
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      if (!isCopied(item)) continue;
      const copy = quickCopy(item, depth + 1, left);
      if (copy === undefined) return undefined;
      list[index] = copy;
    }
    return list;
  }
  const copied = { ...value };
  // One of no prototype keeps to that, and an own `__proto__` stays a property.
  if (Object.getPrototypeOf(value) === null || Object.hasOwn(copied, "__proto__")) return undefined;
  for (const key in copied) {
    left.nodes--;
    const item: unknown = copied[key as never];
    if (!isCopied(item) || !Object.hasOwn(copied, key)) continue;
    const copy = quickCopy(item, depth + 1, left);
    if (copy === undefined) return undefined;
    copied[key as never] = copy as never;
  }
  return copied;
}

// Without recursion, so that no depth of nesting breaks it; what was one object still is one.
function wholeCopy(value: object): unknown {
  const copies = new Map<object, object>();
  const open: { readonly from: object; readonly to: object }[] = [];
  const copyOf = (item: unknown): unknown => {
    if (!isCopied(item)) return item;
    const known = copies.get(item);
    if (known !== undefined) return known;
    const to: object = Array.isArray(item) ? [] : Object.create(Object.getPrototypeOf(item) as object | null);
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

function isCopied(item: unknown): item is object {
  return isPlain(item) && !isMadeOrigin(item);
}

// An own `__proto__` stays a property: it never becomes the prototype. Every other key is assigned, which is ten times as fast.
function define(object: object, key: string, value: unknown): void {
  if (key !== "__proto__") (object as Record<string, unknown>)[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}
