import { ConfigError } from "../errors/errors.ts";
import { nearestKey } from "../errors/known-keys.ts";

// Some SDKs send the keys they know and drop every other without a word. A provider on one of them holds a table of what
// it knows, which the compiler keeps in step with the SDK's types, and refuses by name what would be lost.

/** The keys an object may have, each with those beneath it; `true` for what is sent as it is. */
export type Shape = true | Keys | OneOf;
export type Keys = { readonly [key: string]: Shape };
/** Every key of an SDK's type, so that one it gains is an error of the compiler. */
export type KeysOf<T> = { readonly [Key in keyof Required<T>]: Shape };

/** Several shapes, told apart by the value of `key`. */
export class OneOf {
  readonly key: string;
  readonly shapes: Keys;
  /** What to do with one the table lacks: leave it to the SDK, which refuses what it does not know, or do that here. */
  readonly others: "pass" | "refuse";

  constructor(key: string, shapes: Keys, others: OneOf["others"] = "pass") {
    this.key = key;
    this.shapes = shapes;
    this.others = others;
  }
}

/** What the SDK would not send of a value, in words: where it stands and what is to be written instead. */
export function findLost(value: unknown, shape: Shape, path = ""): string | undefined {
  if (shape === true || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return firstOf(value, (item, index) => findLost(item, shape, `${path}[${index}]`));
  const object = value as { readonly [key: string]: unknown };
  if (shape instanceof OneOf) return findLostInOne(object, shape, path);
  return firstOf(Object.entries(object), ([key, item]) => {
    const at = path === "" ? key : `${path}.${key}`;
    if (Object.hasOwn(shape, key)) return findLost(item, shape[key] ?? true, at);
    if (item === undefined || item === null) return undefined;
    const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (Object.hasOwn(shape, camel)) return `its SDK would drop "${at}" silently; write "${camel}"`;
    const meant = nearestKey(key, Object.keys(shape));
    const guess = meant === undefined ? "" : ` (did you mean "${meant}"?)`;
    return `its SDK would drop "${at}" silently${guess}; it takes ${Object.keys(shape).join(", ")}`;
  });
}

function findLostInOne(value: { readonly [key: string]: unknown }, shape: OneOf, path: string): string | undefined {
  const { key, shapes, others } = shape;
  const kind = String(value[key]);
  if (Object.hasOwn(shapes, kind)) return findLost(value, shapes[kind] ?? true, path);
  if (others === "pass") return undefined;
  return `"${path}" is of the ${key} ${JSON.stringify(kind)}; it takes ${Object.keys(shapes).join(", ")}`;
}

function firstOf<Item>(
  items: readonly Item[],
  find: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Checks `callParams` against the keys an SDK sends. Throws `ConfigError` naming what would be lost; `hatch` is a sentence
 * that says how to send it all the same.
 */
export function checkKeys(provider: string, callParams: object, known: Keys, hatch: string): void {
  const lost = findLost(callParams, known);
  if (lost !== undefined) throw new ConfigError(`${provider}: ${lost}. ${hatch}`);
}
