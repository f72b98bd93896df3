import { describe, expect, test } from "vitest";
import { PromptError } from "../errors/errors.ts";
import { quote, toJson, toText } from "./value-text.ts";

describe("toText", () => {
  test.each([
    ["as it is ", "as it is "],
    ["", ""],
    [undefined, ""],
    [null, ""],
    [0, "0"],
    [1e21, "1e+21"],
    [Number.NaN, "NaN"],
    [false, "false"],
    [12n, "12"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new URL("https://example.com/a b"), "https://example.com/a%20b"],
    [["a", 1, null, { b: [] }], '["a",1,null,{"b":[]}]'],
    [{ at: new Date(0), none: undefined }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [new Set(["a", "b"]), '["a","b"]'],
    [{ tags: new Set([1]) }, '{"tags":[1]}'],
    [{}, "{}"],
    [Object.create(null), "{}"],
    [Object("boxed"), "boxed"],
  ])("%o", (value, text) => {
    expect(toText(value, "{x}")).toBe(text);
  });

  const circle: { circle?: object } = {};
  circle.circle = circle;
  const thrown = new Error("no");
  test.each([
    ["a function", () => 1, "a function"],
    ["a symbol", Symbol("s"), "a symbol"],
    ["a nested function", { run: () => 1 }, "a function"],
    ["a nested symbol", [Symbol("s")], "a symbol"],
    ["a nested bigint", { id: 1n }, "a bigint"],
    ["a circle", circle, "circular"],
    ["a promise", Promise.resolve("x"), "await it first"],
    ["a map", new Map([["a", 1]]), "without fields"],
    ["an error", new Error("x"), "without fields"],
    ["bytes", new Uint8Array(3), "bytes"],
    ["a buffer", new ArrayBuffer(3), "bytes"],
    ["an invalid date", new Date(Number.NaN), "invalid date"],
    ["a nested invalid date", { at: new Date(Number.NaN) }, "invalid date"],
    ["a toJSON without a result", { toJSON: () => undefined }, "toJSON"],
  ])("refuses %s", (_, value, reason) => {
    expect(() => toText(value, "{x}")).toThrow(PromptError);
    expect(() => toText(value, "{x}")).toThrow(reason);
    expect(() => toText(value, "{x}")).toThrow(/^\{x\} /);
  });

  test("keeps what a getter or `toJSON` throws as the cause", () => {
    const bad = {
      get field(): never {
        throw thrown;
      },
    };
    expect(() => toText(bad, "{x}")).toThrow(expect.objectContaining({ code: "prompt", cause: thrown }));
  });
});

test.each([
  ["a\n", '"a\\n"'],
  [undefined, "null"],
  [null, "null"],
  [1.5, "1.5"],
  [3n, "3"],
  [{ a: [1] }, '{"a":[1]}'],
])("toJson of %o", (value, json) => {
  expect(toJson(value, "{x}")).toBe(json);
});

test("quote keeps errors short, on one line and well-formed", () => {
  expect(quote("a\nb")).toBe('"a\\nb"');
  expect(quote(`${"x".repeat(59)}😀${"y".repeat(100)}`)).toBe(`"${"x".repeat(59)}\\ud83d…"`);
});
