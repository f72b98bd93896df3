import type { JsonSchema } from "./json-schema.ts";

/** A strict schema's `properties` object -> the names whose `null` means "absent", and their schemas without it. */
export type AddedNulls = WeakMap<object, ReadonlyMap<string, JsonSchema>>;

// The `properties` object is the key, so nothing is kept beyond its schema.
export const added: AddedNulls = /* @__PURE__ */ new WeakMap();

/** The properties of a strict schema that are nullable only because all must be required; their schemas without `null`. */
export function optionalProperties(properties: object): ReadonlyMap<string, JsonSchema> | undefined {
  return added.get(properties);
}
