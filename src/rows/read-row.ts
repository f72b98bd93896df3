import type { JournalRun, KnownRow } from "./journal-run.ts";
import type { Plan } from "./plan.ts";
import type { StoredFailure } from "./types.ts";

/** What is known of a row before it is asked. Where its arguments threw, it has none and its error. */
export interface ReadRow {
  readonly key: string;
  readonly args: readonly unknown[];
  readonly tag: string | undefined;
  readonly thrown: { readonly error: unknown } | undefined;
}

/** Reads a row as the run's options say. Throws what the key or the tag throws. */
export function readRow(plan: Plan, given: unknown, ordinal: number): ReadRow {
  let args: readonly unknown[] = [];
  let thrown: ReadRow["thrown"];
  try {
    args = plan.argsOf(given, ordinal);
  } catch (error) {
    thrown = { error };
  }
  return { key: plan.keyOf(given, ordinal, args), args, tag: plan.tagOf(given, ordinal), thrown };
}

/** True for a row of the journal that is to be asked again. */
export function isOpen(known: KnownRow, { failed }: Plan, journal: JournalRun | undefined): boolean {
  if (journal?.isCurrent(known) === false) return true;
  if (known.status === "done" || failed === "keep") return false;
  return failed === "rerun" || failed(JSON.parse(known.error as string) as StoredFailure);
}
