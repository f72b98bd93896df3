import type { Layer } from "../contract/layer.ts";
import { budget } from "../layers/budget.ts";
import { within } from "../send/scope.ts";
import { trace } from "../trace/trace.ts";
import type { OptionValues } from "./command.ts";
import { Misuse } from "./misuse.ts";
import { warn } from "./say.ts";

/** Runs calls with what the options of every command that calls say: a trace of them, and the most they may cost. */
export async function callScope<Result>(
  { trace: file, usd }: OptionValues,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const layers: Layer[] = [];
  const tracing = file === undefined ? undefined : trace(String(file));
  if (tracing !== undefined) layers.push(tracing);
  if (usd !== undefined) layers.push(budget({ usd: dollars(usd) }));
  try {
    return await within({ layers, ...(signal && { signal }) }, work);
  } finally {
    await tracing?.flush().catch((error: Error) => warn(`callscope: the trace cannot be written: ${error.message}\n`));
  }
}

function dollars(given: unknown): number {
  const usd = Number(given);
  if (/^\d*\.?\d+$/.test(String(given)) && usd > 0) return usd;
  throw new Misuse("--usd takes US dollars: --usd 0.50.");
}
