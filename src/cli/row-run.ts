import { estimate } from "../rows/estimate.ts";
import type { KeptOptions, RowRun, Totals } from "../rows/types.ts";
import { callFailure, failureText } from "./call-failure.ts";
import type { OptionValues } from "./command.ts";
import { counted } from "./counted.ts";
import type { FoundCall } from "./find-call.ts";
import { type ExitCode, exitCodes, Misuse } from "./misuse.ts";
import { moneyText } from "./money-text.ts";
import { linesTo, valueTo } from "./row-output.ts";
import { type RowInput, rowInput } from "./row-source.ts";
import { say, warn } from "./say.ts";

/** The options that `rows` and `batch` have in common, as their functions take them. */
export type KeptGiven = KeptOptions<unknown> & { readonly args: RowInput["args"]; readonly concurrency?: number };

/** Runs rows: each is written as it ends, and what they came to is said at the end. */
export async function runRows(
  values: OptionValues,
  run: (rows: AsyncIterable<unknown>, options: KeptGiven) => RowRun<unknown>,
) {
  const { rows, args, key } = rowInput(values);
  const toFile = values.out !== undefined;
  const asValue = values.json === true && !toFile ? valueTo() : undefined;
  const output = asValue ?? linesTo(values.out as string | undefined);
  // A bar among rows on the same terminal would spoil both.
  const shows = process.stderr.isTTY === true && (toFile || process.stdout.isTTY !== true);
  const options: KeptGiven = {
    args,
    ...(key && { key }),
    ...(values.journal !== undefined && { journal: String(values.journal) }),
    ...(values.name !== undefined && { name: String(values.name) }),
    ...(values.changed === true && { changed: "rerun" as const }),
    ...(values.failed === true && { failed: "rerun" as const }),
    ...numberOption(values, "concurrency", "concurrency"),
    ...numberOption(values, "max-failures", "maxFailures"),
    progress: shows,
  };
  let totals: Totals;
  try {
    const running = run(rows, options);
    for await (const row of running) await output.write(row);
    totals = await running;
    await output.end();
  } catch (error) {
    throw callFailure(error);
  }
  if (asValue) await asValue.finish(totalsData(totals));
  else if (values.json) say(`${JSON.stringify(totalsData(totals), null, 2)}\n`);
  else if (toFile) say(totalsText(totals));
  else if (process.stderr.isTTY) warn(totalsText(totals));
  return exitCode(totals);
}

/** What the rows would come to; nothing is sent. */
export async function estimateRows(values: OptionValues, call: FoundCall): Promise<ExitCode> {
  const { rows, args } = rowInput(values);
  // It is a call, which has `prepare`; a loop has none.
  if (!("prepare" in call)) throw new Misuse("A tool loop cannot be estimated: nobody knows how many steps it takes.");
  const found = await estimate(call as Parameters<typeof estimate>[0], rows, { args: args as never }).catch(
    (error: unknown) => {
      throw callFailure(error);
    },
  );
  if (values.json) say(`${JSON.stringify(found, null, 2)}\n`);
  else {
    const money = ({ least, most }: typeof found.live) =>
      least === undefined
        ? "no certain price"
        : most === undefined
          ? `from ${moneyText(least)} on`
          : `${moneyText(least)} to ${moneyText(most)}`;
    const batch = found.batch === undefined ? "" : `, as a batch ${money(found.batch)}`;
    say(`${counted(found.rows, "row")}, about ${found.inputTokens} tokens to read, ${money(found.live)}${batch}.\n`);
  }
  return exitCodes.fine;
}

/** An option that is a whole number. */
export function numberOption<Name extends string>(
  values: OptionValues,
  option: string,
  name: Name,
): { readonly [Key in Name]?: number } {
  const given = values[option];
  if (given === undefined) return {};
  if (!/^\d{1,9}$/.test(String(given)) || Number(given) < 1)
    throw new Misuse(`--${option} takes a whole number from 1.`);
  return { [name]: Number(given) } as { [Key in Name]: number };
}

function totalsData({ tags, reason, ...totals }: Totals): object {
  return { ...totals, ...(reason !== undefined && { reason: failureText(reason) }) };
}

function totalsText({ done, failed, resumed, cost, stopped, reason }: Totals): string {
  const parts = [`${counted(done, "row")} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (resumed > 0) parts.push(`${resumed} from the journal`);
  parts.push(cost === undefined ? "no certain price" : moneyText(cost));
  const end =
    stopped === undefined
      ? ""
      : ` Stopped before the end: ${stopped}${reason === undefined ? "" : `, ${failureText(reason)}`}.`;
  return `${parts.join(", ")}.${end}\n`;
}

function exitCode({ stopped, failed }: Totals): ExitCode {
  if (stopped === "SIGINT" || stopped === "signal") return exitCodes.interrupted;
  if (stopped !== undefined) return exitCodes.stopped;
  return failed > 0 ? exitCodes.findings : exitCodes.fine;
}
