import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepsOf } from "../../test/support/steps.ts";
import { findJson, looksCutOff } from "./find-json.ts";

const found = (text: string, root?: "object" | "array") => findJson(text, root)?.value;

// checklist: 135
describe("findJson", () => {
  it.each([
    ['{"a":1}', { a: 1 }, []],
    [" [1, 2]\n", [1, 2], []],
    ["-1.5e3", -1500, []],
    ['"text"', "text", []],
    ["null", null, []],
    ['\uFEFF{"a":1}', { a: 1 }, ["byte_order_mark"]],
    ['```json\n{"a":1}\n```', { a: 1 }, ["fence"]],
    ["```\n42\n```", 42, ["fence"]],
    ['Sure! Here it\'s:\n```json\n{"a":1}\n```\nAnything else?', { a: 1 }, ["fence", "prose"]],
    ['\uFEFFSo: {"a":1}.', { a: 1 }, ["byte_order_mark", "prose"]],
    ['{"a":[1,2,],}', { a: [1, 2] }, ["trailing_comma"]],
    ['{"a":"one\ntwo"}', { a: "one\ntwo" }, ["raw_newline"]],
    ['The "best" of Bob\'s sets {x} is {"a":"}{\\"]["}!', { a: '}{"][' }, ["prose"]],
    ['{{"a":1}}', { a: 1 }, ["prose"]],
    ['See [the docs](x) and [{"a":[{}]}] {"b":2}', [{ a: [{}] }], ["prose"]],
    ['Format: {"a": <number>, "b": ["x"]}. Answer: {"a": 1}', { a: 1 }, ["prose"]],
    ['one {"a":1} two {"b":2}', { a: 1 }, ["prose"]],
  ])("%j", (text, value, repairs) => {
    const result = findJson(text);
    expect(result).toMatchObject({ value, repairs });
    expect(JSON.parse(result?.text ?? "")).toEqual(value);
    if (!repairs.some((repair) => repair === "trailing_comma" || repair === "raw_newline")) {
      expect(text).toContain(result?.text);
    }
  });

  it.each([
    "",
    "no JSON here",
    "Hello 42",
    "```\nsome code\n```",
    "{",
    '{"a": {"b": 1}',
    '{"a": "cut off {}',
    '[{"a": 1}, {"b"',
    '{"a": None, "b": [1, 2], "c": {"d": 1}}',
    '{"a": "\\x", "b": {"c": 1}}',
    "{'a': 1}",
    "[1,,2]",
    "[,]",
    "{,}",
    "[01]",
    "[nul]",
  ])("finds nothing whole in %j", (text) => {
    expect(findJson(text)).toBeUndefined();
  });

  it("prefers the wanted root and else takes the other", () => {
    expect(found('As said in [1]: {"a":[2]}', "object")).toEqual({ a: [2] });
    expect(found('{"note":1} [2]', "array")).toEqual([2]);
    expect(found('Here: [{"a":1}]', "object")).toEqual([{ a: 1 }]);
    expect(findJson("So [1,2,] or [3] {x}", "object")).toEqual({
      value: [1, 2],
      text: "[1,2]",
      repairs: ["prose", "trailing_comma"],
    });
    expect(findJson("So [1, 2] or [3] {x}", "object")?.text).toBe("[1, 2]");
  });

  it("keeps __proto__ an ordinary key", () => {
    const value = found('x {"__proto__":{"polluted":1}}') as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("finds any object in any prose without brackets", () => {
    const prose = fc.string().map((text) => text.replaceAll(/[{}[\]`]/g, ""));
    fc.assert(
      fc.property(prose, fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (before, value, after) => {
        const json = JSON.stringify(value);
        const result = findJson(`${before}. ${json}${after}`);
        expect(JSON.stringify(result?.value)).toBe(json);
        expect(result?.text).toBe(json);
      }),
    );
  });

  it.each(["{", "[{", '"', "[", '{"a":', '{"', '["', '[{"a":1},', "\\", "`", '{"a":1,x', "[1", "{}x"])(
    "is linear on a megabyte of %s",
    (piece) => {
      const steps = (length: number) => stepsOf(() => findJson(`x${piece.repeat(length / piece.length)}`));
      // Eight times the text: linear work takes 8 times the steps, quadratic 64 times.
      expect(steps(1_000_000)).toBeLessThan(16 * steps(125_000));
    },
  );
});

describe("looksCutOff", () => {
  it.each(['{"a":', "[1, 2", 'Here: {"a": "b', "```json\n[{}", '{"a": None, "b": ['])("true for %j", (text) => {
    expect(looksCutOff(text)).toBe(true);
  });

  it.each(["", "Sorry, no.", '{"a":1}', "[1] and more", "{not json} at all", '{"a": None}', "3"])(
    "false for %j",
    (text) => {
      expect(looksCutOff(text)).toBe(false);
    },
  );
});
