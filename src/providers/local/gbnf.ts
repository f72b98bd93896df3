import { type JsonSchema, jsonType } from "../../schema/json-schema.ts";
import { checkJsonSchema } from "../../schema/json-schema-validate.ts";
import { type Bounds, choice, type Expression, text } from "./expression.ts";

// GBNF, https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md: the pieces JSON is made of.

// Repetitions are unrolled by llama.cpp: beyond this a bound is left to the validation of the answer.
const mostRepetitions = 256;

const character = "char";
/** The rules every grammar of JSON has, by name. */
export const jsonRules: Readonly<Record<string, string>> = {
  // No \u escapes: every character can stand for itself, and half of a surrogate pair cannot be written.
  char: String.raw`[^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]`,
  string: `"\\"" ${character}* "\\""`,
  // Digits are counted, as a small model may never end a number.
  integer: '"-"? natural',
  natural: '"0" | positive',
  positive: "[1-9] [0-9]{0,14}",
  number: 'integer ("." [0-9]{1,14})?',
  boolean: '"true" | "false"',
  null: '"null"',
  any: "object | array | string | number | boolean | null",
  object: `"{" (string ": " any (", " string ": " any)*)? "}"`,
  array: '"[" (any (", " any)*)? "]"',
  date: '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])',
  time: '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z"',
  uuid: '[0-9a-f]{8} ("-" [0-9a-f]{4}){3} "-" [0-9a-f]{12}',
};

// How many characters each has, and how it is written.
const formats: Readonly<Record<string, readonly [size: number, gbnf: string]>> = {
  date: [10, String.raw`"\"" date "\""`],
  "date-time": [20, String.raw`"\"" date "T" time "\""`],
  uuid: [36, String.raw`"\"" uuid "\""`],
};

// A pattern and the other formats are left to the validation of the answer: the schema in the prompt names them.
/** A string as its schema wants it; `undefined` where none fits. */
export function stringRule(node: JsonSchema): Expression | undefined {
  const length = bounds(node, "minLength", "maxLength");
  if (length === undefined) return undefined;
  const { least, most = Infinity } = length;
  const { format } = node;
  if (typeof format === "string" && Object.hasOwn(formats, format)) {
    const [size, rule] = formats[format] as readonly [number, string];
    // An odd length is the schema's own affair: then it is any text of that length.
    if (size >= least && size <= most) return text(`(${rule})`);
  }
  const loose = unrolled(length);
  if (loose.least === 0 && loose.most === undefined) return text("string");
  return text(`"\\"" ${character}{${loose.least},${loose.most ?? ""}} "\\""`);
}

// So many numbers are said one by one; of a wider range only the sign.
const mostNumbers = 200;

/** A number as its schema wants it; `undefined` where none fits. */
export function numberRule(type: "integer" | "number", node: JsonSchema): Expression | undefined {
  const { least, most } = rangeOf(type, node);
  const step = typeof node.multipleOf === "number" && node.multipleOf > 0 ? node.multipleOf : undefined;
  const few = severalOf(type, least, most, step);
  if (few !== undefined) {
    const fitting = few.filter((value) => fitsRange(value, node));
    return fitting.length === 0 ? undefined : choice(fitting.map(oneOf));
  }
  const fraction = type === "integer" ? "" : ' ("." [0-9]{1,14})?';
  if (least > most || least === Infinity || most === -Infinity) return undefined;
  if (most < 0) return text(`("-" ${type === "integer" ? "positive" : "natural"}${fraction})`);
  if (least < 0) return text(type);
  if (type === "integer") return text(least > 0 ? "positive" : "natural");
  return text(`(natural${fraction})`);
}

/** The values that could fit, where they are few. */
function severalOf(type: string, least: number, most: number, step: number | undefined): number[] | undefined {
  const size = type === "integer" && (step === undefined || !Number.isInteger(step)) ? 1 : step;
  if (size === undefined) return least === most ? [least] : undefined;
  // A hundredth of a step is how far rounding can lead astray.
  const [first, last] = [Math.ceil(least / size - 0.01), Math.floor(most / size + 0.01)];
  if (!(last - first < mostNumbers)) return undefined;
  const values = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * size);
  // Three times 0.1 is 0.3, not 0.30000000000000004.
  return values.map((value) => (Number.isSafeInteger(value) ? value : Number(value.toPrecision(15))));
}

function rangeOf(type: string, node: JsonSchema): { least: number; most: number } {
  const given = (keyword: string, otherwise: number) => numberIn(node, keyword) ?? otherwise;
  const above = given("exclusiveMinimum", -Infinity);
  const below = given("exclusiveMaximum", Infinity);
  const whole = type === "integer";
  return {
    least: Math.max(given("minimum", -Infinity), whole ? Math.floor(above) + 1 : above),
    most: Math.min(given("maximum", Infinity), whole ? Math.ceil(below) - 1 : below),
  };
}

const numberKeywords = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

function fitsRange(value: number, node: JsonSchema): boolean {
  const range = Object.fromEntries(numberKeywords.map((keyword) => [keyword, node[keyword]]));
  return checkJsonSchema(range, value).length === 0;
}

function numberIn(node: JsonSchema, keyword: string): number | undefined {
  const value = node[keyword];
  return typeof value === "number" && !Number.isNaN(value) ? value : undefined;
}

/** The least and most of a count; `undefined` where no count fits. */
export function bounds(node: JsonSchema, least: string, most: string): Bounds | undefined {
  const lower = Math.max(0, Math.ceil(numberIn(node, least) ?? 0));
  const upper = Math.floor(numberIn(node, most) ?? Infinity);
  if (lower > upper || lower === Infinity) return undefined;
  return { least: lower, most: upper === Infinity ? undefined : upper };
}

/** The same without a bound that is too wide to be said. */
export function unrolled({ least, most }: Bounds): Bounds {
  return {
    least: least > mostRepetitions ? 0 : least,
    most: most === undefined || most > mostRepetitions ? undefined : most,
  };
}

/** JSON text as models write it: a space after commas and colons. */
export function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (jsonType(value) !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value as object).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`);
  return `{${members.join(", ")}}`;
}

/** This JSON value and no other. */
export function oneOf(value: unknown): Expression {
  return text(literal(spaced(value)), 1);
}

/** A text as GBNF quotes it. */
export function literal(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
