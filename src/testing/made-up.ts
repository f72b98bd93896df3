import { ConfigError } from "../errors/errors.ts";
import { type JsonSchema, resolveReference } from "../schema/json-schema.ts";
import { mergeSchemas } from "../schema/schema-merge.ts";
import { madeUpText } from "./made-up-text.ts";
import type { Random } from "./random.ts";

type SubSchema = JsonSchema | boolean;

/** From this depth on only what must be there is made, so that a schema that refers to itself comes to an end. */
const deep = 4;
const deepest = 64;

/** A value that fits a JSON Schema, the same for the same source. Throws `ConfigError` where none can be made. */
export function madeUp(schema: JsonSchema, random: Random): unknown {
  return new Maker(schema).make(schema, random, 0);
}

class Maker {
  readonly #root: JsonSchema;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  make(schema: SubSchema, random: Random, depth: number): unknown {
    if (schema === false || depth > deepest) throw new ConfigError("No value can be made up for this schema.");
    const whole = this.#flat(schema === true ? {} : schema, random, depth);
    if (Object.hasOwn(whole, "const")) return whole.const;
    if (whole.enum !== undefined && whole.enum.length > 0) return random.pick(whole.enum);
    if (Array.isArray(whole.examples) && whole.examples.length > 0) return random.pick(whole.examples);
    switch (this.#type(whole, random, depth)) {
      case "object":
        return this.#object(whole, random, depth);
      case "array":
        return this.#array(whole, random, depth);
      case "number":
        return toNumber(whole, random, false);
      case "integer":
        return toNumber(whole, random, true);
      case "boolean":
        return random.next() < 0.5;
      case "null":
        return null;
      default:
        return madeUpText(whole, random);
    }
  }

  /** A schema without references, unions and intersections: one of the branches, chosen. */
  #flat(schema: JsonSchema, random: Random, depth: number): JsonSchema {
    let whole = schema;
    for (let steps = 0; steps < deepest; steps++) {
      const { $ref, allOf, anyOf, oneOf, ...rest } = whole;
      if ($ref !== undefined) {
        const target = resolveReference(this.#root, $ref);
        if (target === undefined) throw new ConfigError(`The schema refers to ${$ref}, which is not in it.`);
        whole = mergeSchemas(
          { ...rest, ...only({ allOf, anyOf, oneOf }) },
          target === true ? {} : (target as JsonSchema),
        );
      } else if (allOf !== undefined) {
        const parts = allOf.filter((part) => typeof part === "object");
        whole = parts.reduce(mergeSchemas, { ...rest, ...only({ anyOf, oneOf }) });
      } else if (anyOf !== undefined || oneOf !== undefined) {
        const key = anyOf === undefined ? "oneOf" : "anyOf";
        const branch = this.#branch(anyOf ?? oneOf ?? [], random.at(key), depth);
        whole = mergeSchemas({ ...rest, ...(key === "anyOf" && only({ oneOf })) }, branch);
      } else return whole;
    }
    throw new ConfigError("The schema refers to itself without an end.");
  }

  #branch(branches: readonly SubSchema[], random: Random, depth: number): JsonSchema {
    const known = branches.filter((branch) => branch !== false);
    const isNull = (branch: SubSchema) => typeof branch === "object" && branch.type === "null";
    const isSimple = (branch: SubSchema) => typeof branch === "object" && branch.$ref === undefined;
    const wanted =
      depth >= deep
        ? [known.filter(isNull), known.filter(isSimple), known].find((list) => list.length > 0)
        : [known.filter((branch) => !isNull(branch)), known].find((list) => list.length > 0);
    const chosen = random.pick<SubSchema>(wanted ?? [false]);
    return typeof chosen === "object" ? chosen : {};
  }

  #type({ type, ...schema }: JsonSchema, random: Random, depth: number): string {
    if (typeof type === "string") return type;
    if (type !== undefined && type.length > 0) {
      const some = depth >= deep && type.includes("null") ? ["null"] : type.filter((one) => one !== "null");
      return random.at("type").pick(some.length > 0 ? some : type);
    }
    if (schema.properties !== undefined || schema.required !== undefined) return "object";
    if (schema.items !== undefined || schema.prefixItems !== undefined) return "array";
    return schema.minimum !== undefined || schema.maximum !== undefined ? "number" : "string";
  }

  #object(schema: JsonSchema, random: Random, depth: number): object {
    const { properties = {}, required = [], additionalProperties: rest } = schema;
    const made = {};
    const add = (name: string, value: SubSchema) => {
      const item = this.make(value, random.at(name), depth + 1);
      Object.defineProperty(made, name, { value: item, enumerable: true, writable: true, configurable: true });
    };
    for (const [name, property] of Object.entries(properties)) {
      if (property !== false && (depth < deep || required.includes(name))) add(name, property);
    }
    for (const name of required) if (!Object.hasOwn(made, name)) add(name, rest ?? true);
    const { minProperties = depth < deep && typeof rest === "object" && Object.keys(properties).length === 0 ? 1 : 0 } =
      schema as { minProperties?: number };
    for (let index = 1; Object.keys(made).length < minProperties && rest !== false; index++) {
      const names = schema.propertyNames as SubSchema | undefined;
      const name =
        names === undefined ? `key${index}` : String(this.make(names, random.at(`name ${index}`), depth + 1));
      add(name, rest ?? true);
      if (index > 100) break;
    }
    return made;
  }

  #array(schema: JsonSchema, random: Random, depth: number): unknown[] {
    const { prefixItems = [], items = true, uniqueItems } = schema;
    const { minItems = 0, maxItems = Math.max(minItems, 2) } = schema as { minItems?: number; maxItems?: number };
    const fixed = prefixItems.map((item, index) => this.make(item, random.at(String(index)), depth + 1));
    if (items === false || (schema.items === undefined && fixed.length > 0)) return fixed;
    const usual = depth >= deep ? 0 : random.whole(1, 2);
    const count = Math.max(minItems, Math.min(usual, maxItems)) - fixed.length;
    const made = [...fixed];
    for (let index = 0, tries = 0; index < count && tries < 50 * (count + 1); tries++) {
      const item = this.make(items, random.at(`${fixed.length + index} ${tries}`), depth + 1);
      if (uniqueItems === true && made.some((other) => JSON.stringify(other) === JSON.stringify(item))) continue;
      made.push(item);
      index++;
    }
    return made;
  }
}

function only(
  keywords: { readonly [Key in "allOf" | "anyOf" | "oneOf"]?: readonly SubSchema[] | undefined },
): Partial<JsonSchema> {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}

/** A number within its bounds: a multiple where one is asked for, else with two decimals at most. */
function toNumber(schema: JsonSchema, random: Random, isWhole: boolean): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Record<string, unknown>;
  const bound = (value: unknown, fallback: number) => (typeof value === "number" ? value : fallback);
  const step = bound(multipleOf, isWhole ? 1 : 0.01);
  const unit = isWhole && !Number.isInteger(step) ? 1 : step;
  const low = Math.max(bound(minimum, -Infinity), bound(exclusiveMinimum, -Infinity));
  const high = Math.min(bound(maximum, Infinity), bound(exclusiveMaximum, Infinity));
  const from = low === -Infinity ? (high === Infinity ? 1 : high - 100 * unit) : low;
  const to = high === Infinity ? from + 100 * unit : high;
  // Some library's bounds are those of a double: a hundred steps from one end are enough.
  const first = Math.ceil(from / unit - 1e-9) + (low === exclusiveMinimum && Number.isInteger(from / unit) ? 1 : 0);
  const last = Math.floor(Math.min(to, from + 100 * unit) / unit + 1e-9);
  const end = last - (high === exclusiveMaximum && last * unit >= high ? 1 : 0);
  if (first > end) return isWhole ? Math.ceil(from) : (from + to) / 2;
  const value = random.whole(first, end) * unit;
  return Number(value.toFixed(10));
}
