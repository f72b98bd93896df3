import { UnsupportedError } from "../../errors/errors.ts";
import { type JsonSchema, jsonEqual, resolveReference } from "../../schema/json-schema.ts";
import { checkJsonSchema } from "../../schema/json-schema-validate.ts";
import { type Bounds, choice, type Expression, list, nothing, type Path, sequence, text } from "./expression.ts";
import { bounds, literal, numberRule, oneOf, stringRule, unrolled } from "./gbnf.ts";
import type { Rules } from "./rules.ts";
import { accepts, merged, type Node, partsOf, says, typesOf } from "./schema-words.ts";

// Both are far beyond what a model can hold to, and well within what a stack and llama.cpp's parser can.
const deepest = 256;
const mostNodes = 20_000;

// Where the rules of one object would be more, the number of its properties is left to the validation.
const mostCounts = 4096;

const unsayable = ["not", "if", "contains", "dependentRequired", "dependentSchemas", "unevaluatedItems"];

interface Member {
  readonly needed: boolean;
  readonly text: Expression;
}

/** Turns the parts of one schema document into expressions. They say a part of what the schema allows, never more. */
export class SchemaExpressions {
  readonly #rules: Rules;
  /** What references are resolved in. */
  readonly #root: JsonSchema;
  readonly #known = new Map<string, string>();
  readonly #numbers = new Map<JsonSchema, number>();
  #depth = 0;
  #nodes = 0;

  constructor(rules: Rules, root: JsonSchema) {
    this.#rules = rules;
    this.#root = root;
  }

  /** An expression for what fits the schema. Throws `UnsupportedError` naming the place that no grammar can say. */
  expression(node: Node, path: Path): Expression {
    if (node === true) return text("any");
    if (node === false) return nothing(path);
    if (++this.#depth > deepest) refuse(path.slice(0, 8), "it never ends");
    if (++this.#nodes > mostNodes) refuse([], "it is too large for a grammar");
    const made = this.#any(node, path);
    this.#depth--;
    return made;
  }

  #any(node: JsonSchema, path: Path): Expression {
    if (node.not !== undefined && accepts(node.not, "anything")) return nothing(path);
    for (const keyword of unsayable) {
      if (node[keyword] === undefined || node[keyword] === false) continue;
      if (keyword !== "not" || !accepts(node.not, "nothing")) refuse(path, `"${keyword}" cannot be expressed`);
    }
    if (node.$ref === undefined && node.allOf === undefined) return this.#plain(node, path);
    return this.#whole(node, path);
  }

  /** All that a schema says with what it refers to: a rule, as it is met more than once, or within itself. */
  #whole(node: JsonSchema, from: Path): Expression {
    const parts = partsOf(node, ($ref) => this.#target($ref, from));
    const { $ref, ...rest } = node;
    const path = $ref === undefined || says(rest) ? from : [$ref];
    if (parts === "nothing") return nothing(path);
    const key = parts.map((part) => this.#number(part)).join();
    const known = this.#known.get(key);
    if (known !== undefined) return { kind: "rule", name: known };
    const name = this.#rules.reserve(path);
    this.#known.set(key, name);
    return this.#rules.define(name, this.expression(merged(parts), path));
  }

  #number(part: JsonSchema): number {
    const number = this.#numbers.get(part) ?? this.#numbers.size;
    this.#numbers.set(part, number);
    return number;
  }

  #target($ref: string, path: Path): Node {
    const found = resolveReference(this.#root, $ref);
    if (typeof found === "boolean" || (typeof found === "object" && found !== null)) return found;
    return refuse(path, `the reference ${$ref} leads nowhere`);
  }

  #plain(node: JsonSchema, path: Path): Expression {
    if (node.const !== undefined) return this.#values([node.const], node, path);
    if (node.enum !== undefined) return this.#values(node.enum, node, path);
    const branches = node.anyOf ?? node.oneOf;
    if (branches !== undefined) return this.#union(node, branches, path);
    const types = typesOf(node);
    if (types === undefined) return text("any");
    return choice(
      types.map((type) => this.#type(type, node, path)),
      path,
    );
  }

  /** Those values that everything beside them allows. */
  #values(values: readonly unknown[], node: JsonSchema, path: Path): Expression {
    const { enum: listed, ...rest } = node;
    const beside = node.const === undefined || listed === undefined ? rest : node;
    const fitting = values.filter((value) => this.#fits(value, beside));
    return choice(fitting.map(oneOf), path);
  }

  #fits(value: unknown, node: Node): boolean {
    return checkJsonSchema(this.#root, value, node).length === 0;
  }

  #union(node: JsonSchema, branches: readonly Node[], path: Path): Expression {
    const keyword = node.anyOf === undefined ? "oneOf" : "anyOf";
    const { [keyword]: _, ...rest } = node;
    const options = [...branches.entries()].filter(([index, branch]) => {
      // What fits one of two that are the same fits both, and so not exactly one.
      return keyword === "anyOf" || !branches.some((other, at) => at !== index && jsonEqual(branch, other));
    });
    return choice(
      options.map(([index, branch]) => {
        const node = says(rest) ? { allOf: [rest, branch] } : branch;
        return this.expression(node, [...path, keyword, String(index)]);
      }),
      path,
    );
  }

  #type(type: string, node: JsonSchema, path: Path): Expression {
    if (type === "object") return this.#object(node, path);
    if (type === "array") return this.#array(node, path);
    if (type === "string") return stringRule(node) ?? nothing(path);
    if (type === "integer" || type === "number") return numberRule(type, node) ?? nothing(path);
    if (type === "boolean") return text(type, 2);
    if (type === "null") return text(type, 1);
    return refuse(path, `there is no type "${type}"`);
  }

  #object(node: JsonSchema, path: Path): Expression {
    const { properties = {}, required = [], propertyNames } = node;
    const others = (node.additionalProperties ?? node.unevaluatedProperties ?? true) as Node;
    const names = [...new Set([...Object.keys(properties), ...required])];
    const size = bounds(node, "minProperties", "maxProperties");
    if (size === undefined) return nothing(path);
    if (node.patternProperties !== undefined && !required.every((name) => Object.hasOwn(properties, name))) {
      refuse(path, '"patternProperties" cannot be expressed');
    }
    if (names.length === 0) return this.#map(node, others, size, path);
    const members = names.map((name) => {
      const property = Object.hasOwn(properties, name) ? (properties[name] ?? true) : others;
      const allowed = propertyNames === undefined || this.#fits(name, propertyNames as Node);
      const value = this.expression(allowed ? property : false, [...path, "properties", name]);
      return { needed: required.includes(name), text: sequence(text(literal(`${JSON.stringify(name)}: `)), value) };
    });
    const possible = members.filter(({ text }) => text.kind !== "nothing").length;
    const { least, most = Infinity } = size;
    if (others === false && least > possible) return nothing(path);
    // An open object could have members that it does not list; a grammar gives only those that it does.
    return this.#members(members, { least: Math.min(least, possible), most }, path);
  }

  /** An object's members in their order, those that are not needed perhaps left out. */
  #members(members: readonly Member[], { least, most }: { least: number; most: number }, path: Path): Expression {
    if (members.filter(({ needed }) => needed).length > most) return nothing(path);
    const counted = Math.max(1, least, most < members.length ? most + 1 : 0);
    const counts = counted * members.length > mostCounts ? 1 : counted;
    const right = (count: number) => counts !== counted || (count >= least && count <= most);
    // From the last to the first: what may follow when none, one, two, … have been written before.
    let rest = Array.from({ length: counts + 1 }, (_, count) => (right(count) ? text('"}"') : nothing(path)));
    for (const { needed, text: member } of members.toReversed()) {
      rest = rest.map((without, count) => {
        const after = rest[Math.min(count + 1, counts)] ?? without;
        const written = sequence(...(count === 0 ? [] : [text('", "')]), member, after);
        return this.#rules.named(needed ? written : choice([written, without]), path);
      });
    }
    return this.#rules.named(sequence(text('"{"'), rest[0] ?? nothing(path)), path);
  }

  #map(node: JsonSchema, others: Node, size: Bounds, path: Path): Expression {
    const { patternProperties, propertyNames = true } = node;
    if (patternProperties !== undefined) refuse(path, '"patternProperties" cannot be expressed');
    // A name is a text, also where the schema does not say so.
    const names: Node =
      propertyNames === true ? { type: "string" } : { allOf: [{ type: "string" }, propertyNames as Node] };
    const key = this.expression(names, [...path, "propertyNames"]);
    const value = this.expression(others, [...path, "additionalProperties"]);
    if (size.least > this.#rules.count(key)) return nothing(path);
    const member = this.#rules.named(sequence(key, text('": "'), value), path);
    return sequence(text('"{"'), list(member, unrolled(size)), text('"}"'));
  }

  #array(node: JsonSchema, path: Path): Expression {
    const size = bounds(node, "minItems", "maxItems");
    if (size === undefined) return nothing(path);
    const { least, most = Infinity } = size;
    const { first, items } = this.#places(node, most, path);
    // Beyond a place that takes nothing there is none.
    const longest = items.kind === "nothing" ? first.length : most;
    if (least > longest) return items.kind === "nothing" ? items : nothing(path);
    if (node.uniqueItems === true && least > first.length + this.#rules.count(items)) return nothing(path);
    const comma = text('", "');
    const places = (places: readonly Expression[]) =>
      places.flatMap((place, at) => (at === 0 ? [place] : [comma, place]));
    const array = (...parts: readonly Expression[]) => sequence(text('"["'), ...parts, text('"]"'));
    if (first.length > 0 && (least <= first.length || longest === first.length)) {
      // All the places of a tuple are taken, unless there is no end to that.
      return this.#rules.preferred(array(...places(first)), array(...places(first.slice(0, least))), path);
    }
    const mostLeft = longest === Infinity ? undefined : longest - first.length;
    const left = unrolled({ least: least - first.length, most: mostLeft });
    const item = this.#rules.named(items, path);
    if (first.length === 0) return array(list(item, left));
    return array(...places(first), comma, list(item, { ...left, least: Math.max(1, left.least) }));
  }

  /** The places of a tuple up to one that takes nothing, and what all further items are. */
  #places(node: JsonSchema, most: number, path: Path): { first: Expression[]; items: Expression } {
    // Before 2020 a tuple's places were `items`, and all else `additionalItems`.
    const old = node.prefixItems === undefined && Array.isArray(node.items);
    const tuple = (old ? node.items : (node.prefixItems ?? [])) as readonly Node[];
    const first: Expression[] = [];
    for (const [index, item] of tuple.slice(0, most).entries()) {
      const place = this.expression(item, [...path, "prefixItems", String(index)]);
      if (place.kind === "nothing") return { first, items: place };
      first.push(place);
    }
    if (first.length >= most) return { first, items: nothing(path) };
    const others = (old ? node.additionalItems : node.items) as Node | undefined;
    return { first, items: this.expression(others ?? true, [...path, "items"]) };
  }
}

/** Throws the `UnsupportedError` that says at which place a schema cannot be a grammar, and why. */
export function refuse(path: Path, why: string): never {
  const place = path.length === 0 ? "the root" : `"${path.join("/")}"`;
  const message = `local cannot bind an answer to this schema: at ${place}, ${why}.`;
  throw new UnsupportedError("local", "schema", message, path);
}
