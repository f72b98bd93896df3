import { optionalProperties } from "./added-nulls.ts";
import type { JsonSchema } from "./json-schema.ts";

/**
 * A strict schema whose optional properties are left out of `required`, as they were, instead of nullable: for APIs that
 * know optional ones, or count nullable ones. The way back is the same: what is absent has no `null` to take out. Any
 * other schema is given back as it is.
 */
export function withOptional(schema: JsonSchema): JsonSchema {
  return relax(schema) as JsonSchema;
}

function relax(schema: JsonSchema | boolean): JsonSchema | boolean {
  if (typeof schema === "boolean") return schema;
  const { properties, required = [], items, anyOf, $defs } = schema;
  const optional = properties && optionalProperties(properties);
  const changes: Record<string, unknown> = {};
  const change = (keyword: string, before: unknown, after: unknown) => {
    if (after !== before) changes[keyword] = after;
  };
  if (optional) changes.required = required.filter((name) => !optional.has(name));
  if (properties) {
    const relaxed = mapValues(properties, (property, name) => relax(optional?.get(name) ?? property));
    change("properties", properties, sameValues(properties, relaxed) ? properties : relaxed);
  }
  if (items !== undefined) change("items", items, relax(items));
  if (anyOf) {
    const relaxed = anyOf.map(relax);
    change("anyOf", anyOf, relaxed.every((branch, index) => branch === anyOf[index]) ? anyOf : relaxed);
  }
  if ($defs) {
    const relaxed = mapValues($defs, relax);
    change("$defs", $defs, sameValues($defs, relaxed) ? $defs : relaxed);
  }
  return Object.keys(changes).length > 0 ? { ...schema, ...changes } : schema;
}

function sameValues(left: object, right: object): boolean {
  const values = Object.values(right);
  return Object.values(left).every((value, index) => value === values[index]);
}

/** A record with every value changed; made from entries, so that a key called `__proto__` stays one. */
export function mapValues<In, Out>(
  record: { readonly [key: string]: In },
  change: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
