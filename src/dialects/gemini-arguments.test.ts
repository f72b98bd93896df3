import type { PartialArg } from "@google/genai";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentBuilder, assembleArguments } from "./gemini-arguments.ts";

const text = (jsonPath: string, stringValue: string, willContinue = false): PartialArg => ({
  jsonPath,
  stringValue,
  ...(willContinue && { willContinue }),
});

/** Any value as the pieces it could be streamed in: leaf by leaf, texts cut in two. */
function piecesOf(value: unknown, path: string): PartialArg[] {
  if (typeof value === "string") {
    const half = Math.floor(value.length / 2);
    return [text(path, value.slice(0, half), true), text(path, value.slice(half))];
  }
  if (typeof value === "number") return [{ jsonPath: path, numberValue: value }];
  if (typeof value === "boolean") return [{ jsonPath: path, boolValue: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => piecesOf(item, `${path}[${index}]`));
  if (value === null) return [{ jsonPath: path, nullValue: "NULL_VALUE" }];
  return Object.entries(value as object).flatMap(([key, item]) => {
    const quoted = key.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
    return piecesOf(item, /^[a-z]+$/i.test(key) ? `${path}.${key}` : `${path}['${quoted}']`);
  });
}

const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("tree"), { minLength: 1, maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie("tree"), { minKeys: 1, maxKeys: 4 }),
  ),
}));

describe("arguments in pieces", () => {
  test("make the object they were cut from, and its JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), tree, { maxKeys: 4 }), (args) => {
        const pieces = piecesOf(args, "$");
        const plain: unknown = JSON.parse(JSON.stringify(args));
        const builder = new ArgumentBuilder();
        const json = pieces.map((piece) => builder.add(piece)).join("") + builder.end();
        expect(JSON.parse(JSON.stringify(builder.value))).toEqual(plain);
        expect(JSON.parse(json)).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  test("that come out of order still make the object; their text falls silent", () => {
    const builder = new ArgumentBuilder();
    const pieces = [text("$.a.x", "1"), text("$.b", "2"), text("$.a.y", "3"), text("$.b", "4"), text("$.c", "5")];
    const texts = pieces.map((piece) => builder.add(piece));
    expect(builder.value).toEqual({ a: { x: "1", y: "3" }, b: "4", c: "5" });
    expect(texts).toEqual(['{"a":{"x":"1"', '},"b":"2"', "", "", ""]);
    expect(builder.end()).toBe("");
  });

  test("without any are an empty object", () => {
    expect(assembleArguments([])).toEqual({});
    expect(new ArgumentBuilder().end()).toBe("{}");
    expect(assembleArguments([{ jsonPath: "$.a" }])).toEqual({});
  });

  test("take no place in a prototype", () => {
    const args = assembleArguments([text("$.__proto__.polluted", "yes"), text("$['constructor'].prototype.x", "yes")]);
    expect(Object.keys(args)).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect((Object as unknown as { x?: string }).x).toBeUndefined();
  });

  test("for no place, or a far one, are refused", () => {
    for (const path of ["", "$", "a", "$.", "$.a..b", "$[", "$[x]", "$['a", "$.a[-1]", "$.a[99999]"]) {
      expect(() => assembleArguments([text(path, "x")]), path).toThrow(SyntaxError);
    }
  });

  // What were not linear here would take hours, and the runner's own limit would end it.
  test("come to an end, however long they are", () => {
    const path = `$${".a".repeat(50_000)}`;
    expect(() => assembleArguments([text(`$['${"\\".repeat(200_000)}`, "x")])).toThrow(SyntaxError);
    assembleArguments([text(path, "x")]);
  });
});
