import { type GivenOptions, keptKeys, planOf } from "./plan.ts";
import { Rows } from "./row-run.ts";
import type { Given, MapOptions, RowRun, RowSource, RowValue } from "./types.ts";

const keys = [...keptKeys, "concurrency"];

/**
 * Asks a call, a fallback or a tool loop for every row of a source, `concurrency` (16) at once. Iterate the run for the rows
 * as they end, or await it for the totals; nothing is sent before either. A row that fails has its error, and the run goes
 * on. With a `journal` a row whose answer is in it is never asked again, after whatever end of the process; one that was in
 * flight is. Throws `ConfigError` for options that make no sense; the run throws a `JournalError` where its journal cannot
 * be used, and what the source throws.
 */
export function map<Args extends unknown[], Result, Source>(
  call: (...args: Args) => Result,
  rows: RowSource<Source>,
  ...[options = {} as never]: Given<MapOptions<Source>, Args, Source>
): RowRun<RowValue<Result>> {
  const given: GivenOptions = options;
  return new Rows<RowValue<Result>>(planOf("map()", call, rows, given, keys), given);
}
