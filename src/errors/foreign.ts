// Looking at values that somebody else made.

/** True for what can have properties of its own, functions aside. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The property at the end of a path, or `undefined` where there is none or a getter on the way throws. */
export function read(value: unknown, ...path: readonly string[]): unknown {
  return attempt(() => path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value));
}

/** What is looked at here is foreign and may throw on any touch; that must not hide the error being classified. */
export function attempt<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
