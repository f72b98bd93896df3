import type { CallEnd, CallRun } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Definition } from "../prepare/prepare.ts";
import type { CallResponse } from "../read/response.ts";
import { startDeadline } from "../send/deadline.ts";
import { untriedReason } from "../send/signals.ts";
import { through } from "../send/through.ts";
import { wait } from "../send/wait.ts";
import { answering } from "./lazy-parts.ts";
import type { Answered } from "./value.ts";

/** One call from the prompt to the value. */
type Run<P extends ProviderTypes> = (
  call: Definition<P>,
  args: readonly unknown[],
  answered: Answered<P>,
) => Promise<unknown>;

/** One call with what stands around it: its deadline, and the layers around calls. */
export async function around<P extends ProviderTypes>(
  defined: Definition<P>,
  args: readonly unknown[],
  answered: Answered<P>,
  run: Run<P>,
): Promise<unknown> {
  const timed = startDeadline(defined);
  const call = timed?.call ?? defined;
  try {
    if (call.sending?.signal?.aborted) throw untriedReason(call.sending.signal);
    return await layered(call, args, answered, run);
  } catch (error) {
    throw timed === undefined ? error : timed.blame(error);
  } finally {
    timed?.clear();
  }
}

async function layered<P extends ProviderTypes>(
  call: Definition<P>,
  args: readonly unknown[],
  answered: Answered<P>,
  run: Run<P>,
): Promise<unknown> {
  if (call.layers === undefined || call.layers.call.length === 0) return run(call, args, answered);
  const { provider, model, sending, prompt } = call;
  const first = through<CallRun, Promise<CallEnd>>(
    call.layers.call,
    async (layer, use, next) => {
      const end = await layer.call?.(use, next);
      if (typeof end === "object" && end !== null && "value" in end) return end;
      const name = layer.name ?? "without a name";
      throw new ConfigError(`The layer ${name} gave no value: its \`call\` gives what \`next\` gives, or { value }.`);
    },
    async (use) => {
      const own: Answered<P> = { response: undefined };
      const value = await run({ ...call, inCall: true }, use.args, own);
      return { value, response: own.response };
    },
  );
  const signal = sending?.signal;
  const by = (ms: number) => (call.layers?.wait ?? wait)(ms, signal);
  const end = await first({ args, provider: provider.name, model, signal, metadata: prompt.metadata, wait: by });
  const { value, response, attempts = [] } = end;
  const { CallResponse, tellAttempts } = answering.loaded ?? (await answering.load());
  if (!(response instanceof CallResponse)) return value;
  return tellAttempts<P>(value, response as CallResponse<P>, attempts, answered);
}
