import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { SourceError } from "./row-error.ts";

/** Stands in a source for a row that could not be read: it fails, and the run goes on. */
export class Unreadable {
  readonly error: SourceError;

  constructor(error: SourceError) {
    this.error = error;
  }
}

export function isUnreadable(row: unknown): row is Unreadable {
  return row instanceof Unreadable;
}

/** The rows one by one; what is there at once costs no promise. */
export interface RowIterator {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
  /** Tells the source that nothing more is wanted. */
  return(): unknown;
}

/** Throws `ConfigError` for what cannot be iterated. */
export function iteratorOf(rows: unknown): RowIterator {
  const source = rows as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  if (typeof source === "object" && source !== null) {
    const iterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]?.();
    if (iterator !== undefined) return { next: () => iterator.next(), return: () => iterator.return?.() };
  }
  throw new ConfigError(
    `Rows come from an array or anything that can be iterated; they were given as ${describe(rows)}.`,
  );
}

/** How many there are, where the source tells. */
export function countOf(rows: unknown): number | undefined {
  if (Array.isArray(rows)) return rows.length;
  return rows instanceof Set || rows instanceof Map ? rows.size : undefined;
}
