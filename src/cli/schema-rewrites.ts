import { type JsonSchema, jsonEqual, mayBe, resolveReference } from "../schema/json-schema.ts";
import { isRecord } from "./is-record.ts";
import { short } from "./schema-diff.ts";

/** What a schema becomes on its way to a provider, at one place of it. */
export interface Rewrite {
  readonly place: string;
  readonly message: string;
}

/** What is said otherwise, or not at all, in the schema that is sent. What only closes or names something is passed over. */
export function schemaRewrites(given: JsonSchema, sent: JsonSchema): Rewrite[] {
  const rewrites: Rewrite[] = [];
  walk({ given, sent, rewrites, seen: new Set() }, given, sent, []);
  return rewrites;
}

interface Walk {
  readonly given: JsonSchema;
  readonly sent: JsonSchema;
  readonly rewrites: Rewrite[];
  readonly seen: Set<string>;
}

// Of these the structure is followed, or they say the same another way.
const followed: readonly string[] = [
  ...["$ref", "$defs", "definitions", "$schema", "$id", "id", "title", "description", "type", "properties", "required"],
  ...["items", "prefixItems", "additionalProperties", "anyOf", "oneOf", "allOf", "enum", "const", "examples"],
];

function walk(context: Walk, given: unknown, sent: unknown, path: readonly string[]): void {
  const was = follow(context, context.given, given);
  const reached = follow(undefined, context.sent, sent);
  if (was === undefined || reached === undefined) return;
  const is = mayBe(context.given, was, "null") ? reached : withoutNull(reached, context.sent);
  const note = (message: string) => context.rewrites.push({ place: path.join("."), message });
  for (const [key, value] of Object.entries(was)) {
    if (followed.includes(key) || jsonEqual(is[key], value) || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER)
      continue;
    const told = !Object.hasOwn(is, key) && String(is.description).includes(`${key}: `);
    if (told) note(`${key} ${short(value)} is told in the description; the validator checks it`);
    else if (!Object.hasOwn(is, key)) note(`${key} ${short(value)} is left out; the validator alone checks it`);
    else note(`${key} ${short(value)} becomes ${short(is[key])}`);
  }
  for (const key of ["oneOf", "allOf"]) {
    if (was[key] === undefined || is[key] !== undefined) continue;
    note(
      key === "allOf" ? "allOf is merged into one schema" : "oneOf becomes anyOf: one of them at least, not at most",
    );
  }
  if (was.prefixItems !== undefined && is.prefixItems === undefined)
    note("the tuple becomes a list of one kind of item");
  compareProperties(context, was, is, path);
  if (isRecord(was.items)) walk(context, was.items, is.items, [...path, "[]"]);
  if (isRecord(was.additionalProperties))
    walk(context, was.additionalProperties, is.additionalProperties, [...path, "*"]);
  const [branches, others] = [was.anyOf ?? was.oneOf ?? [], is.anyOf ?? is.oneOf ?? []];
  for (const [at, branch] of branches.entries()) walk(context, branch, others[at], [...path, `anyOf[${at}]`]);
}

function compareProperties(context: Walk, was: JsonSchema, is: JsonSchema, path: readonly string[]): void {
  for (const [name, property] of Object.entries(was.properties ?? {})) {
    const sent = is.properties && Object.hasOwn(is.properties, name) ? is.properties[name] : undefined;
    if (sent === undefined) continue;
    const here = [...path, name];
    const demanded = [was, is].map(({ required }) => required?.includes(name) ?? false);
    const message =
      !demanded[0] && demanded[1]
        ? "optional: becomes required and may be null, which is read as absent"
        : demanded[0] && !demanded[1]
          ? "is not demanded of the model; the validator demands it"
          : undefined;
    if (message !== undefined) context.rewrites.push({ place: here.join("."), message });
    walk(context, property, sent, here);
  }
}

/** What a reference stands for, itself once; a schema that only holds one in `anyOf` stands for it, too. */
function follow(once: Walk | undefined, root: JsonSchema, schema: unknown): JsonSchema | undefined {
  let node = schema;
  for (let steps = 0; isRecord(node) && steps < 20; steps++) {
    const { $ref, anyOf } = node as JsonSchema;
    const [only] = anyOf?.length === 1 ? anyOf : [];
    if (typeof $ref === "string") {
      if (once?.seen.has($ref)) return undefined;
      once?.seen.add($ref);
      node = resolveReference(root, $ref);
    } else if (isRecord(only) && !("type" in node)) node = { ...node, anyOf: undefined, ...(only as JsonSchema) };
    else return node as JsonSchema;
  }
  return undefined;
}

/** A schema without the `null` that a strict one allows besides. */
function withoutNull(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { anyOf, type, ...rest } = schema;
  if (Array.isArray(type)) return { ...rest, type: type.filter((one) => one !== "null"), ...(anyOf && { anyOf }) };
  const solid = anyOf?.filter((branch) => !(isRecord(branch) && branch.type === "null"));
  if (anyOf === undefined || solid === undefined || solid.length === anyOf.length) return schema;
  const [only] = solid;
  if (solid.length > 1) return { ...schema, anyOf: solid };
  return { ...rest, ...follow(undefined, root, only) };
}
