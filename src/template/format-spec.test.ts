import { describe, expect, test } from "vitest";
import { PromptError } from "../errors/errors.ts";
import { formatValue, maxPrecision, maxWidth, parseFormatSpec } from "./format-spec.ts";

function format(spec: string, value: unknown): string {
  const parsed = parseFormatSpec(spec, "{x}");
  if (parsed === undefined) throw new Error(`"${spec}" is no format specification`);
  return formatValue(parsed, value, "{x}");
}

// What CPython's `format(value, spec)` gives.
const asPython: [spec: string, value: string | number, text: string][] = [
  ["d", 42, "42"],
  ["5d", 42, "   42"],
  ["05d", -42, "-0042"],
  ["+d", 42, "+42"],
  [" d", 42, " 42"],
  [",", 1234567, "1,234,567"],
  [",d", -1234567, "-1,234,567"],
  ["010,", 1234, "00,001,234"],
  ["06,", 1234, "01,234"],
  ["05,", 123, "0,123"],
  ["04,", 1, "0,001"],
  ["*=10,", -1234, "-****1,234"],
  [".2f", 6.2345, "6.23"],
  ["8.2f", 6.2345, "    6.23"],
  ["08.2f", -3.5, "-0003.50"],
  [",.2f", 1234567.891, "1,234,567.89"],
  ["f", 1.5, "1.500000"],
  [".0f", 1e22, "10000000000000000000000"],
  [".2f", 1e22, "10000000000000000000000.00"],
  ["e", 12345.678, "1.234568e+04"],
  [".2e", 1e-10, "1.00e-10"],
  [".0e", 5e120, "5e+120"],
  ["g", 1234567, "1.23457e+06"],
  ["g", 0.0001, "0.0001"],
  ["g", 1.234e-5, "1.234e-05"],
  ["g", 1e16, "1e+16"],
  [".3g", 1234.5, "1.23e+03"],
  [".10g", 0.1, "0.1"],
  ["g", 0.0, "0"],
  [".0g", 42, "4e+01"],
  [".1%", 0.256, "25.6%"],
  ["%", 1, "100.000000%"],
  ["x", 255, "ff"],
  ["X", 255, "FF"],
  ["#x", 255, "0xff"],
  ["#010x", 255, "0x000000ff"],
  ["#X", -255, "-0XFF"],
  ["o", 8, "10"],
  ["#o", 8, "0o10"],
  ["b", 5, "101"],
  ["#b", -5, "-0b101"],
  ["08b", 5, "00000101"],
  ["c", 65, "A"],
  ["5c", 128512, "    😀"],
  ["n", 1234567, "1234567"],
  ["n", 1234.5, "1234.5"],
  [">6", "ab", "    ab"],
  ["<6", "ab", "ab    "],
  ["^7", "ab", "  ab   "],
  ["*^7", "ab", "**ab***"],
  [".2", "abc", "ab"],
  ["6.2", "abc", "ab    "],
  ["s", "abc", "abc"],
  [".>5s", "abc", "..abc"],
  [">6", 42, "    42"],
  ["<6", 42, "42    "],
  ["^6", 42, "  42  "],
  ["=6", -42, "-   42"],
  ["😀>4", "é", "😀😀😀é"],
  ["4", "😀", "😀   "],
  [".1", "😀x", "😀"],
  ["", "x", "x"],
  ["0>5", "7", "00007"],
  ["x<05", 5, "5xxxx"],
];

// checklist: 18, 19
describe("formatValue", () => {
  test.each(asPython)("%s of %s is %j, as in Python", (spec, value, text) => {
    expect(format(spec, value)).toBe(text);
  });

  test("deviates from Python as documented", () => {
    expect(format(".0f", 2.5)).toBe("3");
    expect(format(".2f", 0.125)).toBe("0.13");
    expect(format("d", 3.0)).toBe("3");
    expect(format(">9", Number.POSITIVE_INFINITY)).toBe(" Infinity");
    expect(format(".2f", Number.NaN)).toBe("NaN");
    expect(format(".1s", 3.14)).toBe("3");
  });

  test("whole numbers of any size, bigints among them", () => {
    expect(format(",d", 2n ** 80n)).toBe("1,208,925,819,614,629,174,706,176");
    expect(format("d", 1e21)).toBe("1000000000000000000000");
    expect(format("#x", -(2n ** 64n))).toBe("-0x10000000000000000");
    expect(format(">4", 7n)).toBe("   7");
  });

  test("nothing is an empty string, but no number", () => {
    expect(format(">3", undefined)).toBe("   ");
    expect(format("s", null)).toBe("");
    for (const spec of [".2f", "d", "05", ",", "+", "=5"]) {
      expect(() => format(spec, undefined), spec).toThrow(/^\{x\} needs a .*number; it is undefined\.$/);
    }
  });

  test.each([
    [".2f", "3.14", "a string"],
    [".2f", true, "a boolean"],
    [".2f", 5n, "a bigint"],
    ["05", "42", "a string"],
    [",", "42", "a string"],
    ["d", 1.5, "another number"],
    ["x", Number.NaN, "another number"],
    ["c", -1, "another number"],
    ["c", 0xd800, "another number"],
    ["c", 0x110000, "another number"],
    [">5", ["a"], "an array"],
    [">5", true, "a boolean"],
    [".2", 5n, "a bigint"],
    ["s", new Date(0), "an object"],
  ])("%s refuses %s", (spec, value, kind) => {
    expect(() => format(spec, value)).toThrow(PromptError);
    expect(() => format(spec, value)).toThrow(`; it is ${kind}.`);
  });
});

describe("parseFormatSpec", () => {
  test.each(["text", "2f.", ">", ">>", "f2", "-+d", "..2f", "10.f", " 5 d", "_", "z.2f", "E", "1".repeat(21)])(
    "%j is no format",
    (text) => {
      const parsed = parseFormatSpec(text, "{x}");
      // An alignment alone is a format, if an idle one.
      if (text === ">" || text === ">>") expect(parsed?.align).toBe(">");
      else expect(parsed).toBeUndefined();
    },
  );

  test.each([".2d", ".2x", ".1c", ",x", ",n", ",c", "#f", "#d", "#", "+c", "+s", "05s", ",s", "=5s"])(
    "%s contradicts itself",
    (text) => {
      expect(() => parseFormatSpec(text, "{x}")).toThrow(PromptError);
    },
  );

  test("is bounded, so that a template cannot ask for any amount of memory", () => {
    expect(format(String(maxWidth), "a")).toHaveLength(maxWidth);
    expect(format(`.${maxPrecision}f`, 1)).toHaveLength(maxPrecision + 2);
    expect(() => parseFormatSpec(String(maxWidth + 1), "{x}")).toThrow("at most 1000 wide");
    expect(() => parseFormatSpec(`.${maxPrecision + 1}f`, "{x}")).toThrow("at most 100");
    expect(() => parseFormatSpec("9999999999999999", "{x}")).toThrow(PromptError);
  });
});
