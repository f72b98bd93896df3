import type { Issue } from "../errors/issue.ts";
import { type JsonSchema, jsonEqual, jsonType, resolveReference } from "./json-schema.ts";

type Path = readonly PropertyKey[];
type Check = (schema: JsonSchema | boolean, value: unknown, path: Path) => Issue[];

/**
 * What is wrong with `value` by a JSON Schema's structure; empty when nothing is. Checked: `type enum const properties
 * required additionalProperties items prefixItems anyOf oneOf allOf not $ref` and the bounds of lengths, counts and
 * numbers. Not checked: `pattern` and `format`, as a foreign regular expression may never come to an end. `within` is the
 * part of the document that speaks of the value; by default its root.
 */
export function checkJsonSchema(root: JsonSchema, value: unknown, within: JsonSchema | boolean = root): Issue[] {
  // One verdict for each pair of subschema and object: nested unions stay linear instead of multiplying.
  const verdicts = new WeakMap<object, Map<JsonSchema, Issue[]>>();
  const check: Check = (schema, item, path) => {
    if (typeof schema === "boolean") return schema ? [] : [issue("nothing is allowed here", path)];
    if (typeof item !== "object" || item === null) return checkNode(root, schema, item, path, check);
    const known = verdicts.get(item) ?? new Map<JsonSchema, Issue[]>();
    verdicts.set(item, known);
    const verdict = known.get(schema);
    if (verdict !== undefined) return verdict;
    // A schema that refers to itself on the same value adds nothing to its own verdict.
    known.set(schema, []);
    const issues = checkNode(root, schema, item, path, check);
    known.set(schema, issues);
    return issues;
  };
  return check(within, value, []);
}

function checkNode(root: JsonSchema, schema: JsonSchema, value: unknown, path: Path, check: Check): Issue[] {
  const issues: Issue[] = [];
  const type = jsonType(value);
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  if (types !== undefined && !types.includes(type) && !(type === "integer" && types.includes("number"))) {
    return [issue(`expected ${types.join(" or ")}, got ${type}`, path)];
  }
  if (schema.enum !== undefined && !schema.enum.some((allowed) => jsonEqual(allowed, value))) {
    issues.push(issue(`expected one of ${JSON.stringify(schema.enum)}`, path));
  }
  if (schema.const !== undefined && !jsonEqual(schema.const, value)) {
    issues.push(issue(`expected ${JSON.stringify(schema.const)}`, path));
  }
  checkBounds(schema, value, path, issues);
  if (schema.$ref !== undefined) {
    const target = resolveReference(root, schema.$ref);
    issues.push(
      ...(target === undefined ? [issue(`unknown reference ${schema.$ref}`, path)] : check(target, value, path)),
    );
  }
  checkUnions(schema, value, path, check, issues);
  if (Array.isArray(value)) checkArray(schema, value, path, check, issues);
  else if (type === "object") checkObject(schema, value as object, path, check, issues);
  return issues;
}

function checkUnions(schema: JsonSchema, value: unknown, path: Path, check: Check, issues: Issue[]): void {
  const fits = (branch: JsonSchema | boolean) => check(branch, value, path).length === 0;
  if (schema.anyOf !== undefined && !schema.anyOf.some(fits)) issues.push(issue("fits no branch of anyOf", path));
  const matching = schema.oneOf?.filter(fits).length ?? 1;
  if (matching !== 1) issues.push(issue(`fits ${matching} branches of oneOf, not exactly one`, path));
  for (const part of schema.allOf ?? []) issues.push(...check(part, value, path));
  const not = schema.not as JsonSchema | boolean | undefined;
  if (not !== undefined && fits(not)) issues.push(issue("fits what it must not be", path));
}

function checkArray(schema: JsonSchema, value: unknown[], path: Path, check: Check, issues: Issue[]): void {
  const { prefixItems = [], items = true } = schema;
  for (const [index, item] of value.entries()) {
    for (const found of check(prefixItems[index] ?? items, item, [...path, index])) issues.push(found);
  }
}

function checkObject(schema: JsonSchema, value: object, path: Path, check: Check, issues: Issue[]): void {
  const { properties = {}, required = [] } = schema;
  for (const name of required) {
    if (!Object.hasOwn(value, name)) issues.push(issue("is required and missing", [...path, name]));
  }
  const rest = Object.hasOwn(schema, "patternProperties") ? true : (schema.additionalProperties ?? true);
  for (const [name, item] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    for (const found of check(known ?? rest, item, [...path, name])) issues.push(found);
  }
}

function checkBounds(schema: JsonSchema, value: unknown, path: Path, issues: Issue[]): void {
  const bound = (keyword: string, broken: (limit: number) => boolean) => {
    const limit = schema[keyword];
    if (typeof limit === "number" && broken(limit)) issues.push(issue(`breaks ${keyword} ${limit}`, path));
  };
  if (typeof value === "number") {
    bound("minimum", (limit) => value < limit);
    bound("maximum", (limit) => value > limit);
    bound("exclusiveMinimum", (limit) => value <= limit);
    bound("exclusiveMaximum", (limit) => value >= limit);
    bound("multipleOf", (limit) => Math.abs(value / limit - Math.round(value / limit)) > 1e-9);
    return;
  }
  const noun = typeof value === "string" ? "Length" : Array.isArray(value) ? "Items" : "Properties";
  if (schema[`min${noun}`] === undefined && schema[`max${noun}`] === undefined) return;
  const size = sizeOf(value);
  if (size === undefined) return;
  bound(`min${noun}`, (limit) => size < limit);
  bound(`max${noun}`, (limit) => size > limit);
}

/** Code points of a string, items of an array, properties of an object. */
function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
}

function issue(message: string, path: Path): Issue {
  return path.length > 0 ? { message, path } : { message };
}
