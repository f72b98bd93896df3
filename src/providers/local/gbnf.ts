import { type JsonSchema, jsonType } from "../../schema/json-schema.ts";

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

const formats: Readonly<Record<string, string>> = {
  date: String.raw`"\"" date "\""`,
  "date-time": String.raw`"\"" date "T" time "\""`,
  uuid: String.raw`"\"" uuid "\""`,
};

// A pattern and the other formats are left to the validation of the answer: the schema in the prompt names them.
/** A string as its schema wants it. */
export function stringRule(node: JsonSchema): string {
  const { format } = node;
  if (typeof format === "string" && Object.hasOwn(formats, format)) return `(${formats[format]})`;
  const { least, most } = bounds(node, "minLength", "maxLength");
  if (least === 0 && most === undefined) return "string";
  return `"\\"" ${character}{${least},${most ?? ""}} "\\""`;
}

// A whole number within a narrow range is said number by number; of other bounds only the sign.
const widestRange = 200;

/** A number as its schema wants it. */
export function numberRule(type: string, node: JsonSchema): string {
  const { least, most } = rangeOf(node);
  if (type === "integer" && most - least < widestRange) {
    const values = Array.from({ length: Math.max(0, Math.floor(most) - Math.ceil(least) + 1) }, (_, index) =>
      literal(String(Math.ceil(least) + index)),
    );
    if (values.length > 0) return `(${values.join(" | ")})`;
  }
  if (least < 0) return type;
  if (type === "integer") return least > 0 ? "positive" : "natural";
  return '(natural ("." [0-9]{1,14})?)';
}

function rangeOf(node: JsonSchema): { least: number; most: number } {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node;
  const number = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);
  return {
    least: Math.max(number(minimum, -Infinity), Math.floor(number(exclusiveMinimum, -Infinity)) + 1),
    most: Math.min(number(maximum, Infinity), Math.ceil(number(exclusiveMaximum, Infinity)) - 1),
  };
}

/** How many, from `least` to `most`. */
export interface Bounds {
  readonly least: number;
  readonly most: number | undefined;
}

/** The least and most of a count; a bound too wide to be said is none. */
export function bounds(node: JsonSchema, least: string, most: string): Bounds {
  const given = (value: unknown) => (typeof value === "number" && value <= mostRepetitions ? value : undefined);
  return { least: given(node[least]) ?? 0, most: given(node[most]) };
}

/** Items with commas between them. */
export function list(item: string, { least, most }: Bounds): string {
  const more = `{${Math.max(0, least - 1)},${most === undefined ? "" : most - 1}}`;
  const items = `${item} (", " ${item})${more}`;
  return least === 0 ? `(${items})?` : items;
}

/** JSON text as models write it: a space after commas and colons. */
export function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (jsonType(value) !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value as object).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`);
  return `{${members.join(", ")}}`;
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
