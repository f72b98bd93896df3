/** A schema in JSON Schema's words (draft 2020-12, https://json-schema.org/draft/2020-12). Other keywords are kept. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: JsonSchema | boolean };
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: { readonly [name: string]: JsonSchema | boolean };
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly (JsonSchema | boolean)[];
  readonly anyOf?: readonly (JsonSchema | boolean)[];
  readonly oneOf?: readonly (JsonSchema | boolean)[];
  readonly allOf?: readonly (JsonSchema | boolean)[];
  readonly [keyword: string]: unknown;
}

/** The schema a local reference (`#`, `#/$defs/name`, any JSON pointer) stands for; `undefined` when there is none. */
export function resolveReference(root: JsonSchema, reference: string): JsonSchema | boolean | undefined {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let node: unknown = root;
  for (const token of reference.slice(2).split("/")) {
    const key = decoded(token).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
    node = Reflect.get(node, key);
  }
  // Whatever a pointer leads to is read as a schema; anything else has no keywords and so no say.
  return node as JsonSchema | boolean;
}

/** True when two JSON values are the same, whatever the order of keys. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && jsonEqual(Reflect.get(left, key), Reflect.get(right, key)))
  );
}

/** JSON Schema's name for the type of a JSON value; a whole number is an `integer`. */
export function jsonType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

/** Keywords that speak of numbers. */
export const numberKeywords: readonly string[] = [
  "multipleOf",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
];

/** The types a schema takes: those it names, or the one its keywords speak of; empty where nothing tells. */
export function typesOf(schema: JsonSchema): readonly string[] {
  if (schema.type !== undefined) return typeof schema.type === "string" ? [schema.type] : schema.type;
  const has = (...keywords: string[]) => keywords.some((keyword) => Object.hasOwn(schema, keyword));
  if (has("properties", "required", "additionalProperties", "patternProperties")) return ["object"];
  if (has("items", "prefixItems", "minItems", "maxItems")) return ["array"];
  if (has("pattern", "format", "minLength", "maxLength")) return ["string"];
  return has(...numberKeywords) ? ["number"] : [];
}

/** Whether a value of a type (`null`, `string`, `object`, `array`) may fit the schema; where in doubt, yes. */
export function mayBe(
  root: JsonSchema,
  schema: JsonSchema | boolean,
  type: string,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  if (typeof schema === "boolean") return schema;
  const may = (part: JsonSchema | boolean) => mayBe(root, part, type, seen);
  const types = typesOf(schema);
  if (types.length > 0 && !types.includes(type)) return false;
  if (schema.enum !== undefined && !schema.enum.some((value) => jsonType(value) === type)) return false;
  if (schema.const !== undefined && jsonType(schema.const) !== type) return false;
  if (schema.anyOf !== undefined && !schema.anyOf.some(may)) return false;
  if (schema.oneOf !== undefined && !schema.oneOf.some(may)) return false;
  if (schema.allOf !== undefined && !schema.allOf.every(may)) return false;
  if (schema.$ref === undefined || seen.has(schema.$ref)) return true;
  return mayBe(root, resolveReference(root, schema.$ref) ?? true, type, new Set([...seen, schema.$ref]));
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
