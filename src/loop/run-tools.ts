import type { ToolRun } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { isOfEngine, ownErrorOf } from "../errors/kept-failure.ts";
import type { ResultContent } from "../message/parts.ts";
import type { Definition } from "../prepare/prepare.ts";
import { startLimit } from "../send/limit.ts";
import { through } from "../send/through.ts";
import { settleOutput } from "../tools/result-content.ts";
import type { BoundToolUse } from "../tools/use.ts";
import type { OpenCall } from "./open-call.ts";

/** A call that may run, tied to its tool. */
export interface ReadyCall<P extends ProviderTypes> {
  readonly call: OpenCall<P>;
  readonly use: BoundToolUse<P>;
}

interface RunOptions {
  readonly signal: AbortSignal | undefined;
  readonly toolErrors: "send" | "throw";
  readonly concurrency: number;
}

/**
 * Runs tools side by side and writes their results to their calls. Throws what a tool threw where errors are not told to
 * the model, after all that were begun have ended; what was begun is never begun again.
 */
export async function runTools<P extends ProviderTypes>(
  defined: Definition<P>,
  ready: readonly ReadyCall<P>[],
  { signal, toolErrors, concurrency }: RunOptions,
): Promise<void> {
  const limit = startLimit(signal, undefined);
  const waiting = ready[Symbol.iterator]();
  const failures: unknown[] = [];
  const work = async () => {
    for (const one of waiting) {
      if (failures.length > 0 || signal?.aborted) return;
      await runOne(defined, one, signal, toolErrors).catch((error: unknown) => void failures.push(error));
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, ready.length) }, work);
  // A tool that does not listen to the signal is no longer waited for.
  await limit.race(Promise.all(workers)).finally(() => limit.clear());
  if (failures.length > 0) throw failures.find(isOfEngine) ?? failures[0];
}

async function runOne<P extends ProviderTypes>(
  { layers, provider, model, prompt }: Definition<P>,
  { call, use }: ReadyCall<P>,
  signal: AbortSignal | undefined,
  toolErrors: "send" | "throw",
): Promise<void> {
  const inside = () => {
    call.started = true;
    return use.call(signal === undefined ? {} : { signal });
  };
  const run: ToolRun = {
    name: use.name,
    id: use.id,
    input: use.raw.input,
    description: use.description,
    provider: provider.name,
    model,
    signal,
    metadata: prompt.metadata,
  };
  try {
    await use.validated();
    const tools = layers?.tool ?? [];
    const output =
      tools.length === 0
        ? await inside()
        : await through<ToolRun, Promise<unknown>>(
            tools,
            (layer, given, next) => layer.tool?.(given, next) as Promise<unknown>,
            inside,
          )(run);
    answer(call, await settleOutput(use.name, output, signal), output instanceof Error);
    call.given = { value: output };
  } catch (error) {
    // It is nothing that the tool did: the call stays open.
    if (isOfEngine(error)) throw error;
    if (signal?.aborted) throw signal.reason;
    answer(call, error instanceof Error ? error.message : String(error), true);
    const code = ownErrorOf(error)?.code;
    // It ran, and what it threw is what came of it: a run that is resumed does not run it again. An output that cannot be
    // sent is the program's mistake, which the model can do nothing about.
    if (code === "invalid_output" || (code !== "invalid_arguments" && toolErrors === "throw")) throw error;
  }
}

/** Writes what came of a call. */
export function answer<P extends ProviderTypes>(call: OpenCall<P>, output: ResultContent, isError: boolean): void {
  call.output = output;
  call.isError = isError;
}
