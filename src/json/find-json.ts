import { PartialJson } from "./partial-json.ts";
import type { Leniency } from "./partial-json-options.ts";
import { afterThoughts, withoutThoughts } from "./thoughts.ts";

/**
 * What had to be done before an answer fitted. Text around the JSON (`byte_order_mark fence prose thoughts`), or a slip
 * inside whose meaning is beyond doubt (`trailing_comma raw_newline`), stood in the way of plain `JSON.parse`; `null` was
 * written for a property that is absent (`null_for_absent`), or JSON text for an object or an array (`json_text`).
 */
export type Repair = "byte_order_mark" | "fence" | "prose" | "thoughts" | "null_for_absent" | "json_text" | Leniency;

/** JSON found in a model's text. */
export interface FoundJson {
  readonly value: unknown;
  /** The JSON itself, for `JSON.parse`: the slice of the text, or when something inside was repaired, written anew. */
  readonly text: string;
  /** Empty when the whole text is JSON as it is. */
  readonly repairs: readonly Repair[];
}

/**
 * The first whole object or array in a model's text, be it in prose or in a code fence; a string, number, boolean or null
 * only when it is the whole text or all of a fence. What stands among thoughts (`<think>…</think>` and its kin) is never
 * taken. With `root`, the first of that kind, else the first of the other.
 * `undefined` when there is none: a value that is cut off or broken is never patched up, nor is a part of it taken for the
 * whole. Linear in the length of the text.
 */
export function findJson(text: string, root?: "object" | "array"): FoundJson | undefined {
  const trimmed = text.trim();
  const whole = parsed(trimmed);
  if (whole !== undefined) {
    const repairs: Repair[] = text.startsWith("\uFEFF") ? ["byte_order_mark"] : [];
    return { value: whole.value, text: trimmed, repairs };
  }
  const parser = new PartialJson(root === undefined ? {} : { root });
  parser.push(text);
  try {
    parser.end();
  } catch {
    return withinBroken(text, root) ?? scalar(text);
  }
  const { start, end } = parser.range;
  const { value, leniencies } = parser;
  return {
    value,
    text: leniencies.size > 0 ? JSON.stringify(value) : text.slice(start, end),
    repairs: [...surroundings(text.slice(0, start), text.slice(end)), ...leniencies],
  };
}

/** Thoughts with an open bracket in them hide the tag that ends them. */
function withinBroken(text: string, root: "object" | "array" | undefined): FoundJson | undefined {
  const after = afterThoughts(text);
  const found = after === 0 ? undefined : findJson(text.slice(after), root);
  if (found === undefined || found.repairs.includes("thoughts")) return found;
  return { ...found, repairs: ["thoughts", ...found.repairs] };
}

/**
 * True when something is said both before and after the first whole object or array. Of a text that was cut off, that may
 * be thoughts whose closing tag never came.
 */
export function standsInProse(text: string, root: "object" | "array"): boolean {
  const parser = new PartialJson({ root });
  parser.push(text);
  const says = (part: string) => !linesOf(withoutThoughts(part).text).every(isFence);
  return parser.complete && says(text.slice(0, parser.range.start)) && says(text.slice(parser.range.end));
}

/** True when the text holds an object or array that was begun and not finished, and no whole one before it. */
export function looksCutOff(text: string): boolean {
  if (parsed(text.trim()) !== undefined) return false;
  const parser = new PartialJson();
  parser.push(text);
  return parser.unfinished;
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function scalar(text: string): FoundJson | undefined {
  const said = withoutThoughts(text);
  const alone = said.thoughts ? parsed(said.text.trim()) : undefined;
  if (alone !== undefined) {
    return { value: alone.value, text: said.text.trim(), repairs: ["thoughts"] };
  }
  const open = said.text.indexOf("```");
  const start = said.text.indexOf("\n", open) + 1;
  const end = said.text.indexOf("```", start);
  if (open < 0 || start === 0 || end < 0) return undefined;
  const inner = said.text.slice(start, end).trim();
  const found = parsed(inner);
  if (found === undefined) return undefined;
  const repairs = surroundings(said.text.slice(0, start), said.text.slice(end));
  return { value: found.value, text: inner, repairs: said.thoughts ? ["thoughts", ...repairs] : repairs };
}

function surroundings(before: string, after: string): Repair[] {
  const [first, last] = [withoutThoughts(before), withoutThoughts(after)];
  const lines = linesOf(`${first.text}\n${last.text}`);
  return [
    ...(before.startsWith("\uFEFF") ? (["byte_order_mark"] as const) : []),
    ...(first.thoughts || last.thoughts ? (["thoughts"] as const) : []),
    ...(lines.some(isFence) ? (["fence"] as const) : []),
    ...(lines.every(isFence) ? [] : (["prose"] as const)),
  ];
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function isFence(line: string): boolean {
  return line.startsWith("```");
}
