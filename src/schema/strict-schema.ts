import { UnsupportedError } from "../errors/errors.ts";
import { added } from "./added-nulls.ts";
import { type JsonSchema, jsonType, mayBe, numberKeywords, resolveReference, typesOf } from "./json-schema.ts";
import { mergeSchemas } from "./schema-merge.ts";
import { restoreOptional } from "./strict-restore.ts";

/** A schema in the form strict modes take, and the way back for the values the model gives by it. */
export interface StrictSchema {
  readonly schema: JsonSchema;
  /** Takes out each `null` that only says "this optional property is absent". Gives a new value where something changed. */
  readonly restore: (value: unknown) => unknown;
}

/** How `toStrictSchema` goes about it. */
export interface StrictOptions {
  /** Named in errors. Default: "strict mode". */
  readonly provider?: string;
}

/**
 * The schema as OpenAI's strict mode takes it (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas):
 * objects closed, every property required, optional ones nullable. A keyword the API refuses is dropped when it only
 * narrows what the validator checks anyway (`minLength`, `uniqueItems`, `default`, …); `oneOf` becomes `anyOf`, `allOf`
 * is merged, examples go into the description. What only an open schema can say (records, `patternProperties`, "anything",
 * tuples of different items, conditions) throws `UnsupportedError` naming the path. Roots that are no object are the
 * caller's to wrap first (`wrapSchema`).
 */
export function toStrictSchema(schema: JsonSchema, options: StrictOptions = {}): StrictSchema {
  const { provider = "strict mode" } = options;
  const context: Context = { root: schema, provider, names: new Map(), defs: {} };
  const start = schema.$ref === undefined ? withoutDefinitions(schema) : resolve(context, schema.$ref, []);
  const root = convert(context, start, []);
  const defs = context.defs;
  const strict = Object.keys(defs).length > 0 ? { ...root, $defs: defs } : root;
  return { schema: strict, restore: (value) => restoreOptional(strict, added, value) };
}

interface Context {
  readonly root: JsonSchema;
  readonly provider: string;
  /** Reference in the original -> name in the new `$defs`. */
  readonly names: Map<string, string>;
  readonly defs: Record<string, JsonSchema>;
}

type Path = readonly string[];

// As of August 2026; the API answers any other with a 400: "'uri' is not a valid format".
const formats = new Set(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]);
const conditions = ["if", "then", "else", "dependentSchemas", "dependencies", "unevaluatedItems"];
// Beside a reference or a union these count; all else there is a note or a narrowing the validator checks.
const structural = [
  ...["type", "enum", "const", "properties", "required", "additionalProperties", "patternProperties"],
  ...["items", "prefixItems", "minItems", "maxItems", "pattern", "format", ...numberKeywords],
];
const maximumDepth = 100;

function convert(context: Context, schema: JsonSchema | boolean, path: Path): JsonSchema {
  if (path.length > maximumDepth) return refuse(context, path, "it never ends, as its allOf leads back to it");
  if (typeof schema === "boolean") return refuse(context, path, schema ? "it accepts anything" : "it accepts nothing");
  const condition = conditions.find((keyword) => Object.hasOwn(schema, keyword));
  if (condition !== undefined) return refuse(context, path, `"${condition}" cannot be expressed`);
  const { $ref, allOf, anyOf, oneOf, ...rest } = schema;
  const says = structural.some((keyword) => Object.hasOwn(rest, keyword));
  const alone = allOf?.length === 1 && !says && $ref === undefined && anyOf === undefined && oneOf === undefined;
  if (alone && typeof allOf[0] === "object") return convert(context, { ...allOf[0], ...rest }, [...path, "allOf"]);
  if (allOf !== undefined || ($ref !== undefined && (says || anyOf !== undefined || oneOf !== undefined))) {
    const parts = [...($ref === undefined ? [] : [{ $ref }]), ...(allOf ?? [])];
    const whole = merged(context, { ...rest, ...pick(schema, ["anyOf", "oneOf"]) }, parts, path);
    return convert(context, whole, [...path, "allOf"]);
  }
  if ($ref !== undefined) return reference(context, $ref, rest, path);
  if (anyOf !== undefined && oneOf !== undefined) {
    return convert(context, mergeSchemas({ ...rest, anyOf }, { anyOf: oneOf }), path);
  }
  const branches = anyOf ?? oneOf;
  if (branches !== undefined) return union(context, branches, rest, says, path);
  return schema.enum !== undefined || schema.const !== undefined
    ? enumeration(context, schema, path)
    : typed(context, schema, path);
}

function merged(context: Context, base: JsonSchema, parts: readonly (JsonSchema | boolean)[], path: Path): JsonSchema {
  return parts.reduce<JsonSchema>((whole, part) => {
    if (part === true) return whole;
    if (part === false) return refuse(context, path, "it accepts nothing");
    if (part.$ref === undefined) return mergeSchemas(whole, part);
    const { $ref, ...rest } = part;
    const target = resolve(context, $ref, path);
    return mergeSchemas(mergeSchemas(whole, rest), target);
  }, base);
}

function reference(context: Context, $ref: string, rest: JsonSchema, path: Path): JsonSchema {
  const target = resolve(context, $ref, path);
  const notes = annotation(rest);
  const own = $ref === "#" ? "#" : `#/$defs/${definition(context, $ref, target)}`;
  // A reference may have no siblings, an anyOf may.
  return Object.keys(notes).length > 0 ? { ...notes, anyOf: [{ $ref: own }] } : { $ref: own };
}

function definition(context: Context, $ref: string, target: JsonSchema): string {
  const known = context.names.get($ref);
  if (known !== undefined) return known;
  let name = ($ref.split("/").at(-1) ?? "").replace(/[^a-zA-Z0-9_-]/g, "_") || "definition";
  while (Object.hasOwn(context.defs, name) || name === "__proto__") name += "_";
  context.names.set($ref, name);
  // Holds the place in the order of definitions while those it refers to are converted.
  context.defs[name] = {};
  context.defs[name] = convert(context, target, [$ref]);
  return name;
}

function resolve(context: Context, $ref: string, path: Path): JsonSchema {
  const target = resolveReference(context.root, $ref);
  if (typeof target !== "object")
    return refuse(context, path, `the reference ${$ref} does not lead to a schema in the document`);
  return withoutDefinitions(target);
}

function union(
  context: Context,
  branches: readonly (JsonSchema | boolean)[],
  rest: JsonSchema,
  says: boolean,
  path: Path,
): JsonSchema {
  const possible = branches.filter((branch) => !isNever(branch));
  if (possible.length === 0) return refuse(context, path, "it accepts nothing");
  const notes = annotation(rest);
  const anyOf = possible.map((branch, index) => {
    const whole = says && typeof branch === "object" ? merged(context, pick(rest, structural), [branch], path) : branch;
    return convert(context, whole, [...path, "anyOf", String(index)]);
  });
  return { ...notes, anyOf };
}

function isNever(schema: JsonSchema | boolean): boolean {
  if (typeof schema === "boolean") return !schema;
  return schema.not === true || (isRecord(schema.not) && Object.keys(schema.not).length === 0);
}

function enumeration(context: Context, schema: JsonSchema, path: Path): JsonSchema {
  const values = schema.enum ?? [schema.const];
  const types = [...new Set(values.map(jsonType))];
  if (types.includes("object") || types.includes("array"))
    return refuse(context, path, "its fixed values are not scalars");
  if (types.length === 0) return refuse(context, path, "it accepts nothing");
  return { ...annotation(schema), type: types.length === 1 ? types[0]! : types, enum: values };
}

function typed(context: Context, schema: JsonSchema, path: Path): JsonSchema {
  const types = typesOf(schema);
  if (types.length === 0)
    return refuse(context, path, schema.type === undefined ? "it accepts anything" : "it accepts nothing");
  const notes = annotation(schema);
  const solid = types.filter((type) => type !== "null");
  if (solid.length <= 1) {
    const single = { ...notes, ...shape(context, schema, solid[0] ?? "null", path) };
    return solid.length === 1 && types.length > 1 ? nullable(single) : single;
  }
  return { ...notes, anyOf: types.map((type) => shape(context, schema, type, path)) };
}

function shape(context: Context, schema: JsonSchema, type: string, path: Path): JsonSchema {
  if (type === "object") return objectShape(context, schema, path);
  if (type === "array") return arrayShape(context, schema, path);
  if (type === "number" || type === "integer") return { type, ...pick(schema, numberKeywords) };
  if (type !== "string") return { type };
  const { format, pattern } = schema;
  return {
    type,
    ...(typeof format === "string" && formats.has(format) && { format }),
    // The API's own expressions know no look-around and no back-references.
    ...(typeof pattern === "string" && !/\(\?<?[=!]|\\[1-9k]/.test(pattern) && { pattern }),
  };
}

function objectShape(context: Context, schema: JsonSchema, path: Path): JsonSchema {
  const { properties, required = [], additionalProperties = schema.unevaluatedProperties } = schema;
  if (Object.hasOwn(schema, "patternProperties"))
    return refuse(context, path, '"patternProperties" cannot be expressed');
  if ((additionalProperties ?? false) !== false) return refuse(context, path, "it accepts keys that are not listed");
  if (properties === undefined && additionalProperties === undefined) {
    return refuse(context, path, "it is an object without listed keys");
  }
  const addedNulls = new Map<string, JsonSchema>();
  const entries = Object.entries(properties ?? {}).map(([name, property]) => {
    const strict = convert(context, property, [...path, "properties", name]);
    // Where in doubt, `null` is the property's own, so that no real one is ever taken out.
    if (required.includes(name) || mayBe(context.root, property, "null")) return [name, strict] as const;
    addedNulls.set(name, strict);
    return [name, nullable(strict)] as const;
  });
  const closed: Record<string, JsonSchema> = Object.fromEntries(entries);
  if (addedNulls.size > 0) added.set(closed, addedNulls);
  return { type: "object", properties: closed, required: Object.keys(closed), additionalProperties: false };
}

function arrayShape(context: Context, schema: JsonSchema, path: Path): JsonSchema {
  const tuple = schema.prefixItems ?? (Array.isArray(schema.items) ? (schema.items as JsonSchema[]) : undefined);
  const bounds = pick(schema, ["minItems", "maxItems"]);
  if (tuple === undefined || tuple.length === 0) {
    if (schema.items === undefined) return refuse(context, path, "its items may be anything");
    return { type: "array", items: convert(context, schema.items, [...path, "items"]), ...bounds };
  }
  const positions = tuple.map((item, index) => convert(context, item, [...path, "prefixItems", String(index)]));
  const first = JSON.stringify(positions[0]);
  const rest = schema.prefixItems === undefined ? schema.additionalItems : schema.items;
  if (rest !== false || positions.some((position) => JSON.stringify(position) !== first)) {
    return refuse(context, path, "it is a tuple whose positions differ");
  }
  return { type: "array", items: positions[0]!, minItems: tuple.length, maxItems: tuple.length, ...bounds };
}

/** The same strict schema, `null` allowed besides. */
function nullable(schema: JsonSchema): JsonSchema {
  if (schema.enum !== undefined) {
    return { ...schema, type: [...[schema.type ?? []].flat(), "null"], enum: [...schema.enum, null] };
  }
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: "null" }] };
  const scalar = typeof schema.type === "string" && schema.type !== "object" && schema.type !== "array";
  if (scalar) return { ...schema, type: [schema.type, "null"] };
  const { title, description, ...rest } = schema;
  return { ...pick(schema, ["title", "description"]), anyOf: [rest, { type: "null" }] };
}

function annotation(schema: JsonSchema): JsonSchema {
  const { description, examples } = schema;
  const shown =
    examples !== undefined && examples.length > 0
      ? `Examples: ${examples.map((one) => JSON.stringify(one)).join(", ")}`
      : "";
  const text = [description ?? "", shown]
    .filter((part) => part !== "")
    .join(description?.endsWith(".") === false ? ". " : " ");
  return { ...pick(schema, ["title"]), ...(text !== "" && { description: text }) };
}

function withoutDefinitions(schema: JsonSchema): JsonSchema {
  const { $defs, definitions, ...rest } = schema;
  return rest;
}

function pick(schema: JsonSchema, keywords: readonly string[]): JsonSchema {
  return Object.fromEntries(keywords.filter((key) => Object.hasOwn(schema, key)).map((key) => [key, schema[key]]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(context: Context, path: Path, why: string): never {
  const place = path.length > 0 ? `"${path.join("/")}"` : "the root";
  const message = `${context.provider} cannot take this schema in its strict form: at ${place}, ${why}. Close it or turn strict off.`;
  throw new UnsupportedError(context.provider, "strict schema", message, path);
}
