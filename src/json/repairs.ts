import type { Repair } from "./find-json.ts";

// Written when a structured answer or a tool's arguments are read, which is after their response was made.
const repaired = new WeakMap<object, readonly Repair[]>();

/** @internal Notes what was repaired in an answer (its response is the key) or in a tool call (the SDK's object is). */
export function noteRepairs(of: object, repairs: readonly Repair[]): void {
  if (repairs.length > 0) repaired.set(of, [...new Set([...repairsOf(of), ...repairs])]);
}

/** @internal What was noted, each once; empty where nothing was. */
export function repairsOf(...all: readonly object[]): readonly Repair[] {
  return [...new Set(all.flatMap((of) => repaired.get(of) ?? []))];
}
