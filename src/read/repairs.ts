import type { Repair } from "../json/find-json.ts";

// Written when a structured answer is read, which is after its response was made.
const repaired = new WeakMap<object, readonly Repair[]>();

/** @internal Notes what was repaired in the text of a response. */
export function noteRepairs(response: object, repairs: readonly Repair[]): void {
  if (repairs.length > 0) repaired.set(response, repairs);
}

/** @internal What was noted. */
export function repairsOf(response: object): readonly Repair[] {
  return repaired.get(response) ?? [];
}
