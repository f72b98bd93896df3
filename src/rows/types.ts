import type { CallPromise } from "../call/types.ts";
import type { ToolLoopResult, ToolLoopRun } from "../loop/types.ts";
import type { CallResponse } from "../read/response.ts";
import type { Stream } from "../read/stream.ts";
import type { StructuredStream } from "../structured/structured-stream.ts";

/** Gives what is stored in a value's place; `path` leads to it from `args`, `value`, `prepared`, `received` or `error`. */
export type Redact = (value: unknown, path: readonly (string | number)[]) => unknown;

/** Where rows come from: an array, a generator, anything that can be iterated, at once or bit by bit. */
export type RowSource<Row> = Iterable<Row> | AsyncIterable<Row>;

/** What one row of a call gives: what awaiting the call, the end of its stream or of its loop would give. */
export type RowValue<Result> =
  Result extends ToolLoopRun<infer P, infer T>
    ? ToolLoopResult<P, T>
    : Result extends CallPromise<infer Value, infer _, infer __>
      ? Value
      : Result extends Stream<infer P, infer T, infer _>
        ? CallResponse<P, T>
        : Result extends StructuredStream<infer _, infer Value, infer __>
          ? Value
          : never;

/** What is known of every row that ended. */
export interface RowFacts {
  readonly key: string;
  /** Its place in the source, from 0. */
  readonly ordinal: number;
  /** True for one that an earlier run of the journal has asked for: nothing was sent. */
  readonly resumed: boolean;
  /** What the call was given. */
  readonly args: readonly unknown[];
  /** US dollars of every request made for it; `undefined` where one of them has no certain price. */
  readonly cost: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** How many requests were made for it, failed ones included. */
  readonly requests: number;
  /** What `tag` says of it. */
  readonly tag: string | undefined;
}

/** A row that has its value. */
export interface DoneRow<Value> extends RowFacts {
  readonly status: "done";
  readonly value: Value;
}

/** A row that has none. `error` is what was thrown: the SDK's own object; of a resumed one a `RowError`. */
export interface FailedRow extends RowFacts {
  readonly status: "failed";
  readonly error: unknown;
}

/** One row as it ended. */
export type Row<Value> = DoneRow<Value> | FailedRow;

/** Why a run ended before its source did. */
export type StopReason = "signal" | "SIGINT" | "failures" | "budget" | "deadline" | "left" | "cancelled";

/** What some rows came to. */
export interface Sums {
  readonly done: number;
  readonly failed: number;
  /** US dollars of every request; `undefined` where one of them has no certain price. */
  readonly cost: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly requests: number;
}

/** What a run came to: the rows of earlier runs that it met in the journal, and its own. */
export interface Totals extends Sums {
  /** How many of them were in the journal. */
  readonly resumed: number;
  /** The same for what this run asked itself. */
  readonly own: Sums;
  /** Why it ended before its source did; `undefined` for a run that went to the end. */
  readonly stopped: StopReason | undefined;
  /** What was thrown where that is why it stopped: the `BudgetError`, the failure that was one too many. */
  readonly reason: unknown;
  /** By what `tag` says of each row. */
  readonly tags: ReadonlyMap<string, Sums>;
}

/**
 * One run over rows. Iterating gives them as they end (and paces the run: nothing is asked while finished rows wait);
 * awaiting gives the totals. Nothing is sent before either. Leaving the iteration finishes what is in flight and keeps it.
 */
export interface RowRun<Value> extends AsyncIterable<Row<Value>>, Promise<Totals> {
  /** What it has come to so far. */
  readonly totals: Totals;
}

/** What anybody who writes progress needs. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** How rows are run and kept; the same for live rows and for batches. */
export interface KeptOptions<Source> {
  /** What a row is known by, the same in every run: an id. By default a hash of its arguments and its place. */
  readonly key?: ((row: Source, ordinal: number) => string) | undefined;
  /** The file of the journal. Without one nothing is kept. */
  readonly journal?: string | undefined;
  /** Which run of the journal this is; by default the fingerprint of the call. */
  readonly name?: string | undefined;
  /**
   * What happens where the journal's run of this name was made by another call (prompt, schema, model, parameters):
   * `"refuse"` (the default) throws a `JournalError` that names what changed, `"rerun"` asks those rows again.
   */
  readonly changed?: "refuse" | "rerun" | undefined;
  /** Whether rows that failed in an earlier run are asked again; `false` by default, or a function that says which. */
  readonly failed?: "keep" | "rerun" | ((failure: StoredFailure) => boolean) | undefined;
  /** Takes out of the arguments, values and answers what is not to be stored. */
  readonly redact?: Redact | undefined;
  /** `"full"` syncs every commit to the disk, for machines that lose their power; `"normal"` by default. */
  readonly durability?: "normal" | "full" | undefined;
  /** The most bytes the journal may have: a commit beyond them fails as on a full disk. No limit by default. */
  readonly maxJournalBytes?: number | undefined;
  /** How many rows fail before the run stops. No limit by default. */
  readonly maxFailures?: number | undefined;
  /** When it is aborted, what is in flight is finished and kept, and the run stops. */
  readonly signal?: AbortSignal | undefined;
  /** Ctrl-C does the same; a second one ends the process. `true` by default. */
  readonly sigint?: boolean | undefined;
  /** Shows how far it is: on the process's stderr, or on a stream of your own. Off by default. */
  readonly progress?: boolean | { readonly to: ProgressStream } | undefined;
  /** How many rows there are, where the source does not tell: for the progress alone. */
  readonly count?: number | undefined;
  /** What the totals are kept apart by: a key of the call's metadata, or a function of the row. */
  readonly tag?: string | ((row: Source, ordinal: number) => string) | undefined;
  /** @internal For tests: the lease of the journal, and the clock it is told by. */
  readonly lease?: LeaseOptions | undefined;
}

/** @internal */
export interface LeaseOptions {
  /** Milliseconds; 15,000 by default. */
  readonly duration?: number | undefined;
  /** The wall clock, epoch milliseconds. */
  readonly now?: (() => number) | undefined;
  /** The machine this is. */
  readonly host?: string | undefined;
}

/** The options of `map`. */
export interface MapOptions<Source> extends KeptOptions<Source> {
  /** How many rows are asked for at once. 16 by default. */
  readonly concurrency?: number | undefined;
}

/** What the journal keeps of an error. */
export interface StoredFailure {
  readonly key: string;
  /** The error's class, message and kind (as `classify` gives it). */
  readonly name: string;
  readonly message: string;
  readonly kind: string;
  /** The HTTP status. */
  readonly status: number | undefined;
  /** True where the same request can succeed when it is sent again. */
  readonly retryable: boolean;
}

/** Options, with `args` to make the arguments of a row; where the row is the one argument, both can be left out. */
export type Given<Options, Args extends unknown[], Source> = [Source] extends Args
  ? [options?: Options & { readonly args?: (row: Source, ordinal: number) => Args }]
  : [options: Options & { readonly args: (row: Source, ordinal: number) => Args }];
