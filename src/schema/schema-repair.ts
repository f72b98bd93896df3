import { type JsonSchema, jsonType, mayBe, resolveReference } from "./json-schema.ts";
import { checkJsonSchema } from "./json-schema-validate.ts";

/** What may be done to a value so that it fits: see `Repair`. */
export type ValueRepair = "null_for_absent" | "json_text";

/** A value as it was repaired; where `repairs` is empty it is the given one. */
export interface RepairedValue {
  readonly value: unknown;
  readonly repairs: readonly ValueRepair[];
}

interface Walk {
  readonly root: JsonSchema;
  readonly repairs: Set<ValueRepair>;
}

// Deeper values are left as they are rather than overflowing the stack.
const maximumDepth = 200;

/**
 * The value that was meant, as the schema tells it: a property that is `null` where it may be absent and may not be `null`
 * is left out; JSON text where only an object or an array may stand becomes that. What the schema takes as it is is never
 * changed, nor is the given value: what did not change is shared with it.
 */
export function repairValue(root: JsonSchema, value: unknown): RepairedValue {
  const walk: Walk = { root, repairs: new Set() };
  const repaired = visit(walk, root, value, 0);
  return { value: repaired, repairs: [...walk.repairs] };
}

function visit(walk: Walk, schema: JsonSchema | boolean, value: unknown, depth: number): unknown {
  if (typeof schema === "boolean" || depth > maximumDepth) return value;
  let result = typeof value === "string" ? meantByText(walk, schema, value) : value;
  if (typeof result !== "object" || result === null) return result;
  if (schema.$ref !== undefined) {
    result = visit(walk, resolveReference(walk.root, schema.$ref) ?? true, result, depth + 1);
  }
  for (const part of schema.allOf ?? []) result = visit(walk, part, result, depth + 1);
  for (const branches of [schema.anyOf, schema.oneOf]) {
    if (branches !== undefined) result = visitUnion(walk, branches, result as object, depth);
  }
  return Array.isArray(result)
    ? visitArray(walk, schema, result, depth)
    : visitObject(walk, schema, result as object, depth);
}

/** What a text is where only an object or an array may stand. */
function meantByText({ root, repairs }: Walk, schema: JsonSchema, text: string): unknown {
  const value = mayBe(root, schema, "string") ? undefined : parseText(text);
  if (value === undefined || !mayBe(root, schema, jsonType(value))) return text;
  repairs.add("json_text");
  return value;
}

/** The object or array that a text is as a whole. */
export function parseText(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** By the branch that takes the value as it is, else by the first one that takes it repaired. */
function visitUnion(walk: Walk, branches: readonly (JsonSchema | boolean)[], value: object, depth: number): object {
  const fits = (branch: JsonSchema | boolean, item: unknown) => checkJsonSchema(walk.root, item, branch).length === 0;
  if (branches.some((branch) => fits(branch, value))) return value;
  for (const branch of branches) {
    const tried: Walk = { root: walk.root, repairs: new Set() };
    const repaired = visit(tried, branch, value, depth + 1);
    if (repaired === value || !fits(branch, repaired)) continue;
    for (const repair of tried.repairs) walk.repairs.add(repair);
    return repaired as object;
  }
  return value;
}

function visitArray(walk: Walk, { prefixItems = [], items }: JsonSchema, value: unknown[], depth: number): unknown[] {
  const repaired = value.map((item, index) => visit(walk, prefixItems[index] ?? items ?? true, item, depth + 1));
  return repaired.some((item, index) => item !== value[index]) ? repaired : value;
}

function visitObject(walk: Walk, schema: JsonSchema, value: object, depth: number): object {
  const { properties = {}, required = [], additionalProperties } = schema;
  const entries: [string, unknown][] = [];
  let changed = false;
  for (const [name, item] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const rest = Object.hasOwn(schema, "patternProperties") ? undefined : additionalProperties;
    if (item === null && property !== undefined && !required.includes(name) && !mayBe(walk.root, property, "null")) {
      walk.repairs.add("null_for_absent");
      changed = true;
      continue;
    }
    const repaired = visit(walk, property ?? rest ?? true, item, depth + 1);
    changed ||= repaired !== item;
    entries.push([name, repaired]);
  }
  // From entries, so that a property called `__proto__` stays one.
  return changed ? Object.fromEntries(entries) : value;
}
