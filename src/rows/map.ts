import { type GivenOptions, keptKeys, planOf } from "./plan.ts";
import { Rows } from "./row-run.ts";
import type { MapOptions, RowRun, RowSource, RowValue } from "./types.ts";

const keys = [...keptKeys, "concurrency"];

/**
 * Asks a call, a fallback or a tool loop for every row of a source, `concurrency` (16) at once. Iterate the run for the rows
 * as they end, or await it for the totals; nothing is sent before either. A row that fails has its error, and the run goes
 * on. With a `journal` a row whose answer is in it is never asked again, after whatever end of the process; one that was in
 * flight is. Throws `ConfigError` for options that make no sense; the run throws a `JournalError` where its journal cannot
 * be used, and what the source throws.
 */
export function map<Args extends unknown[], Result, Source extends Args[0]>(
  call: (...args: Args) => Result,
  rows: RowSource<Source>,
  options?: MapOptions<Source> & OneArgument<Args>,
): RowRun<RowValue<Result>>;
/** With `args`, which gives the arguments of a row. */
export function map<Args extends unknown[], Result, Source>(
  call: (...args: Args) => Result,
  rows: RowSource<Source>,
  options: MapOptions<Source> & { readonly args: (row: Source, ordinal: number) => Args },
): RowRun<RowValue<Result>>;
export function map<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
  rows: RowSource<unknown>,
  options: object = {},
): RowRun<RowValue<Result>> {
  return new Rows<RowValue<Result>>(
    planOf("map()", call, rows, options as GivenOptions, keys),
    options as GivenOptions,
  );
}

/** Nothing for a call that one argument is enough for, else the sentence that says what is missing. */
export type OneArgument<Args extends unknown[]> = [Args[0]] extends Args
  ? { readonly args?: undefined }
  : { readonly args: "the call takes other arguments than one row: `args` makes them of it" };
