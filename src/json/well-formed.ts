import { isPlain } from "./is-plain.ts";

/**
 * A value whose texts hold no half of a surrogate pair, such as `"log 😀".slice(0, 5)` ends in: a server that reads UTF-8
 * refuses it, for ever once it is in a history. The very same value where there is none; else a copy of plain objects and
 * arrays, in which what was one object still is one. Each half is told to `found`.
 */
export function toWellFormed<Value>(value: Value, found?: () => void): Value {
  const isSound = looksSound(value, 0, { nodes: most.nodes }) ?? !holdsHalf(value);
  return isSound ? value : (copyOf(value, new Map(), found) as Value);
}

// What nearly every request keeps to: it is looked through four times as fast then, since nothing has to be remembered.
const most = { depth: 24, nodes: 50_000 };

// What many requests share is looked through once.
const sound = new WeakSet<object>();

/** Remembers of frozen data that no text in it holds a half, if that is so. */
export function rememberSound(value: object): void {
  if (looksSound(value, 0, { nodes: most.nodes }) === true) sound.add(value);
}

/** Whether no text holds a half; `undefined` where it is too deep or too large (or has no end) to tell in this way. */
function looksSound(value: unknown, depth: number, left: { nodes: number }): boolean | undefined {
  if (typeof value === "string") return value.isWellFormed();
  if (!isPlain(value) || sound.has(value)) return true;
  if (depth === most.depth || left.nodes < 0) return undefined;
  return Array.isArray(value) ? listLooksSound(value, depth, left) : objectLooksSound(value, depth, left);
}

function listLooksSound(list: readonly unknown[], depth: number, left: { nodes: number }): boolean | undefined {
  left.nodes -= list.length;
  for (const item of list) {
    const isSound = typeof item === "string" ? item.isWellFormed() : looksSound(item, depth + 1, left);
    if (isSound !== true) return isSound;
  }
  return true;
}

function objectLooksSound(object: object, depth: number, left: { nodes: number }): boolean | undefined {
  // No list of its keys is made; that a prototype's would be among them does no harm.
  for (const key in object) {
    left.nodes--;
    const item = (object as Record<string, unknown>)[key];
    const isSound = typeof item === "string" ? item.isWellFormed() : looksSound(item, depth + 1, left);
    if (isSound !== true) return isSound;
  }
  return true;
}

// Without recursion, so that no depth of nesting breaks it.
function holdsHalf(value: unknown): boolean {
  const open = [value];
  const seen = new Set<object>();
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one === "string") {
      if (!one.isWellFormed()) return true;
    } else if (isPlain(one) && !seen.has(one)) {
      seen.add(one);
      for (const item of Array.isArray(one) ? one : Object.values(one)) {
        if (typeof item === "string" || (typeof item === "object" && item !== null)) open.push(item);
      }
    }
  }
  return false;
}

function copyOf(value: unknown, copies: Map<object, unknown>, found: (() => void) | undefined): unknown {
  if (typeof value === "string") {
    if (!value.isWellFormed()) found?.();
    return value.toWellFormed();
  }
  if (!isPlain(value)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy: object = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value) as object | null);
  copies.set(value, copy);
  for (const [key, item] of Object.entries(value)) {
    // An own `__proto__` stays a property.
    Object.defineProperty(copy, key, {
      value: copyOf(item, copies, found),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return copy;
}
