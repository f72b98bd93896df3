import type { AddedNulls } from "./added-nulls.ts";
import { type JsonSchema, jsonType, resolveReference } from "./json-schema.ts";

/** How well a value suits a schema, worst first: another type, something inside is wrong, keys missing yet, fully. */
const fits = { not: 0, badly: 1, partly: 2, fully: 3 } as const;
type Fit = (typeof fits)[keyof typeof fits];

interface Outcome {
  readonly value: unknown;
  readonly fit: Fit;
}

interface Walk {
  readonly root: JsonSchema;
  readonly added: AddedNulls;
  /** One outcome for each pair of object and union branch, so that nested unions stay linear. */
  readonly known: WeakMap<object, Map<JsonSchema, Outcome>>;
}

// Deeper values are left as they are rather than overflowing the stack.
const maximumDepth = 1000;

/**
 * `value` without the nulls that were added for absent properties. Guided by the strict schema alone; a union's branch is
 * the one that suits best, so half-streamed values work. What did not change is shared with the input.
 */
export function restoreOptional(root: JsonSchema, added: AddedNulls, value: unknown): unknown {
  return visit({ root, added, known: new WeakMap() }, root, value, 0).value;
}

function visit(walk: Walk, schema: JsonSchema, value: unknown, depth: number): Outcome {
  if (depth > maximumDepth) return { value, fit: fits.partly };
  if (typeof value !== "object" || value === null) return visitNode(walk, schema, value, depth);
  const outcomes = walk.known.get(value) ?? new Map<JsonSchema, Outcome>();
  walk.known.set(value, outcomes);
  const known = outcomes.get(schema);
  if (known !== undefined) return known;
  // Stands in while a union that refers to itself asks again about the same value.
  outcomes.set(schema, { value, fit: fits.not });
  const outcome = visitNode(walk, schema, value, depth);
  outcomes.set(schema, outcome);
  return outcome;
}

function visitNode(walk: Walk, schema: JsonSchema, value: unknown, depth: number): Outcome {
  if (schema.$ref !== undefined) {
    const target = resolveReference(walk.root, schema.$ref);
    return typeof target === "object" ? visit(walk, target, value, depth + 1) : { value, fit: fits.not };
  }
  if (schema.anyOf !== undefined) return visitUnion(walk, schema.anyOf, value, depth);
  const type = jsonType(value);
  if (!suits(schema.type, type) || (schema.enum !== undefined && !schema.enum.includes(value)))
    return { value, fit: fits.not };
  if (Array.isArray(value)) return visitArray(walk, schema, value, depth);
  return type === "object" ? visitObject(walk, schema, value as object, depth) : { value, fit: fits.fully };
}

function suits(types: JsonSchema["type"], type: string): boolean {
  const has = (one: string) => (typeof types === "string" ? types === one : types?.includes(one) === true);
  return has(type) || (type === "integer" && has("number"));
}

function visitUnion(walk: Walk, branches: readonly (JsonSchema | boolean)[], value: unknown, depth: number): Outcome {
  let best: Outcome = { value, fit: fits.not };
  for (const branch of branches) {
    const outcome = typeof branch === "object" ? visit(walk, branch, value, depth + 1) : best;
    if (outcome.fit > best.fit) best = outcome;
    if (best.fit === fits.fully) break;
  }
  return best;
}

function visitArray(walk: Walk, schema: JsonSchema, value: unknown[], depth: number): Outcome {
  const items = schema.items;
  if (typeof items !== "object") return { value, fit: fits.not };
  let fit: Fit = fits.fully;
  let changed: unknown[] | undefined;
  for (const [index, item] of value.entries()) {
    const outcome = visit(walk, items, item, depth + 1);
    fit = inside(fit, outcome.fit);
    if (outcome.value === item) continue;
    changed ??= [...value];
    changed[index] = outcome.value;
  }
  return { value: changed ?? value, fit };
}

function visitObject(walk: Walk, schema: JsonSchema, value: object, depth: number): Outcome {
  const properties = schema.properties ?? {};
  const added = walk.added.get(properties);
  const entries: [string, unknown][] = [];
  let fit: Fit = Object.keys(properties).every((name) => Object.hasOwn(value, name)) ? fits.fully : fits.partly;
  let changed = false;
  for (const [name, item] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (item === null && added?.has(name)) {
      changed = true;
      continue;
    }
    const outcome: Outcome =
      typeof property === "object" ? visit(walk, property, item, depth + 1) : { value: item, fit: fits.not };
    fit = inside(fit, outcome.fit);
    changed ||= outcome.value !== item;
    entries.push([name, outcome.value]);
  }
  return { value: changed ? Object.fromEntries(entries) : value, fit };
}

function inside(fit: Fit, child: Fit): Fit {
  const seen = child === fits.not ? fits.badly : child;
  return seen < fit ? seen : fit;
}
