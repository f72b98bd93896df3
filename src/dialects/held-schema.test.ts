import { expect, test } from "vitest";
import { deepFreeze } from "../../test/support/replay.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { toHeldSchema } from "./held-schema.ts";

function closed(properties: { readonly [name: string]: JsonSchema }): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

test("bounds are told in the description, at every depth, and nothing given is changed", () => {
  const name = { type: "string", pattern: "^[a-z]+$", format: "email", description: "A name." };
  const schema = deepFreeze({
    ...closed({
      tags: { type: "array", items: { $ref: "#/$defs/name" }, minItems: 1, maxItems: 3 },
      ranks: { type: "array", items: { type: "number", exclusiveMinimum: 0 }, minItems: 2 },
      id: { anyOf: [{ type: "integer", minimum: -9007199254740991, multipleOf: 5 }, { type: "null" }] },
      minimum: { type: "string", enum: ["a"] },
    }),
    $defs: { name },
  });
  expect(toHeldSchema(schema)).toEqual({
    ...closed({
      tags: { type: "array", items: { $ref: "#/$defs/name" }, minItems: 1, description: "(maxItems: 3)" },
      ranks: {
        type: "array",
        items: { type: "number", description: "(exclusiveMinimum: 0)" },
        description: "(minItems: 2)",
      },
      id: { anyOf: [{ type: "integer", description: "(multipleOf: 5)" }, { type: "null" }] },
      minimum: { type: "string", enum: ["a"] },
    }),
    $defs: { name: { type: "string", format: "email", description: 'A name. (pattern: "^[a-z]+$")' } },
  });
});

test("a schema that refers to itself cannot be held to; one that is only used twice can", () => {
  const twice = { ...closed({ a: { $ref: "#/$defs/x" }, b: { $ref: "#/$defs/x" } }), $defs: { x: { type: "string" } } };
  expect(toHeldSchema(twice)).toEqual(twice);
  const tree = closed({ children: { type: "array", items: { $ref: "#" } } });
  expect(toHeldSchema(tree)).toBeUndefined();
  const round = {
    ...closed({ a: { $ref: "#/$defs/a" } }),
    $defs: {
      a: closed({ b: { anyOf: [{ $ref: "#/$defs/b" }, { type: "null" }] } }),
      b: closed({ a: { $ref: "#/$defs/a" } }),
    },
  };
  expect(toHeldSchema(round)).toBeUndefined();
});
