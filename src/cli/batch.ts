import { batch } from "../rows/batch.ts";
import type { OptionValues } from "./command.ts";
import { findCall } from "./find-call.ts";
import { type ExitCode, Misuse } from "./misuse.ts";
import { estimateRows, numberOption, runRows } from "./row-run.ts";

const usage = "callscope batch triage.ts#triage --rows tickets.jsonl --journal nightly.db";
const ways = ["batch", "live", "fail"] as const;

/** Asks the same through the provider's batches. */
export async function run(values: OptionValues, [named]: readonly string[]): Promise<ExitCode> {
  const again = ways.find((way) => way === values.again);
  if (values.again !== undefined && again === undefined) throw new Misuse(`--again takes ${ways.join(", ")}.`);
  const { poll: seconds } = numberOption(values, "poll", "poll");
  const call = await findCall(named, usage);
  if (values.estimate) return estimateRows(values, call);
  const text = (name: "adopt" | "role" | "bucket") =>
    values[name] === undefined ? {} : { [name]: String(values[name]) };
  return runRows(values, (rows, options) =>
    // What cannot be asked in batches is refused by `batch` itself.
    batch(call as Parameters<typeof batch>[0], rows, {
      ...options,
      args: options.args as never,
      ...(seconds !== undefined && { poll: seconds * 1000 }),
      ...(again && { again }),
      ...text("adopt"),
      ...text("role"),
      ...text("bucket"),
    }),
  );
}
