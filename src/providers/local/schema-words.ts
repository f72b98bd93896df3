import { type JsonSchema, jsonEqual } from "../../schema/json-schema.ts";
import { mergeSchemas } from "../../schema/schema-merge.ts";

/** A schema wherever one may stand. */
export type Node = JsonSchema | boolean;

const silent = ["title", "description", "default", "examples", "$defs", "definitions", "$schema", "$id", "$comment"];
const remarks = new Set([...silent, "deprecated", "readOnly", "writeOnly", "discriminator"]);

/** True where a schema has any keyword that narrows what it accepts. */
export function says(schema: JsonSchema): boolean {
  return Object.keys(schema).some((keyword) => !remarks.has(keyword) && schema[keyword] !== undefined);
}

/** True for a schema that plainly accepts everything, or plainly nothing. */
export function accepts(node: unknown, what: "anything" | "nothing"): boolean {
  if (typeof node === "boolean") return node === (what === "anything");
  if (typeof node !== "object" || node === null) return false;
  const { not, anyOf, ...rest } = node as JsonSchema;
  const branches = anyOf?.map((branch) => accepts(branch, what));
  if (what === "nothing") {
    return rest.enum?.length === 0 || branches?.every(Boolean) === true || accepts(not, "anything");
  }
  return !says(rest) && branches?.includes(true) !== false && (not === undefined || accepts(not, "nothing"));
}

const typeKeywords: readonly (readonly [type: string, ...keywords: string[]])[] = [
  ["object", "properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"],
  ["array", "items", "prefixItems", "minItems", "maxItems", "uniqueItems"],
  ["string", "minLength", "maxLength", "pattern", "format"],
  ["number", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
];

/** The types a schema names, or the one its keywords are for; `undefined` where any will do. */
export function typesOf(node: JsonSchema): readonly string[] | undefined {
  if (node.type !== undefined) return [node.type].flat() as string[];
  const found = typeKeywords.find(([, ...keywords]) => keywords.some((keyword) => node[keyword] !== undefined));
  return found && [found[0]];
}

/**
 * The schemas that all count where this one stands: its own, those of `allOf` and those it refers to, however far; none
 * twice, so that one that leads back to itself comes to an end.
 */
export function partsOf(node: JsonSchema, target: ($ref: string) => Node): readonly JsonSchema[] | "nothing" {
  const seen = new Set<Node>();
  const parts: JsonSchema[] = [];
  const waiting: Node[] = [node];
  let circles = false;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === false) return "nothing";
    circles ||= seen.has(part) && part !== true;
    if (part === true || seen.has(part)) continue;
    seen.add(part);
    const { $ref, allOf = [], ...own } = part;
    if (says(own)) parts.push(part);
    if ($ref !== undefined) waiting.push(target($ref));
    waiting.push(...allOf.toReversed());
  }
  return circles && parts.length === 0 ? "nothing" : parts;
}

/** One schema that says what all of them say themselves. */
export function merged(parts: readonly JsonSchema[]): Node {
  return parts.map(({ $ref, allOf, ...own }) => own).reduce<Node>(both, true);
}

function both(left: Node, right: JsonSchema): Node {
  if (typeof left === "boolean") return left && right;
  if (left.const !== undefined && right.const !== undefined && !jsonEqual(left.const, right.const)) return false;
  return { ...mergeSchemas(closedBy(left, right), closedBy(right, left)), ...tuple(left, right) };
}

/** What both say of the places of a tuple, where one of them does. */
function tuple(left: JsonSchema, right: JsonSchema): Pick<JsonSchema, "prefixItems"> {
  const length = Math.max(left.prefixItems?.length ?? 0, right.prefixItems?.length ?? 0);
  if (length === 0) return {};
  const place = ({ prefixItems, items }: JsonSchema, at: number) => prefixItems?.[at] ?? items ?? true;
  return { prefixItems: Array.from({ length }, (_, at) => ({ allOf: [place(left, at), place(right, at)] })) };
}

/** What the one schema does not list, it has a say in all the same. */
function closedBy(schema: JsonSchema, { properties: listed = {}, ...other }: JsonSchema): JsonSchema {
  const { properties } = schema;
  const { additionalProperties: rule = true } = other;
  if (properties === undefined || rule === true || other.patternProperties !== undefined) return schema;
  const entries = Object.entries(properties).map(([name, property]) => {
    return [name, Object.hasOwn(listed, name) ? property : { allOf: [property, rule] }] as const;
  });
  return { ...schema, properties: Object.fromEntries(entries) };
}
