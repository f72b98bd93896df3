import type { Used } from "./ask.ts";

/** What a row came to that was asked in another place, where it is kept, too. */
export interface ElsewhereRow extends Used {
  readonly end: { readonly value: unknown } | { readonly error: unknown };
  /** True where an earlier run has asked for it. */
  readonly resumed: boolean;
  /** What the metadata of the answer says. */
  readonly tag: string | undefined;
}

/** Asks for a row in another place. Rejects with what ends the whole run. */
export type AskElsewhere = (row: { readonly key: string; readonly args: readonly unknown[] }) => Promise<ElsewhereRow>;
