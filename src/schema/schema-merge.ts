import { type JsonSchema, jsonEqual } from "./json-schema.ts";

/**
 * One schema that means both: what `allOf` of the two says. Exact for structure (types, properties, required, items,
 * unions, values, bounds); of two patterns or formats the first stays.
 */
export function mergeSchemas(left: JsonSchema, right: JsonSchema): JsonSchema {
  const result: Record<string, unknown> = { ...right, ...left };
  for (const [keyword, merge] of Object.entries(mergers)) {
    const [one, other] = [left[keyword], right[keyword]];
    if (one !== undefined && other !== undefined) result[keyword] = merge(one as never, other as never);
  }
  if (left.allOf !== undefined && right.allOf !== undefined) result.allOf = [...left.allOf, ...right.allOf];
  return result;
}

// Each takes what its own keyword holds by JSON Schema; the table cannot say that type by type.
type Merger = (left: never, right: never) => unknown;
type SubSchema = JsonSchema | boolean;

const both = (left: SubSchema, right: SubSchema): JsonSchema => ({ allOf: [left, right] });
const higher = (left: number, right: number) => Math.max(left, right);
const lower = (left: number, right: number) => Math.min(left, right);

// A keyword missing here keeps the first schema's value.
const mergers: Record<string, Merger> = {
  type: (left: string | string[], right: string | string[]) => commonTypes([left].flat(), [right].flat()),
  enum: (left: unknown[], right: unknown[]) => left.filter((value) => right.some((other) => jsonEqual(value, other))),
  required: (left: string[], right: string[]) => [...new Set([...left, ...right])],
  properties: (left: Record<string, SubSchema>, right: Record<string, SubSchema>) => {
    const entries = Object.entries(right).map(([name, property]) => {
      const own = Object.hasOwn(left, name) ? left[name] : undefined;
      return [name, own === undefined ? property : both(own, property)];
    });
    return Object.fromEntries([...Object.entries(left), ...entries]);
  },
  additionalProperties: (left: SubSchema, right: SubSchema) =>
    left === false || right === false ? false : both(left, right),
  propertyNames: both,
  items: both,
  not: (left: SubSchema, right: SubSchema) => ({ anyOf: [left, right] }),
  anyOf: (left: SubSchema[], right: SubSchema[]) => left.map((branch) => both(branch, { anyOf: right })),
  oneOf: (left: SubSchema[], right: SubSchema[]) => left.map((branch) => both(branch, { oneOf: right })),
  minimum: higher,
  exclusiveMinimum: higher,
  minItems: higher,
  minLength: higher,
  minProperties: higher,
  maximum: lower,
  exclusiveMaximum: lower,
  maxItems: lower,
  maxLength: lower,
  maxProperties: lower,
  multipleOf: leastMultiple,
};

function commonTypes(left: string[], right: string[]): string | string[] {
  const common = new Set<string>();
  for (const type of left) {
    if (right.includes(type)) common.add(type);
    else if (type === "integer" && right.includes("number")) common.add(type);
    else if (type === "number" && right.includes("integer")) common.add("integer");
  }
  return common.size === 1 ? [...common][0]! : [...common];
}

/** The least number that both go into; of numbers that are not whole, the first. */
function leastMultiple(left: number, right: number): number {
  if (![left, right].every((number) => Number.isSafeInteger(number) && number > 0)) return left;
  let [larger, smaller] = [left, right];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  const least = (left / larger) * right;
  return Number.isSafeInteger(least) ? least : left;
}
