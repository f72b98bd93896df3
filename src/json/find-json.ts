import { type Leniency, PartialJson } from "./partial-json.ts";

/** What stood in the way of plain `JSON.parse`: text around the JSON, or a slip inside whose meaning is beyond doubt. */
export type Repair = "byte_order_mark" | "fence" | "prose" | Leniency;

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
 * only when it is the whole text or all of a fence. With `root`, the first of that kind, else the first of the other.
 * `undefined` when there is none: a value that is cut off or broken is never patched up, nor is a part of it taken for the
 * whole. Linear in the length of the text.
 */
export function findJson(text: string, root?: "object" | "array"): FoundJson | undefined {
  const trimmed = text.trim();
  const whole = parsed(trimmed);
  if (whole !== undefined) {
    return { value: whole.value, text: trimmed, repairs: text.startsWith("\uFEFF") ? ["byte_order_mark"] : [] };
  }
  const parser = new PartialJson(root === undefined ? {} : { root });
  parser.push(text);
  try {
    parser.end();
  } catch {
    return scalarInFence(text);
  }
  const { start, end } = parser.range;
  const { value, leniencies } = parser;
  return {
    value,
    text: leniencies.size > 0 ? JSON.stringify(value) : text.slice(start, end),
    repairs: [...surroundings(text.slice(0, start), text.slice(end)), ...leniencies],
  };
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

function scalarInFence(text: string): FoundJson | undefined {
  const open = text.indexOf("```");
  const start = text.indexOf("\n", open) + 1;
  const end = text.indexOf("```", start);
  if (open < 0 || start === 0 || end < 0) return undefined;
  const inner = text.slice(start, end).trim();
  const found = parsed(inner);
  return found && { value: found.value, text: inner, repairs: surroundings(text.slice(0, start), text.slice(end)) };
}

function surroundings(before: string, after: string): Repair[] {
  const lines = [...before.split("\n"), ...after.split("\n")].map((line) => line.trim()).filter((line) => line !== "");
  const isFence = (line: string) => line.startsWith("```");
  return [
    ...(before.startsWith("\uFEFF") ? (["byte_order_mark"] as const) : []),
    ...(lines.some(isFence) ? (["fence"] as const) : []),
    ...(lines.every(isFence) ? [] : (["prose"] as const)),
  ];
}
