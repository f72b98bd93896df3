import { expect, it } from "vitest";
import type { JsonSchema } from "./json-schema.ts";
import { checkJsonSchema } from "./json-schema-validate.ts";
import { mergeSchemas } from "./schema-merge.ts";

it.each<[JsonSchema, JsonSchema, JsonSchema]>([
  [
    { minLength: 2, maxLength: 9 },
    { minLength: 4, maxLength: 5 },
    { minLength: 4, maxLength: 5 },
  ],
  [
    { minProperties: 1, maxProperties: 3 },
    { minProperties: 2, maxProperties: 9 },
    { minProperties: 2, maxProperties: 3 },
  ],
  [{ multipleOf: 4 }, { multipleOf: 6 }, { multipleOf: 12 }],
  [{ multipleOf: 0.5 }, { multipleOf: 2 }, { multipleOf: 0.5 }],
  [{ enum: [{ a: [1] }, 2] }, { enum: [3, { a: [1] }] }, { enum: [{ a: [1] }] }],
  [{ not: { type: "null" } }, { not: { const: 1 } }, { not: { anyOf: [{ type: "null" }, { const: 1 }] } }],
  [
    { propertyNames: { minLength: 1 } },
    { propertyNames: { maxLength: 2 } },
    { propertyNames: { allOf: [{ minLength: 1 }, { maxLength: 2 }] } },
  ],
])("mergeSchemas says what both say: %j and %j", (left, right, both) => {
  const before = JSON.stringify([left, right]);
  expect(mergeSchemas(left, right)).toEqual(both);
  expect(JSON.stringify([left, right])).toBe(before);
});

it.each([[1], ["a"], [null], [[1]], [{}]])(
  "checkJsonSchema comes to an end where a schema leads back to itself: %j",
  (value) => {
    const schema = {
      anyOf: [{ $ref: "#" }, { const: 2 }],
      allOf: [{ $ref: "#/$defs/a" }],
      $defs: { a: { $ref: "#" } },
    };
    expect(checkJsonSchema(schema, value)).toEqual([]);
    expect(checkJsonSchema({ $ref: "#", type: "boolean" }, value)).toHaveLength(1);
  },
);
