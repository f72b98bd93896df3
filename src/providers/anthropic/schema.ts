import type { JsonSchema } from "../../schema/json-schema.ts";

/**
 * A strict schema with only what this API holds a model to; bounds it does not know are told in the description, and the
 * validator checks them. `undefined` for a schema that refers to itself.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
export function toHeldSchema(schema: JsonSchema): JsonSchema | undefined {
  const { $defs = {}, ...root } = schema;
  if (isRecursive(root, $defs)) return undefined;
  const defs = Object.keys($defs).length > 0 ? { $defs: mapValues($defs, hold) } : {};
  return { ...(hold(root) as JsonSchema), ...defs };
}

const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "maxItems"];

function hold(schema: JsonSchema | boolean): JsonSchema | boolean {
  if (typeof schema === "boolean") return schema;
  const held: Record<string, unknown> = {};
  const told: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    const isBound = bounds.includes(key) || (key === "minItems" && value !== 0 && value !== 1);
    if (!isBound) held[key] = value;
    // What schema libraries say of every whole number says nothing.
    else if (Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER) told.push(`${key}: ${JSON.stringify(value)}`);
  }
  const { properties, items, anyOf, description } = schema;
  if (properties !== undefined) held.properties = mapValues(properties, hold);
  if (items !== undefined) held.items = hold(items);
  if (anyOf !== undefined) held.anyOf = anyOf.map(hold);
  if (told.length > 0) held.description = [description, `(${told.join(", ")})`].filter(Boolean).join(" ");
  return held;
}

function mapValues<In, Out>(record: { readonly [key: string]: In }, change: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** True when a reference leads back to a schema it stands in. Strict schemas refer to their root and their `$defs` only. */
function isRecursive(root: JsonSchema, defs: { readonly [name: string]: JsonSchema | boolean }): boolean {
  const open = new Set<string>(["#"]);
  const closed = new Set<string>();
  const leadsBack = (schema: JsonSchema | boolean): boolean => {
    if (typeof schema === "boolean") return false;
    const { $ref, properties = {}, items, anyOf = [] } = schema;
    if ($ref !== undefined && follows($ref)) return true;
    return [...Object.values(properties), ...anyOf, ...(items === undefined ? [] : [items])].some(leadsBack);
  };
  const follows = (reference: string): boolean => {
    if (open.has(reference)) return true;
    if (closed.has(reference)) return false;
    const name = reference.slice("#/$defs/".length);
    open.add(reference);
    const found = Object.hasOwn(defs, name) && leadsBack(defs[name] ?? true);
    open.delete(reference);
    closed.add(reference);
    return found;
  };
  return leadsBack(root);
}
