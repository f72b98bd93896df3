import { map } from "../rows/map.ts";
import { callScope } from "./call-scope.ts";
import type { OptionValues } from "./command.ts";
import { findCall } from "./find-call.ts";
import type { ExitCode } from "./misuse.ts";
import { estimateRows, runRows } from "./row-run.ts";

const usage = "callscope rows triage.ts#triage --rows tickets.jsonl";

/** Asks a call of a module for every row of a file. */
export async function run(values: OptionValues, [named]: readonly string[]): Promise<ExitCode> {
  const call = await findCall(named, usage);
  if (values.estimate) return estimateRows(values, call);
  return callScope(values, undefined, () => runRows(values, (rows, options) => map(call, rows, options)));
}
