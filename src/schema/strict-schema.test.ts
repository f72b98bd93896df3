import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { UnsupportedError } from "../errors/errors.ts";
import type { JsonSchema } from "./json-schema.ts";
import { checkJsonSchema } from "./json-schema-validate.ts";
import { toJsonSchema } from "./schema.ts";
import { toStrictSchema } from "./strict-schema.ts";

const object = (properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema => ({
  type: "object",
  properties,
  required,
});
const closed = (properties: Record<string, JsonSchema>) => ({ ...object(properties), additionalProperties: false });

// checklist: 112, 113
describe("toStrictSchema", () => {
  it("closes objects, requires all, makes the optional nullable and takes the nulls back", () => {
    const schema = z.object({
      title: z.string(),
      year: z.int32().optional(),
      genre: z.enum(["a", "b"]).optional(),
      note: z.string().nullable().optional(),
      tags: z.array(z.string()).default([]),
      author: z.object({ name: z.string().optional() }).optional(),
    });
    const strict = toStrictSchema(toJsonSchema(schema));
    expect(strict.schema).toEqual(
      closed({
        title: { type: "string" },
        year: { type: ["integer", "null"], minimum: -2147483648, maximum: 2147483647 },
        genre: { type: ["string", "null"], enum: ["a", "b", null] },
        note: { type: ["string", "null"] },
        tags: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }] },
        author: { anyOf: [closed({ name: { type: ["string", "null"] } }), { type: "null" }] },
      }),
    );
    const answer = { title: "Emma", year: null, genre: null, note: null, tags: null, author: { name: null } };
    const before = structuredClone(answer);
    expect(strict.restore(answer)).toEqual({ title: "Emma", note: null, author: {} });
    expect(answer).toEqual(before);
    expect(schema.parse(strict.restore(answer))).toEqual({ title: "Emma", note: null, tags: [], author: {} });
  });

  it("drops what only narrows and keeps what the API takes", () => {
    const schema = object({
      text: { type: "string", minLength: 2, format: "uri", pattern: "^a", default: "x", title: "T" },
      mail: { type: "string", format: "email", pattern: "^(?!x)" },
      list: { type: "array", items: { type: "number", minimum: 1 }, minItems: 1, uniqueItems: true },
      fixed: { const: "x", description: "Always x." },
      many: { type: ["string", "number", "null"], examples: ["1", 2] },
    });
    expect(toStrictSchema(schema).schema.properties).toEqual({
      text: { type: "string", pattern: "^a", title: "T" },
      mail: { type: "string", format: "email" },
      list: { type: "array", items: { type: "number", minimum: 1 }, minItems: 1 },
      fixed: { type: "string", enum: ["x"], description: "Always x." },
      many: { description: 'Examples: "1", 2', anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }] },
    });
  });

  it("turns oneOf into anyOf, merges allOf and shares out what stands beside a union", () => {
    const union = { oneOf: [object({ kind: { const: "a" } }), object({ kind: { const: "b" } })] };
    expect(toStrictSchema(object({ union })).schema.properties?.union).toEqual({
      anyOf: [closed({ kind: { type: "string", enum: ["a"] } }), closed({ kind: { type: "string", enum: ["b"] } })],
    });
    const both = {
      $defs: { A: object({ a: { type: "integer" }, c: { type: "number" } }, ["a"]) },
      allOf: [{ $ref: "#/$defs/A" }, object({ b: { type: "string" }, c: { type: "integer" } })],
    };
    expect(toStrictSchema(both).schema).toEqual(
      closed({ a: { type: "integer" }, c: { type: "integer" }, b: { type: "string" } }),
    );
    const either = object({ a: { type: "string" }, b: { type: "string" } }, []);
    const shared = toStrictSchema({ ...either, anyOf: [{ required: ["a"] }, { required: ["b"] }] });
    expect(shared.restore({ a: "x", b: null })).toEqual({ a: "x" });
  });

  it("keeps references, wraps those with notes, and drops definitions nobody needs", () => {
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree).describe("Below").optional();
      },
    });
    const tree = toStrictSchema(toJsonSchema(Tree));
    expect(tree.restore({ name: "a", children: [{ name: "b", children: null }] })).toEqual({
      name: "a",
      children: [{ name: "b" }],
    });
    const schema = {
      ...object({ a: { $ref: "#/$defs/N", description: "First." }, b: { $ref: "#/definitions/Old" } }, ["a"]),
      $defs: { N: object({ next: { $ref: "#/$defs/N" } }, []), unused: {} },
      definitions: { Old: { type: "string" } },
    };
    const strict = toStrictSchema(schema);
    expect(strict.schema).toEqual({
      ...closed({
        a: { description: "First.", anyOf: [{ $ref: "#/$defs/N" }] },
        b: { anyOf: [{ $ref: "#/$defs/Old" }, { type: "null" }] },
      }),
      $defs: { N: closed({ next: { anyOf: [{ $ref: "#/$defs/N" }, { type: "null" }] } }), Old: { type: "string" } },
    });
    expect(strict.restore({ a: { next: { next: null } }, b: null })).toEqual({ a: { next: {} } });
    expect(toStrictSchema({ $ref: "#/$defs/R", $defs: { R: object({}) } }).schema).toEqual(closed({}));
  });

  it("takes a tuple of equal positions as a list of that length", () => {
    const point = toJsonSchema(z.object({ at: z.tuple([z.number(), z.number()]) }));
    expect(toStrictSchema(point).schema.properties?.at).toEqual({
      type: "array",
      items: { type: "number" },
      minItems: 2,
      maxItems: 2,
    });
  });

  it.each<[string, JsonSchema, string]>([
    ["a record", z.record(z.string(), z.number()) as never, "properties/x"],
    ["a loose object", { ...object({ a: { type: "string" } }), additionalProperties: true }, "properties/x"],
    ["an object of anything", { type: "object" }, "properties/x"],
    ["pattern properties", { ...object({}), patternProperties: { "^a": {} } }, "properties/x"],
    ["anything", {}, "properties/x"],
    ["a list of anything", { type: "array" }, "properties/x"],
    ["a mixed tuple", { prefixItems: [{ type: "string" }, { type: "number" }], items: false }, "properties/x"],
    ["a condition", { ...object({}), if: {}, else: {} }, "properties/x"],
    ["a foreign reference", { $ref: "https://example.com/a.json" }, "properties/x"],
    ["a contradiction", { allOf: [{ type: "string" }, { type: "number" }] }, "properties/x/allOf"],
    ["a loop", { allOf: [{ $ref: "#/properties/x" }, { type: "object" }] }, "properties/x/allOf"],
  ])("refuses %s and names the path", (_, given, path) => {
    const schema = "~standard" in given ? toJsonSchema(given as never) : given;
    const run = () => toStrictSchema(object({ x: schema }), { provider: "openai" });
    expect(run).toThrow(UnsupportedError);
    expect(run).toThrow(path);
  });

  it("restores half-streamed values and leaves foreign ones alone", () => {
    const pet = {
      anyOf: [
        object({ kind: { const: "cat" }, lives: { type: "integer" } }, ["kind"]),
        object({ kind: { const: "dog" }, lives: { type: ["integer", "null"] } }),
      ],
    };
    const { restore } = toStrictSchema(object({ pets: { type: "array", items: pet } }));
    const cat = { kind: "cat", lives: null };
    const dog = { kind: "dog", lives: null };
    expect(restore({ pets: [cat, dog] })).toEqual({ pets: [{ kind: "cat" }, dog] });
    expect(restore({ pets: [cat, {}] })).toEqual({ pets: [{ kind: "cat" }, {}] });
    for (const foreign of [undefined, null, 3, "x", [1], { pets: 3 }, { other: null }])
      expect(restore(foreign)).toBe(foreign);
  });

  it("survives values deeper than any stack, and keys called __proto__", () => {
    const { restore } = toStrictSchema({ ...object({ next: { $ref: "#" } }, []) });
    const deep: unknown = JSON.parse(`${'{"next":'.repeat(50_000)}null${"}".repeat(50_000)}`);
    expect(restore(deep)).toHaveProperty("next.next.next");
    const odd = toStrictSchema(
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"},"a":{"type":"null"}}}'),
    );
    const restored = odd.restore(JSON.parse('{"__proto__":null,"a":null}'));
    expect(restored).toEqual({ a: null });
    expect(Object.getPrototypeOf(restored)).toBe(Object.prototype);
  });

  it("gives back every value of every schema, in the API's words only", () => {
    fc.assert(
      fc.property(caseOf(3), ({ schema, plain, strict }) => {
        const root = object({ value: schema });
        const converted = toStrictSchema(root);
        expectApiWords(converted.schema);
        expect(checkJsonSchema(converted.schema, { value: strict })).toEqual([]);
        expect(converted.restore({ value: strict })).toEqual({ value: plain });
      }),
      { numRuns: 400 },
    );
  });
});

/** A schema with one of its values: as the validator wants it, and as strict mode makes the model write it. */
interface Case {
  schema: JsonSchema;
  plain: unknown;
  strict: unknown;
}

function caseOf(depth: number): fc.Arbitrary<Case> {
  const scalar = fc.oneof(
    fc.string().map((value) => same({ type: "string", maxLength: 99 }, value)),
    fc.integer().map((value) => same({ type: "integer" }, value)),
    fc.boolean().map((value) => same({ type: ["boolean", "null"] }, value || null)),
    fc.constantFrom("a", "b").map((value) => same({ enum: ["a", "b"] }, value)),
  );
  if (depth === 0) return scalar;
  const inner = caseOf(depth - 1);
  const key = fc.constantFrom("a", "b", "c", "constructor", "type");
  const list = fc.tuple(inner, fc.nat(2)).map(([{ schema, plain, strict }, count]) => ({
    schema: { type: "array", items: schema },
    plain: Array(count).fill(plain),
    strict: Array(count).fill(strict),
  }));
  const record = fc
    .dictionary(key, fc.record({ inner, optional: fc.boolean(), present: fc.boolean() }))
    .map(objectCase);
  const unions = fc.tuple(record, record, fc.boolean()).map(([one, two, first]): Case => {
    const tagged = (of: Case, tag: string): JsonSchema => ({
      ...of.schema,
      properties: { ...(of.schema.properties as object), tag: { const: tag } },
      required: [...(of.schema.required ?? []), "tag"],
    });
    const tag = first ? "one" : "two";
    const chosen = first ? one : two;
    return {
      schema: { oneOf: [tagged(one, "one"), tagged(two, "two")] },
      plain: { ...(chosen.plain as object), tag },
      strict: { ...(chosen.strict as object), tag },
    };
  });
  return fc.oneof(scalar, list, record, unions);
}

function same(schema: JsonSchema, value: unknown): Case {
  return { schema, plain: value, strict: value };
}

function objectCase(members: Record<string, { inner: Case; optional: boolean; present: boolean }>): Case {
  const properties: Record<string, JsonSchema> = {};
  const plain: Record<string, unknown> = {};
  const strict: Record<string, unknown> = {};
  const required: string[] = [];
  for (const [name, { inner, optional, present }] of Object.entries(members)) {
    const nullable = checkJsonSchema(inner.schema, null).length === 0;
    properties[name] = inner.schema;
    if (!optional) required.push(name);
    const given = present || !optional || nullable;
    strict[name] = given ? inner.strict : null;
    if (given) plain[name] = inner.plain;
  }
  return { schema: { type: "object", properties, required }, plain, strict };
}

const words = ["type", "enum", "anyOf", "properties", "required", "additionalProperties", "items", "$ref", "$defs"];

function expectApiWords(schema: JsonSchema): void {
  expect(words).toEqual(expect.arrayContaining(Object.keys(schema)));
  expect(schema.type ?? schema.anyOf ?? schema.$ref).toBeDefined();
  if (schema.type === "object") {
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(Object.keys(schema.properties ?? {}));
  }
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.items ? [schema.items] : []),
  ];
  for (const child of children) expectApiWords(child as JsonSchema);
}
