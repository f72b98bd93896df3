import { expect, test } from "vitest";
import { deepFreeze } from "../../test/support/replay.ts";
import { toGeminiSchema } from "./gemini-schema.ts";

test("a schema that Google reads stays the very same object", () => {
  const schema = deepFreeze({
    type: "object",
    properties: {
      a: { type: ["string", "null"] },
      b: { $ref: "#/$defs/B" },
      c: { type: "array", items: { enum: [1] } },
    },
    required: ["a"],
    $defs: { B: { anyOf: [{ type: "number" }, { type: "null" }] } },
    additionalProperties: false,
  } as const);
  expect(toGeminiSchema(schema as never)).toBe(schema);
});

test("constants become enums and references stand alone, at every depth; the given schema is not touched", () => {
  const schema = deepFreeze({
    type: "object",
    properties: {
      kind: { const: "book" },
      size: { const: 3, type: "integer", description: "Size" },
      flag: { const: true },
      const: { type: "string" },
      list: { type: "array", items: { oneOf: [{ const: "a" }, { $ref: "#/$defs/B", description: "A B" }] } },
      map: { type: "object", additionalProperties: { const: "x" } },
    },
    $defs: { B: { prefixItems: [{ const: "b" }] } },
  });
  expect(toGeminiSchema(schema as never)).toEqual({
    type: "object",
    properties: {
      kind: { type: "string", enum: ["book"] },
      size: { type: "integer", description: "Size", enum: [3] },
      flag: { const: true },
      const: { type: "string" },
      list: {
        type: "array",
        items: {
          oneOf: [
            { type: "string", enum: ["a"] },
            { description: "A B", anyOf: [{ $ref: "#/$defs/B" }] },
          ],
        },
      },
      map: { type: "object", additionalProperties: { type: "string", enum: ["x"] } },
    },
    $defs: { B: { prefixItems: [{ type: "string", enum: ["b"] }] } },
  });
});
