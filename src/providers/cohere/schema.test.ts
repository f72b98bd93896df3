import { expect, test } from "vitest";
import { deepFreeze, thrownBy } from "../../../test/support/replay.ts";
import { UnsupportedError } from "../../errors/errors.ts";
import type { JsonSchema } from "../../schema/json-schema.ts";
import { toHeldSchema } from "./schema.ts";

const object = (properties: JsonSchema["properties"] & object): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

test("what only narrows is left out, at every depth, and the given schema stays as it is", () => {
  const narrow = { type: "string", minLength: 1, format: "email", pattern: "^a$", description: "D" };
  const wide = { type: "string", description: "D" };
  const schema = deepFreeze({
    ...object({
      list: { type: "array", items: narrow, minItems: 1, uniqueItems: true },
      either: { anyOf: [narrow, { type: "integer", minimum: 1, multipleOf: 2 }] },
      there: { $ref: "#/$defs/There" },
      day: { type: "string", format: "date" },
      code: { type: "string", pattern: "[A-Z]{3}" },
    }),
    $defs: { There: object({ deep: narrow }) },
    additionalProperties: false,
  });
  expect(toHeldSchema(schema, "it")).toEqual({
    ...object({
      list: { type: "array", items: wide },
      either: { anyOf: [wide, { type: "integer" }] },
      there: { $ref: "#/$defs/There" },
      day: { type: "string", format: "date" },
      code: { type: "string", pattern: "[A-Z]{3}" },
    }),
    $defs: { There: object({ deep: wide }) },
    additionalProperties: false,
  });
});

test("a list of types becomes one of schemas", () => {
  const schema = object({
    some: { type: ["string", "null"], description: "D", enum: ["a", null], minLength: 1 },
    inner: { type: ["object", "null"], ...{ properties: { a: { type: "string" } }, required: ["a"] } },
  });
  expect(toHeldSchema(schema, "it").properties).toEqual({
    some: { description: "D", anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] },
    inner: { anyOf: [object({ a: { type: "string" } }), { type: "null" }] },
  });
});

test("properties may have the names of keywords, and of what objects inherit", () => {
  const named = object(JSON.parse('{"minimum":{"type":"string"},"__proto__":{"type":"string","minLength":1}}'));
  const { properties = {} } = toHeldSchema(named, "it");
  expect(Object.entries(properties)).toEqual([
    ["minimum", { type: "string" }],
    ["__proto__", { type: "string" }],
  ]);
});

test.each([
  ["#/properties/a/oneOf", object({ a: { oneOf: [{ type: "string" }] } })],
  ["#/properties/a/items", object({ a: { type: "array", items: { type: "object", properties: {} } } })],
  ["#/$defs/A/not", { ...object({ a: { $ref: "#/$defs/A" } }), $defs: { A: { not: {} } } }],
  ["#/properties/a/anyOf/1/allOf", object({ a: { anyOf: [{ type: "null" }, { allOf: [] }] } })],
])("what has no form here is refused at %s", async (path, schema) => {
  const error = await thrownBy(() => toHeldSchema(schema, "the answer"));
  expect(error).toBeInstanceOf(UnsupportedError);
  expect(error).toMatchObject({ provider: "cohere", feature: path });
  expect((error as Error).message).toContain(`the schema of the answer at ${path}: `);
});
