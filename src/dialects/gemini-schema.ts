import { type JsonSchema, jsonType } from "../schema/json-schema.ts";
import { withOptional } from "../schema/optional.ts";
import { withoutCycles } from "./required-cycles.ts";

/**
 * The schema in the words Google reads. Its subset of JSON Schema has no `const` and lets nothing stand beside `$ref`, its
 * enums are of strings and numbers, what is required has to be listed: all are written another way that means the same.
 * A schema may refer to itself in properties only that are not required. What else it does not know it ignores. The given
 * schema is not changed, and given back as it is when nothing had to be.
 * https://ai.google.dev/gemini-api/docs/structured-output, `responseJsonSchema` of the SDK's `GenerateContentConfig`
 */
export function toGeminiSchema(schema: JsonSchema): JsonSchema {
  return convert(withoutCycles(withOptional(schema))) as JsonSchema;
}

const single: readonly string[] = ["items", "additionalProperties"];
const listed: readonly string[] = ["anyOf", "oneOf", "prefixItems"];
const keyed: readonly string[] = ["properties", "$defs", "definitions"];

function convert(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  const changes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    const converted = single.includes(key)
      ? convert(value)
      : listed.includes(key)
        ? each(value)
        : keyed.includes(key)
          ? members(value)
          : value;
    if (converted !== value) changes[key] = converted;
  }
  const changed = Object.keys(changes).length > 0 ? { ...schema, ...changes } : schema;
  return withPlainEnum(withoutConst(withListed(withLoneReference(changed))));
}

function each(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const converted = value.map(convert);
  return converted.some((item, index) => item !== value[index]) ? converted : value;
}

function members(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, convert(member), member] as const);
  // `fromEntries` defines, so that a property named `__proto__` stays one.
  return entries.some(([, after, before]) => after !== before)
    ? Object.fromEntries(entries.map(([name, after]) => [name, after]))
    : value;
}

/** `{ description, $ref }` → `{ description, anyOf: [{ $ref }] }`. */
function withLoneReference(schema: object): object {
  if (!Object.hasOwn(schema, "$ref") || Object.keys(schema).every((key) => key.startsWith("$"))) return schema;
  const { $ref, ...rest } = schema as { $ref?: unknown; anyOf?: unknown };
  return rest.anyOf === undefined ? { ...rest, anyOf: [{ $ref }] } : schema;
}

/** `{ const: "a" }` → `{ type: "string", enum: ["a"] }`; enums hold strings and numbers only. */
function withoutConst(schema: object): object {
  if (!Object.hasOwn(schema, "const")) return schema;
  const { const: value, ...rest } = schema as { const?: unknown; type?: unknown };
  if (typeof value !== "string" && typeof value !== "number") return schema;
  return { type: typeof value, ...rest, enum: [value] };
}

/** Properties that are only named (as required, as the keys a record may have) get the schema that stands for the rest. */
function withListed(schema: object): object {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema as JsonSchema;
  const { enum: keys = [] } = (propertyNames ?? {}) as { enum?: readonly unknown[] };
  const names = new Set([...required, ...keys.filter((key) => typeof key === "string")]);
  const unlisted = [...names].filter((name) => !Object.hasOwn(properties, name));
  if (unlisted.length === 0) return schema;
  const rest = typeof additionalProperties === "object" ? additionalProperties : {};
  const listed = Object.fromEntries([...Object.entries(properties), ...unlisted.map((name) => [name, rest])]);
  return { ...schema, properties: listed };
}

/** `{ enum: ["a", null] }` → `{ anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] }`. */
function withPlainEnum(schema: object): object {
  const { enum: values, type: _, title, description, ...rest } = schema as JsonSchema;
  if (!Array.isArray(values)) return schema;
  const types = [...new Set(values.map((value) => (jsonType(value) === "integer" ? "number" : jsonType(value))))];
  if (types.length === 1 && (types[0] === "string" || types[0] === "number")) return schema;
  const branches = types.map((type) => {
    if (type !== "string" && type !== "number") return { type };
    return { type, enum: values.filter((value) => typeof value === type) };
  });
  const notes = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) };
  return { ...notes, ...rest, ...(branches.length === 1 ? branches[0] : { anyOf: branches }) };
}
