import { CallscopeError } from "../errors/errors.ts";
import type { StoredFailure } from "./types.ts";

/** What the journal has kept of the error of an earlier run's row: its class, message, kind and status. */
export class RowError extends CallscopeError {
  override readonly name = "RowError";
  readonly code = "row";
  readonly failure: StoredFailure;

  constructor(failure: StoredFailure) {
    super(`The row "${failure.key}" failed in an earlier run: ${failure.name}: ${failure.message}`);
    this.failure = failure;
  }
}

/** Two rows of one run have the same key: the second one was not asked. */
export class DuplicateKeyError extends CallscopeError {
  override readonly name = "DuplicateKeyError";
  readonly code = "duplicate_key";
  readonly key: string;

  constructor(key: string) {
    super(
      `The key "${key}" was given to a row before it in this run: the second one was not asked. A key names one row.`,
    );
    this.key = key;
  }
}

/** A row that its source could not read: a line that is no JSON, a record that does not fit its schema. */
export class SourceError extends CallscopeError {
  override readonly name = "SourceError";
  readonly code = "source";
  readonly path: string;
  /** From 1. */
  readonly line: number;

  constructor(path: string, line: number, what: string, options?: ErrorOptions) {
    super(`${path}, line ${line}: ${what}`, options);
    this.path = path;
    this.line = line;
  }
}
