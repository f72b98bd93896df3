import type { JsonSchema } from "../schema/json-schema.ts";
import { mapValues, withOptional } from "../schema/optional.ts";

/**
 * A strict schema with only what Anthropic's API and Bedrock's hold a model to; bounds they do not know are told in the
 * description, and the validator checks them. Optional properties are left out of `required`: a nullable one counts as a
 * union, of which there may be few. `undefined` for a schema that refers to itself.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 * https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
 */
export function toHeldSchema(schema: JsonSchema): JsonSchema | undefined {
  const { $defs = {}, ...root } = withOptional(schema);
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

/** What one request may hold a model to in all its strict schemas together. */
const limits = { optional: 24, unions: 16 };

/**
 * What is too much in these held schemas, all of one request, for the API to compile; `undefined` where they can be sent.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#schema-complexity-limits
 */
export function excessOf(schemas: readonly JsonSchema[]): string | undefined {
  const count = { optional: 0, unions: 0 };
  const add = (schema: JsonSchema | boolean): void => {
    if (typeof schema === "boolean") return;
    const { type, properties = {}, required = [], items = true, anyOf = [], $defs = {} } = schema;
    count.optional += Object.keys(properties).filter((name) => !required.includes(name)).length;
    if (anyOf.length > 0 || (typeof type === "object" && type.length > 1)) count.unions++;
    for (const part of [...Object.values(properties), ...Object.values($defs), ...anyOf, items]) add(part);
  };
  schemas.forEach(add);
  if (count.optional > limits.optional) return `${count.optional} optional properties, of at most ${limits.optional}`;
  return count.unions > limits.unions ? `${count.unions} unions, of at most ${limits.unions}` : undefined;
}
