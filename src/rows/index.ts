// Rows by the hundred or the million: one typed call for each, kept in a journal.
export { JournalError, type JournalFault } from "./journal-error.ts";
export { map } from "./map.ts";
export { DuplicateKeyError, RowError, SourceError } from "./row-error.ts";
export type { Redact } from "./stored.ts";
export type {
  DoneRow,
  FailedRow,
  KeptOptions,
  MapOptions,
  ProgressStream,
  Row,
  RowFacts,
  RowRun,
  RowSource,
  RowValue,
  StopReason,
  StoredFailure,
  Sums,
  Totals,
} from "./types.ts";
