import { describe } from "../errors/describe.ts";
import { PromptError } from "../errors/errors.ts";

type FormatType = "d" | "f" | "e" | "g" | "%" | "s" | "x" | "X" | "o" | "b" | "c" | "n";

/** A parsed format specification such as `>8,.2f`. */
export interface FormatSpec {
  readonly fill: string | undefined;
  readonly align: "<" | "^" | ">" | "=" | undefined;
  readonly sign: "+" | "-" | " " | undefined;
  /** `#`: `0x`, `0o` or `0b` before the digits. */
  readonly prefix: boolean;
  /** `0`: zeros between the sign and the digits, unless another fill or alignment is given. */
  readonly zeros: boolean;
  /** In characters (code points). */
  readonly width: number;
  /** `,`: commas between the thousands. */
  readonly grouped: boolean;
  readonly precision: number | undefined;
  readonly type: FormatType | undefined;
}

/** The widest field a format may ask for, in characters. */
export const maxWidth = 1000;

/** The most digits after the point, or characters of a string, a format may ask for. */
export const maxPrecision = 100;

const shape = /^(?:(.)?([<^>=]))?([-+ ])?(#)?(0)?(\d+)?(,)?(?:\.(\d+))?([dfeg%sxXobcn])?$/su;
// Longer than any specification within the bounds, so the expression only ever sees a few characters.
const longest = 20;

/**
 * Parses `[[fill]align][sign][#][0][width][,][.precision][type]`: Python's format specification without `_`, `z` and the
 * types `E F G`; `#` goes with `x X o b` only, and strings take no `0`. `undefined` for what is no such specification;
 * `PromptError`, starting with `label`, for one that contradicts itself or is out of bounds.
 * @see https://docs.python.org/3/library/string.html#format-specification-mini-language
 */
export function parseFormatSpec(text: string, label: string): FormatSpec | undefined {
  const match = text.length > longest ? null : shape.exec(text);
  if (match === null) return undefined;
  const [, fill, align, sign, prefix, zeros, width, grouped, precision, type] = match;
  const spec: FormatSpec = {
    fill: fill ?? zeros,
    align: (align ?? (zeros && "=")) as FormatSpec["align"],
    sign: sign as FormatSpec["sign"],
    prefix: prefix !== undefined,
    zeros: zeros !== undefined,
    width: Number(width ?? 0),
    grouped: grouped !== undefined,
    precision: precision === undefined ? undefined : Number(precision),
    type: type as FormatType | undefined,
  };
  const problem = contradiction(spec);
  if (problem !== undefined) throw new PromptError(`${label}: ${problem}.`);
  return spec;
}

function contradiction(spec: FormatSpec): string | undefined {
  const { type } = spec;
  const radix = type !== undefined && "xXob".includes(type);
  if (spec.width > maxWidth) return `a format may be at most ${maxWidth} wide`;
  if ((spec.precision ?? 0) > maxPrecision) return `the precision of a format may be at most ${maxPrecision}`;
  if (spec.prefix && !radix) return "`#` goes with the types x, X, o and b only";
  if (spec.grouped && (radix || type === "c" || type === "n")) return `\`,\` does not go with the type ${type}`;
  if (spec.precision !== undefined && (radix || type === "d" || type === "c")) {
    return `a precision does not go with the type ${type}`;
  }
  if (type === "c" && spec.sign !== undefined) return "a sign does not go with the type c";
  if (type === "s" && needsNumber(spec)) return "the type s takes no sign, `=`, `0` or `,`";
  return undefined;
}

/** True for a format that only numbers can have. */
function needsNumber({ type, sign, align, zeros, grouped }: FormatSpec): boolean {
  return (type !== undefined && type !== "s") || sign !== undefined || align === "=" || zeros || grouped;
}

/**
 * Formats a string or number. As in Python, numbers align right and strings left, `f e g %` have precision 6 unless told
 * otherwise, and a string's precision is its greatest length. It deviates from Python where JavaScript's exact
 * algorithms do: an exact tie rounds away from zero (`2.5` with `.0f` is 3, in Python 2), a whole number is an integer
 * whatever its origin, numbers without a type are written by `String`, not-a-number and infinity are `NaN` and
 * `Infinity`, and `n` knows no locale. `null` and `undefined` are empty strings. Throws `PromptError`, starting with
 * `label`, for a value the format cannot take.
 */
export function formatValue(spec: FormatSpec, value: unknown, label: string): string {
  if (!needsNumber(spec)) {
    if (value === null || value === undefined) return pad(spec, "", "", "<");
    if (typeof value === "string") return pad(spec, "", cut(value, spec.precision), "<");
    if (spec.type === "s" && isNumeric(value)) return pad(spec, "", cut(String(value), spec.precision), "<");
  }
  const wanted = unmet(spec, value);
  if (wanted !== undefined) {
    const number = typeof value === "number" ? "another number" : describe(value);
    throw new PromptError(`${label} needs ${wanted}; it is ${number}.`);
  }
  return formatNumber(spec, value as number | bigint);
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

// What the format needs that the value is not.
function unmet(spec: FormatSpec, value: unknown): string | undefined {
  const { type } = spec;
  if (type === "c") return isCharacter(value) ? undefined : "the number of a Unicode character";
  if (type !== undefined && "dxXob".includes(type)) {
    return typeof value === "bigint" || Number.isInteger(value) ? undefined : "a whole number";
  }
  if (typeof value === "number") return undefined;
  if (typeof value === "bigint" && type === undefined && spec.precision === undefined) return undefined;
  return needsNumber(spec) ? "a number" : "a string or a number";
}

// Half of a surrogate pair is no character.
function isCharacter(value: unknown): boolean {
  return (
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0x10ffff && value >> 11 !== 0x1b
  );
}

function formatNumber(spec: FormatSpec, value: number | bigint): string {
  const sign = value < 0 ? "-" : spec.sign === "+" || spec.sign === " " ? spec.sign : "";
  const start = sign + (spec.prefix ? `0${spec.type}` : "");
  const digits = writeDigits(spec, value < 0 ? -value : value);
  if (!spec.grouped) return pad(spec, start, digits, ">");
  // Filling zeros are digits as well, and grouped with the others.
  const zeros = spec.fill === "0" && spec.align === "=";
  return pad(spec, start, group(digits, zeros ? spec.width - start.length : 0), ">");
}

function writeDigits(spec: FormatSpec, size: number | bigint): string {
  const { type, precision } = spec;
  if (typeof size === "bigint" || (type !== undefined && "dxXob".includes(type))) {
    // By way of a bigint, because `String` writes large numbers with an exponent.
    const digits = BigInt(size).toString(radixOf(type));
    return type === "X" ? digits.toUpperCase() : digits;
  }
  if (type === "c") return String.fromCodePoint(size);
  if (type === "f") return toFixed(size, precision ?? 6);
  if (type === "%") return `${toFixed(size * 100, precision ?? 6)}%`;
  if (type === "e") return toExponential(size, precision ?? 6);
  if (type === "n" && precision === undefined && Number.isInteger(size)) return BigInt(size).toString();
  if (type === undefined && precision === undefined) return String(size);
  return toGeneral(size, precision ?? 6);
}

function radixOf(type: FormatType | undefined): number {
  if (type === "b") return 2;
  if (type === "o") return 8;
  return type === "x" || type === "X" ? 16 : 10;
}

// From 1e21 on `toFixed` writes an exponent; numbers that large are whole, so their digits are those of the bigint.
function toFixed(size: number, precision: number): string {
  if (size < 1e21 || !Number.isFinite(size)) return size.toFixed(precision);
  return BigInt(size).toString() + (precision > 0 ? `.${"0".repeat(precision)}` : "");
}

// As `toExponential`, with at least two digits of exponent.
function toExponential(size: number, precision: number): string {
  const text = size.toExponential(precision);
  return text.at(-2) === "+" || text.at(-2) === "-" ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
}

// The shorter of fixed and exponential notation by Python's rule, without trailing zeros; `precision` counts all digits.
function toGeneral(size: number, precision: number): string {
  if (!Number.isFinite(size)) return String(size);
  const digits = Math.max(precision, 1);
  const [mantissa = "", exponent = ""] = toExponential(size, digits - 1).split("e");
  const power = Number(exponent);
  if (power < -4 || power >= digits) return `${withoutZeros(mantissa)}e${exponent}`;
  const figures = mantissa.replace(".", "");
  if (power < 0) return withoutZeros(`0.${"0".repeat(-power - 1)}${figures}`);
  return withoutZeros(`${figures.slice(0, power + 1)}.${figures.slice(power + 1)}`);
}

function withoutZeros(decimal: string): string {
  if (!decimal.includes(".")) return decimal;
  let end = decimal.length;
  while (decimal[end - 1] === "0") end -= 1;
  return decimal.slice(0, decimal[end - 1] === "." ? end - 1 : end);
}

// Commas between the thousands of the whole part, after zeros up to `room` characters in all.
function group(digits: string, room: number): string {
  const whole = /^\d*/.exec(digits)?.[0] ?? "";
  const rest = digits.slice(whole.length);
  if (whole === "") return digits;
  let count = whole.length;
  while (count + Math.floor((count - 1) / 3) + rest.length < room) count += 1;
  const padded = whole.padStart(count, "0");
  const head = padded.length % 3 || 3;
  let grouped = padded.slice(0, head);
  for (let at = head; at < padded.length; at += 3) grouped += `,${padded.slice(at, at + 3)}`;
  return grouped + rest;
}

// Cuts by characters, so that no surrogate pair is torn apart.
function cut(text: string, length: number | undefined): string {
  if (length === undefined || text.length <= length) return text;
  let end = 0;
  for (let count = 0; count < length && end < text.length; count += 1)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

function pad(spec: FormatSpec, start: string, text: string, usual: "<" | ">"): string {
  // Two units are at most one pair: a text twice as long as the field needs no counting.
  const length = text.length >= spec.width * 2 ? spec.width : [...text].length + start.length;
  const missing = spec.width - length;
  if (missing <= 0) return start + text;
  const fill = spec.fill ?? " ";
  const align = spec.align ?? usual;
  if (align === "=") return start + fill.repeat(missing) + text;
  const before = align === "<" ? 0 : align === ">" ? missing : Math.floor(missing / 2);
  return fill.repeat(before) + start + text + fill.repeat(missing - before);
}
