// Rows by the hundred or the million: one typed call for each, kept in a journal.

export type { BatchCandidate } from "../contract/batch.ts";
export { BatchError, type BatchFault } from "../errors/batch-error.ts";
export { batch } from "./batch.ts";
export type { BatchCall, BatchOptions, BatchRun } from "./batch-types.ts";
export { BatchUnsureError } from "./batch-unsure-error.ts";
export { type Estimate, type EstimatedCost, type EstimateOptions, estimate } from "./estimate.ts";
export { type CsvOptions, csv, type FileOptions, jsonl } from "./files.ts";
export { type Journal, type JournalRunInfo, openJournal, type RowChoice } from "./journal.ts";
export { JournalError, type JournalFault } from "./journal-error.ts";
export { map } from "./map.ts";
export { DuplicateKeyError, RowError, SourceError } from "./row-error.ts";
export type {
  DoneRow,
  FailedRow,
  KeptOptions,
  MapOptions,
  ProgressStream,
  Redact,
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
