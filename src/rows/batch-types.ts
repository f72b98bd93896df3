import type { CallPromise, TypedCall } from "../call/types.ts";
import type { BatchLimits, BatchSettings } from "../contract/batch.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { KeptOptions, RowRun, Totals } from "./types.ts";

/** A call that can be asked in batches: one that does not stream; no tool loop, no fallback, no hedge. */
export type BatchCall<P extends ProviderTypes, Args extends unknown[], Result> = TypedCall<P, Args, Result> &
  (Result extends CallPromise<unknown, unknown, unknown>
    ? unknown
    : "a batch gives whole answers: leave out `stream`, or use map()");

/** The options of `batch`. */
export interface BatchOptions<Source> extends KeptOptions<Source>, BatchSettings {
  /** How many batches are open at once. 16 by default. */
  readonly concurrency?: number | undefined;
  /** Milliseconds between two looks at the open batches. 30,000 by default. */
  readonly poll?: number | undefined;
  /** What one batch may hold, where that is to be less than the service's own limits: requests, and their bytes. */
  readonly limits?: Partial<Pick<BatchLimits, "requests" | "bytes">> | undefined;
  /**
   * Where a row is asked again whose answer did not fit the response model, whose time ran out, or whose error may pass:
   * `"batch"` in the next batch, `"live"` at once at the full price, `"fail"` nowhere. As often as the call's
   * `retries.validation` says, once where it says nothing. By default `"batch"` for a call with `retries.validation`,
   * else `"fail"`.
   */
  readonly again?: "batch" | "live" | "fail" | undefined;
  /**
   * Whether the files that were uploaded for a batch, and those of its results, stay at the service. By default they are
   * deleted once the results are told, with a journal once they are in it; one that cannot be deleted stays.
   */
  readonly keepFiles?: boolean | undefined;
  /** Answers a `BatchUnsureError`: the id of the batch that is the lost one, or `"resubmit"` where none is. */
  readonly adopt?: string | undefined;
}

/** One run in batches. */
export interface BatchRun<Value> extends RowRun<Value> {
  /**
   * Cancels the batches that are open, this run's and those of the journal that it goes on with, and gives the totals. What
   * was answered is kept and told; the other rows of those batches fail with a `BatchError`, and no further row is read.
   */
  cancel(): Promise<Totals>;
}
