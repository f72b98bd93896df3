import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { TimeoutError } from "../errors/errors.ts";
import { isOfEngine } from "../errors/kept-failure.ts";
import type { Definition } from "../prepare/prepare.ts";
import { isTimed } from "./limit.ts";
import { joinSignals } from "./signals.ts";

/** A call whose deadline runs. */
export interface Timed<P extends ProviderTypes> {
  /** The call with a signal that ends at the deadline. */
  readonly call: Definition<P>;
  /** The error to throw for one that was caught: ours when the deadline was the reason, else the very same. */
  blame(error: unknown): unknown;
  /** Must be called when the call is over. */
  clear(): void;
}

/** Starts the deadline of a call, the sooner of its own and its scope's. `undefined` where there is none. */
export function startDeadline<P extends ProviderTypes>(call: Definition<P>): Timed<P> | undefined {
  const { deadline, until, signal } = call.sending ?? {};
  if (deadline === undefined && until === undefined) return undefined;
  const left = until === undefined ? Number.POSITIVE_INFINITY : Math.max(0, until - performance.now());
  const time = Math.min(deadline ?? Number.POSITIVE_INFINITY, left);
  const total = deadline !== undefined && deadline <= left ? deadline : Math.ceil(time);
  const expired = new TimeoutError(`The deadline of ${total} ms for the whole call has passed.`, total);
  const controller = new AbortController();
  const timer = isTimed(time) ? setTimeout(() => controller.abort(expired), time) : undefined;
  if (time === 0) controller.abort(expired);
  const { deadline: _, until: __, ...sending } = call.sending ?? {};
  return {
    call: { ...call, sending: { ...sending, signal: joinSignals(signal, controller.signal) } },
    blame(error) {
      if (!controller.signal.aborted || signal?.aborted || isOfEngine(error)) return error;
      if (error !== expired && expired.cause === undefined) expired.cause = error;
      if (error !== expired) noteAttempts(expired, attemptsOf(error));
      return expired;
    },
    clear: () => clearTimeout(timer),
  };
}
