import type { JsonSchema } from "./json-schema.ts";
import { optionalProperties } from "./strict-schema.ts";

/**
 * A strict schema whose optional properties are left out of `required`, as they were, instead of nullable: for APIs that
 * know optional ones, or count nullable ones. The way back is the same: what is absent has no `null` to take out.
 */
export function withOptional(schema: JsonSchema): JsonSchema {
  return relax(schema) as JsonSchema;
}

function relax(schema: JsonSchema | boolean): JsonSchema | boolean {
  if (typeof schema === "boolean") return schema;
  const { properties, required = [], items, anyOf, $defs } = schema;
  const optional = properties && optionalProperties(properties);
  return {
    ...schema,
    ...(properties && {
      properties: mapValues(properties, (property, name) => relax(optional?.get(name) ?? property)),
    }),
    ...(optional && { required: required.filter((name) => !optional.has(name)) }),
    ...(items !== undefined && { items: relax(items) }),
    ...(anyOf && { anyOf: anyOf.map(relax) }),
    ...($defs && { $defs: mapValues($defs, relax) }),
  };
}

/** A record with every value changed; made from entries, so that a key called `__proto__` stays one. */
export function mapValues<In, Out>(
  record: { readonly [key: string]: In },
  change: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
