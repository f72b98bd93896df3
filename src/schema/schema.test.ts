import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { scope, type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { ConfigError } from "../errors/errors.ts";
import { isSchema } from "./is-schema.ts";
import { jsonSchema, prepareSchema, type StandardSchemaV1, schemaName, toJsonSchema, validate } from "./schema.ts";
import { wrapSchema } from "./wrap.ts";

const book = {
  type: "object",
  properties: { title: { type: "string" }, year: { type: "number" } },
  required: ["title"],
};

describe("toJsonSchema", () => {
  it("gives the same schema for zod, arktype and valibot", async () => {
    expect(toJsonSchema(z.object({ title: z.string(), year: z.number().optional() }))).toEqual(book);
    expect(toJsonSchema(type({ title: "string", "year?": "number" }))).toEqual(book);
    const valibot = v.object({ title: v.string(), year: v.optional(v.number()) });
    expect(toJsonSchema(toStandardJsonSchema(valibot))).toEqual(book);
    expect(await prepareSchema(valibot)).toEqual(book);
    expect(toJsonSchema(valibot)).toEqual(book);
  });

  it("converts once and freezes the objects it gives", () => {
    const schema = z.object({ a: z.string() });
    const first = toJsonSchema(schema);
    expect(toJsonSchema(schema)).toBe(first);
    expect(Object.isFrozen(first.properties?.a)).toBe(true);
  });

  it("shows the input side of transforms and defaults, and keeps what was written for the model", () => {
    const schema = z.object({
      day: z.string().transform((text) => new Date(text)),
      size: z
        .number()
        .default(3)
        .describe("In cm")
        .meta({ examples: [4] }),
    });
    expect(toJsonSchema(schema)).toEqual({
      type: "object",
      properties: {
        day: { type: "string" },
        size: { type: "number", default: 3, description: "In cm", examples: [4] },
      },
      required: ["day"],
    });
  });

  it("has an object at the root of a recursive schema, and references that lead somewhere", () => {
    const Tree = z
      .object({
        name: z.string(),
        get next() {
          return Tree.optional();
        },
      })
      .meta({ id: "Tree" });
    const recursive = scope({ tree: { name: "string", "next?": "tree" } }).export();
    for (const schema of [toJsonSchema(Tree), toJsonSchema(recursive.tree)]) {
      expect(schema.type).toBe("object");
      const { properties = {} } = schema;
      const { $ref: reference } = properties.next as { $ref: string };
      expect(reference).toMatch(/^#\/\$defs\//);
      expect(schema.$defs?.[reference.slice(8)]).toMatchObject({ type: "object", required: ["name"] });
    }
  });

  it.each([
    ["zod", z.object({ at: z.date() })],
    ["zod", z.object({ size: z.bigint() })],
    ["arktype", type({ at: "Date" })],
    ["arktype", type({ size: "bigint" })],
    ["valibot", toStandardJsonSchema(v.object({ at: v.date() }))],
  ])("refuses what %s cannot express, with the library's error as cause", (vendor, schema) => {
    const error = thrown(() => toJsonSchema(schema));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(`${vendor} cannot express`);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("says what to do when a schema has no Standard JSON Schema", () => {
    const bare = (vendor: string): StandardSchemaV1 => ({
      "~standard": { version: 1, vendor, validate: (value) => ({ value }) },
    });
    expect(() => toJsonSchema(v.object({}))).toThrow(/toStandardJsonSchema/);
    expect(() => toJsonSchema(bare("yup"))).toThrow(/update yup, or .*jsonSchema\(/);
  });
});

describe("isSchema", () => {
  it("knows every library's schemas and nothing else", () => {
    for (const schema of [z.string(), v.string(), type("string"), jsonSchema({})]) expect(isSchema(schema)).toBe(true);
    const others = [undefined, null, "x", {}, () => 1, { "~standard": 1 }, { "~standard": { version: 1 } }];
    for (const value of others) expect(isSchema(value)).toBe(false);
  });
});

describe("validate", () => {
  it("stays sync, transforms, and gives issues with paths", () => {
    const schema = z.object({ a: z.string().transform(Number) });
    expect(validate(schema, { a: "4" })).toEqual({ value: { a: 4 } });
    expect(validate(schema, { a: 4 })).toMatchObject({ issues: [{ path: ["a"] }] });
  });

  it("awaits async validators", async () => {
    const schema = z.string().refine(async (text) => text !== "no");
    expect(await validate(schema, "yes")).toEqual({ value: "yes" });
    expect(await validate(schema, "no")).toMatchObject({ issues: [{}] });
  });

  it("keeps what a validator throws, sync or async", async () => {
    const boom = new Error("boom");
    const sync = v.pipe(
      v.string(),
      v.check(() => {
        throw boom;
      }),
    );
    const async = v.pipeAsync(
      v.string(),
      v.checkAsync(() => Promise.reject(boom)),
    );
    for (const schema of [sync, async]) {
      const issues = [{ message: "The valibot validator threw: boom" }];
      expect(await validate(schema, "x")).toEqual({ issues, cause: boom });
    }
    expect(validate(sync, "x")).toHaveProperty("cause", boom);
  });
});

describe("jsonSchema", () => {
  it("checks structure and reports places", () => {
    const schema = jsonSchema<{ title: string }>({ ...book, additionalProperties: false });
    expect(validate(schema, { title: "Emma" })).toEqual({ value: { title: "Emma" } });
    expect(validate(schema, { year: "x", more: 1 })).toEqual({
      issues: [
        { message: "is required and missing", path: ["title"] },
        { message: "expected number, got string", path: ["year"] },
        { message: "nothing is allowed here", path: ["more"] },
      ],
    });
  });

  it("leaves the verdict to a given validator, and the given object untouched", () => {
    const given = { type: "string", $schema: "x" };
    const schema = jsonSchema(given, { validate: () => ({ issues: [{ message: "never" }] }) });
    expect(validate(schema, "x")).toEqual({ issues: [{ message: "never" }] });
    expect(toJsonSchema(schema)).toEqual({ type: "string" });
    expect(Object.isFrozen(given)).toBe(false);
  });

  it.each([
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, null, 1],
    [{ oneOf: [{ type: "number" }, { minimum: 3 }] }, 2, 5],
    [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, 2, 4],
    [{ not: { type: "null" } }, 1, null],
    [{ enum: ["a", { b: 1, c: 2 }] }, { c: 2, b: 1 }, "b"],
    [{ const: [1] }, [1], [1, 2]],
    [{ prefixItems: [{ type: "string" }], items: false }, ["a"], ["a", 1]],
    [{ type: "array", items: { type: "integer" }, minItems: 1, maxItems: 2 }, [1, 2], []],
    [{ type: "string", minLength: 2, maxLength: 2 }, "😀😀", "😀"],
    [{ type: "number", multipleOf: 0.1, exclusiveMaximum: 1 }, 0.3, 1],
    [{ type: "object", minProperties: 1, additionalProperties: { type: "string" } }, { a: "b" }, { a: 1 }],
    [{ $defs: { "a/b": { type: "null" } }, properties: { x: { $ref: "#/$defs/a~1b" } } }, { x: null }, { x: 1 }],
    [
      { properties: { next: { $ref: "#" }, v: { type: "integer" } } },
      { next: { v: 1 } },
      { next: { next: { v: 1.5 } } },
    ],
    [{ required: ["toString"] }, { toString: 1 }, {}],
  ])("%j takes %j and refuses %j", (schema, good, bad) => {
    expect(validate(jsonSchema(schema), good)).toEqual({ value: good });
    expect(validate(jsonSchema(schema), bad)).toHaveProperty("issues");
  });

  it("does not multiply work over nested unions", () => {
    const node = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
    const schema = {
      anyOf: [
        { ...node, title: "a" },
        { ...node, title: "b" },
      ],
    };
    let value: unknown = 1;
    for (let depth = 0; depth < 200; depth++) value = { next: value };
    expect(validate(jsonSchema(schema), value)).toHaveProperty("issues");
  });
});

// checklist: 128
describe("schemaName", () => {
  it("takes the schema's own name and makes it valid for every API", () => {
    expect(schemaName(z.object({}).meta({ title: "Book Review" }), "answer")).toBe("Book_Review");
    expect(schemaName(z.object({}).meta({ id: "Book" }), "answer")).toBe("Book");
    expect(toJsonSchema(z.object({}).meta({ id: "Book" }))).toEqual({ title: "Book", type: "object", properties: {} });
    expect(schemaName(scope({ a: { "a?": "a" } }).export().a, "answer")).toBe("answer");
    expect(schemaName({ title: "3 Bücher!" }, "answer")).toBe("_3_Bucher");
    expect(schemaName({ title: "x".repeat(90) }, "answer")).toHaveLength(64);
  });

  it("falls back", () => {
    expect(schemaName(z.object({}), "answer")).toBe("answer");
    expect(schemaName({ title: "本" }, "my answer")).toBe("my_answer");
    expect(schemaName({}, "本")).toBe("schema");
  });
});

describe("wrapSchema", () => {
  it("puts a schema under a key and moves its definitions up", () => {
    const schema = { type: "array", items: { $ref: "#/$defs/root" }, $defs: { root: { enum: ["#"] } } };
    expect(wrapSchema(schema, "value")).toEqual({
      type: "object",
      properties: { value: { type: "array", items: { $ref: "#/$defs/root" } } },
      required: ["value"],
      additionalProperties: false,
      $defs: { root: { enum: ["#"] } },
    });
  });

  it("keeps a schema that refers to its own root right", () => {
    const list = { anyOf: [{ type: "null" }, { type: "array", items: { $ref: "#" } }], $defs: { root: {} } };
    const wrapped = jsonSchema(wrapSchema(list, "value"));
    expect(validate(wrapped, { value: [[null, []]] })).toEqual({ value: { value: [[null, []]] } });
    expect(validate(wrapped, { value: [[1]] })).toHaveProperty("issues");
  });

  it("leaves properties alone that are called like keywords", () => {
    const schema = { properties: { enum: { $ref: "#" }, $ref: { type: "string" } }, const: { $ref: "#" } };
    const wrapped = wrapSchema(schema, "value");
    expect(wrapped.$defs?.root).toEqual({
      properties: { enum: { $ref: "#/$defs/root" }, $ref: { type: "string" } },
      const: { $ref: "#" },
    });
  });
});

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("did not throw");
}
