import { UnsupportedError } from "../../errors/errors.ts";
import { type JsonSchema, resolveReference } from "../../schema/json-schema.ts";
import { mergeSchemas } from "../../schema/schema-merge.ts";
import { callEnd, callMiddle, callStart } from "./answer.ts";
import { bounds, jsonRules, list, literal, numberRule, spaced, stringRule } from "./gbnf.ts";
import type { LocalTool } from "./types.ts";

// Why not node-llama-cpp's own converter: it makes every property required, reads `anyOf` and lists of types as something
// else, and prints what it cannot say.

type Path = readonly string[];
type Node = JsonSchema | boolean;

/** The grammar of JSON that fits a schema. Throws `UnsupportedError` naming the place that no grammar can say. */
export function schemaGrammar(schema: JsonSchema): string {
  const grammar = new Grammar();
  return grammar.text(grammar.schema(schema, schema));
}

/** The grammar of one tool's arguments, where the beginning of its call is already written. */
export function argumentsGrammar({ name, parameters }: LocalTool): string {
  const grammar = new Grammar();
  return grammar.text(`" " ${grammar.schema(parameters, parameters, [name])}`);
}

/** The grammar of what follows the first `<tool_call>`: a call of one of the tools, then perhaps more. */
export function callsGrammar(tools: readonly LocalTool[]): string {
  const grammar = new Grammar();
  return grammar.text(grammar.calls(tools));
}

/** The grammar of either: calls, or JSON that fits the schema. */
export function callsOrSchemaGrammar(tools: readonly LocalTool[], schema: JsonSchema): string {
  const grammar = new Grammar();
  return grammar.text(`${literal(callStart)} ${grammar.calls(tools)} | ${grammar.schema(schema, schema)}`);
}

// A small model may not find an end; nobody wants more calls in one turn.
const mostCalls = 16;

const deepest = 256;

/** Collects the rules of one grammar. A grammar says a part of what a schema allows, never more. */
class Grammar {
  readonly #rules = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #references = new Map<JsonSchema, Map<string, string>>();

  text(root: string): string {
    const lines = [`root ::= ${root}`];
    for (const [name, body] of this.#rules) lines.push(`${name} ::= ${body}`);
    for (const [name, body] of Object.entries(jsonRules)) lines.push(`${name} ::= ${body}`);
    return `${lines.join("\n")}\n`;
  }

  calls(tools: readonly LocalTool[]): string {
    const calls = tools.map(({ name, parameters }) => {
      const head = literal(`${JSON.stringify(name)}${callMiddle}`);
      return `${head} ${this.schema(parameters, parameters, [name])}`;
    });
    const call = this.#rule(`${literal('\n{"name": ')} (${calls.join(" | ")}) ${literal(callEnd)}`);
    return `${call} (${literal(`\n${callStart}`)} ${call}){0,${mostCalls - 1}}`;
  }

  /** An expression for what fits the schema; `root` is the document its references are resolved in. */
  schema(node: Node, root: JsonSchema, path: Path = []): string {
    if (node === true) return "any";
    if (path.length > deepest) return refuse(path.slice(0, 8), "it never ends");
    if (node === false) return refuse(path, "it accepts nothing");
    for (const keyword of ["not", "if", "contains", "dependentRequired", "dependentSchemas", "unevaluatedItems"]) {
      if (node[keyword] !== undefined && node[keyword] !== false) refuse(path, `"${keyword}" cannot be expressed`);
    }
    const { $ref, allOf, ...rest } = node;
    if ($ref !== undefined) {
      if (!says(rest) && allOf === undefined) return this.#reference($ref, root, path);
      return this.schema(mergeSchemas({ ...rest, ...(allOf && { allOf }) }, target(root, $ref, path)), root, path);
    }
    if (allOf !== undefined) return this.schema(merged(rest, allOf, root, path), root, path);
    return this.#plain(node, root, path);
  }

  #plain(node: JsonSchema, root: JsonSchema, path: Path): string {
    if (node.const !== undefined) return literal(spaced(node.const));
    if (node.enum !== undefined) {
      if (node.enum.length === 0) refuse(path, "it accepts nothing");
      return `(${node.enum.map((value) => literal(spaced(value))).join(" | ")})`;
    }
    const branches = node.anyOf ?? node.oneOf;
    if (branches !== undefined) return this.#union(node, branches, root, path);
    const types = typesOf(node);
    if (types.length === 0) return "any";
    const alternatives = types.map((type) => this.#type(type, node, root, path));
    return alternatives.length === 1 ? (alternatives[0] as string) : `(${alternatives.join(" | ")})`;
  }

  #union(node: JsonSchema, branches: readonly Node[], root: JsonSchema, path: Path): string {
    const keyword = node.anyOf === undefined ? "oneOf" : "anyOf";
    const { [keyword]: _, ...rest } = node;
    const possible = [...branches.entries()].filter(([, branch]) => branch !== false);
    if (possible.length === 0) refuse(path, "it accepts nothing");
    const alternatives = possible.map(([index, branch]) => {
      const whole = says(rest) ? { allOf: [rest, branch] } : branch;
      return this.schema(whole, root, [...path, keyword, String(index)]);
    });
    return `(${alternatives.join(" | ")})`;
  }

  #type(type: string, node: JsonSchema, root: JsonSchema, path: Path): string {
    if (type === "object") return this.#object(node, root, path);
    if (type === "array") return this.#array(node, root, path);
    if (type === "string") return stringRule(node);
    if (type === "integer" || type === "number") return numberRule(type, node);
    if (type === "boolean" || type === "null") return type;
    return refuse(path, `there is no type "${type}"`);
  }

  #object(node: JsonSchema, root: JsonSchema, path: Path): string {
    const { properties = {}, required = [], additionalProperties } = node;
    const names = [...new Set([...Object.keys(properties), ...required])];
    if (names.length === 0) return this.#map(node, root, path);
    const members = names.map((name) => {
      const property = Object.hasOwn(properties, name) ? (properties[name] ?? true) : (additionalProperties ?? true);
      const needed = required.includes(name);
      // What is not needed and cannot be is left out.
      if (property === false && !needed) return undefined;
      const value = this.schema(property, root, [...path, "properties", name]);
      return { needed, text: `${literal(`${JSON.stringify(name)}: `)} ${value}` };
    });
    const given = members.filter((member) => member !== undefined);
    // From the last to the first: what may follow a property, when it is the first that is written and when not.
    let [first, later] = ['"}"', '"}"'];
    for (const { needed, text } of given.reverse()) {
      const [before, after] = [first, later];
      first = this.#rule(needed ? `${text} ${after}` : `${text} ${after} | ${before}`);
      later = this.#rule(needed ? `", " ${text} ${after}` : `", " ${text} ${after} | ${after}`);
    }
    return this.#rule(`"{" ${first}`);
  }

  #map(node: JsonSchema, root: JsonSchema, path: Path): string {
    const { additionalProperties = true, patternProperties, propertyNames } = node;
    if (patternProperties !== undefined) refuse(path, '"patternProperties" cannot be expressed');
    const size = bounds(node, "minProperties", "maxProperties");
    if (additionalProperties === false || size.most === 0) return '"{}"';
    const key =
      propertyNames === undefined ? "string" : this.schema(propertyNames as Node, root, [...path, "propertyNames"]);
    const value = this.schema(additionalProperties, root, [...path, "additionalProperties"]);
    return `"{" ${list(this.#rule(`${key} ": " ${value}`), size)} "}"`;
  }

  #array(node: JsonSchema, root: JsonSchema, path: Path): string {
    const { prefixItems = [], items = true } = node;
    const size = bounds(node, "minItems", "maxItems");
    const first = prefixItems
      .slice(0, size.most)
      .map((item, index) => this.schema(item, root, [...path, "prefixItems", String(index)]));
    const left = { least: Math.max(0, size.least - first.length), most: (size.most ?? Infinity) - first.length };
    if (first.length > 0 && (left.least === 0 || items === false)) return `"[" ${first.join(' ", " ')} "]"`;
    if (items === false || size.most === 0) return '"[]"';
    const item = this.#rule(this.schema(items, root, [...path, "items"]));
    const rest = list(item, { least: left.least, most: Number.isFinite(left.most) ? left.most : undefined });
    return `"[" ${first.map((one) => `${one} ", " `).join("")}${rest} "]"`;
  }

  #reference($ref: string, root: JsonSchema, path: Path): string {
    const known = this.#references.get(root) ?? new Map<string, string>();
    this.#references.set(root, known);
    const name = known.get($ref);
    if (name !== undefined) return name;
    const made = `r${this.#rules.size}`;
    known.set($ref, made);
    // Holds the name while what it refers to is converted.
    this.#rules.set(made, "");
    const body = this.schema(target(root, $ref, path), root, [$ref]);
    if (body === made) refuse(path, "it refers to itself only");
    this.#rules.set(made, body);
    return made;
  }

  #rule(body: string): string {
    if (/^[a-z0-9]+$/.test(body)) return body;
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = `r${this.#rules.size}`;
    this.#rules.set(name, body);
    this.#names.set(body, name);
    return name;
  }
}

function target(root: JsonSchema, $ref: string, path: Path): JsonSchema {
  const found = resolveReference(root, $ref);
  if (found === true) return {};
  if (typeof found !== "object" || found === null) return refuse(path, `the reference ${$ref} leads nowhere`);
  return found;
}

function merged(rest: JsonSchema, branches: readonly Node[], root: JsonSchema, path: Path): JsonSchema {
  return branches.reduce<JsonSchema>((whole, branch) => {
    if (branch === true) return whole;
    if (branch === false) return refuse(path, "it accepts nothing");
    const { $ref, ...own } = branch;
    const resolved = $ref === undefined ? own : mergeSchemas(own, target(root, $ref, path));
    return mergeSchemas(whole, resolved);
  }, rest);
}

const silent = ["title", "description", "default", "examples", "$defs", "definitions", "$schema", "$id", "$comment"];
const remarks = new Set([...silent, "deprecated", "readOnly", "writeOnly", "discriminator"]);

function says(schema: JsonSchema): boolean {
  return Object.keys(schema).some((keyword) => !remarks.has(keyword));
}

const typeKeywords: readonly (readonly [type: string, ...keywords: string[]])[] = [
  ["object", "properties", "required", "additionalProperties", "propertyNames", "minProperties"],
  ["array", "items", "prefixItems", "minItems", "maxItems"],
  ["string", "minLength", "maxLength", "pattern", "format"],
  ["number", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
];

function typesOf(node: JsonSchema): readonly string[] {
  if (node.type !== undefined) return [node.type].flat() as string[];
  const found = typeKeywords.find(([, ...keywords]) => keywords.some((keyword) => node[keyword] !== undefined));
  return found === undefined ? [] : [found[0]];
}

function refuse(path: Path, why: string): never {
  const place = path.length === 0 ? "the root" : `"${path.join("/")}"`;
  throw new UnsupportedError("local", "schema", `local cannot bind an answer to this schema: at ${place}, ${why}.`);
}
