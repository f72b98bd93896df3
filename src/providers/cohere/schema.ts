import { UnsupportedError } from "../../errors/errors.ts";
import { type JsonSchema, jsonType } from "../../schema/json-schema.ts";

// https://docs.cohere.com/docs/structured-outputs#unsupported-schema-features (November 2026).
const dropped: ReadonlySet<string> = new Set([
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["minItems", "maxItems", "uniqueItems", "minLength", "maxLength"],
]);
const refused: ReadonlySet<string> = new Set(["allOf", "oneOf", "not"]);
const formats: readonly unknown[] = ["date-time", "uuid", "date", "time"];
const anchors = ["^", "$", "?=", "?!"];

/**
 * A schema as the API can hold a model to it. Keywords it does not know are left out where they only narrow what the
 * validator checks anyway; what has no such form throws `UnsupportedError` naming the path. `owner` is for its message.
 */
export function toHeldSchema(schema: JsonSchema, owner: string): JsonSchema {
  return hold(schema, owner, "#");
}

function hold(schema: JsonSchema, owner: string, path: string): JsonSchema {
  if (Array.isArray(schema.type)) return hold(oneTypeEach(schema, schema.type), owner, path);
  const held: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    const here = `${path}/${key}`;
    if (refused.has(key)) throw unsupported(owner, here, `"${key}" cannot be expressed`);
    if (dropped.has(key) || (key === "format" && !formats.includes(value))) continue;
    if (key === "pattern" && anchors.some((anchor) => String(value).includes(anchor))) continue;
    if (key === "properties" || key === "$defs") held[key] = holdEach(value as object, owner, here);
    else if (key === "anyOf")
      held[key] = (value as JsonSchema[]).map((one, index) => hold(one, owner, `${here}/${index}`));
    else if (key === "items" && typeof value === "object") held[key] = hold(value as JsonSchema, owner, here);
    else held[key] = value;
  }
  if (schema.type === "object" && !schema.required?.length) {
    throw unsupported(owner, path, "an object needs a required property");
  }
  return held;
}

// The API's reference has types one by one and `anyOf`, but no list of types.
function oneTypeEach(
  { type: _, title, description, enum: values, ...rest }: JsonSchema,
  types: readonly string[],
): JsonSchema {
  const anyOf = types.map((type) => {
    if (type === "null") return { type };
    const own = values?.filter((value) => jsonType(value) === type || (type === "number" && typeof value === "number"));
    return { ...rest, type, ...(own && { enum: own }) };
  });
  return { ...(title !== undefined && { title }), ...(description !== undefined && { description }), anyOf };
}

function holdEach(schemas: object, owner: string, path: string): object {
  // From entries, so that a property called `__proto__` stays one.
  return Object.fromEntries(
    Object.entries(schemas).map(([key, value]) => [key, hold(value as JsonSchema, owner, `${path}/${key}`)]),
  );
}

function unsupported(owner: string, path: string, why: string): UnsupportedError {
  const message = `cohere cannot be held to the schema of ${owner} at ${path}: ${why}.`;
  return new UnsupportedError("cohere", path, message, path.split("/").slice(1));
}
