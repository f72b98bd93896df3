import type { JsonSchema } from "./json-schema.ts";

/** True for an object schema under which `{}` is the only value: a function of it has no parameters. */
export function takesNothing(schema: JsonSchema): boolean {
  const { properties = {}, additionalProperties } = schema;
  if (Object.keys(properties).length > 0 || (additionalProperties !== undefined && additionalProperties !== false)) {
    return false;
  }
  return !["patternProperties", "propertyNames", "anyOf", "oneOf", "allOf", "$ref"].some((key) => key in schema);
}

/**
 * The same schema of an object with the list of properties that a function's parameters must have, be it an empty one. A
 * function that has none is declared without, or as it is.
 */
export function withProperties(schema: JsonSchema): JsonSchema {
  if (schema.type !== "object" || schema.properties !== undefined || takesNothing(schema)) return schema;
  return { ...schema, properties: {} };
}

/**
 * The schema of an object whose one property `key` has the given schema: for APIs that take only objects at the root.
 * Definitions move up and references to the old root follow it, so recursive schemas stay right.
 */
export function wrapSchema(schema: JsonSchema, key: string): JsonSchema {
  const { $defs = {}, definitions, ...root } = schema;
  let name = "root";
  while (Object.hasOwn($defs, name)) name += "_";
  let usesRoot = false;
  const moved = mapReferences({ ...root, ...(Object.keys($defs).length > 0 && { $defs }) }, (reference) => {
    if (reference !== "#" && (!reference.startsWith("#/") || /^#\/(\$defs|definitions)\//.test(reference)))
      return reference;
    usesRoot = true;
    return `#/$defs/${name}${reference.slice(1)}`;
  });
  const { $defs: movedDefs = {}, ...movedRoot } = moved;
  const allDefs = usesRoot ? { ...movedDefs, [name]: movedRoot } : movedDefs;
  return {
    type: "object",
    properties: { [key]: usesRoot ? { $ref: `#/$defs/${name}` } : movedRoot },
    required: [key],
    additionalProperties: false,
    ...(Object.keys(allDefs).length > 0 && { $defs: allDefs }),
    ...(definitions !== undefined && { definitions }),
  };
}

const dataKeywords = new Set(["const", "enum", "default", "examples"]);
const namingKeywords = new Set(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"]);

/** A copy with every `$ref` changed. Below `names` the keys are the user's own names, not keywords. */
export function mapReferences<T>(node: T, change: (reference: string) => string, names = false): T {
  if (Array.isArray(node)) return node.map((child) => mapReferences(child, change)) as T;
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).map(([key, child]) => {
    if (names) return [key, mapReferences(child, change)];
    if (key === "$ref" && typeof child === "string") return [key, change(child)];
    return [key, dataKeywords.has(key) ? child : mapReferences(child, change, namingKeywords.has(key))];
  });
  return Object.fromEntries(entries);
}
