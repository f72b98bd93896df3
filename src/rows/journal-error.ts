import { CallscopeError } from "../errors/errors.ts";

/** What is wrong with a journal. */
export type JournalFault =
  /** The disk, or the size it may have, is full. */
  | "full"
  /** The file or its folder cannot be written. */
  | "unwritable"
  /** It is no journal of this library, or one of a later version. */
  | "foreign"
  /** It is damaged. */
  | "corrupt"
  /** Another program holds it locked. */
  | "locked"
  /** Another worker is at work on the same run. */
  | "busy"
  /** This worker lost the run to another one, which took it for dead. */
  | "lost"
  /** The run was made by another call. */
  | "changed"
  /** The file system failed. */
  | "io";

/**
 * The journal cannot be used, or not any more. What it has acknowledged is in it. `unsaved` are the rows whose answers
 * came and could not be kept.
 */
export class JournalError extends CallscopeError {
  override readonly name = "JournalError";
  readonly code = "journal";
  readonly fault: JournalFault;
  readonly path: string;
  /** The parts of the call that are not what they were, of a journal that is `changed`. */
  readonly changes: readonly string[];
  readonly unsaved: readonly object[] = [];

  constructor(fault: JournalFault, path: string, message: string, options?: ErrorOptions & { changes?: string[] }) {
    super(message, options);
    this.fault = fault;
    this.path = path;
    this.changes = options?.changes ?? [];
  }
}

// https://www.sqlite.org/rescode.html: the low byte is the kind.
const faults: ReadonlyMap<number, readonly [JournalFault, string]> = new Map([
  [5, ["locked", "is locked by another program"]],
  [6, ["locked", "is locked by another program"]],
  [8, ["unwritable", "cannot be written"]],
  [10, ["io", "cannot be read or written: the file system failed"]],
  [11, ["corrupt", "is damaged"]],
  [13, ["full", "cannot grow: the disk, or the size it may have, is full"]],
  [14, ["unwritable", "cannot be opened or made"]],
  [23, ["unwritable", "must not be written"]],
  [26, ["foreign", "is no SQLite file"]],
]);

/** An error of SQLite's as one of the journal's; any other as it is. */
export function journalError(path: string, error: unknown): unknown {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  const [fault, what] = (typeof code === "number" && faults.get(code & 0xff)) || [];
  if (fault === undefined) return error;
  return new JournalError(fault, path, `The journal ${path} ${what}.`, { cause: error });
}
