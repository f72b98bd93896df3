import { TimeoutError } from "../errors/errors.ts";

/** What ends a request from outside: the caller's signal, a time limit in milliseconds, or both. */
export interface Limit {
  /** Aborted by whichever comes first. */
  readonly signal: AbortSignal | undefined;
  /** Waits for the work, but never past the limit, even where the SDK does not listen to its signal. */
  race<T>(work: Promise<T>): Promise<T>;
  /** The error to throw for one that was caught: ours when the time limit was the reason, else the very same. */
  blame(error: unknown): unknown;
  /** Must be called when the work is over, so that no timer outlives it. */
  clear(): void;
}

const unlimited: Limit = {
  signal: undefined,
  race: (work) => work,
  blame: (error) => error,
  clear() {},
};

/** True for a limit that a timer can hold; a longer one, about 25 days, is none. */
export function isTimed(timeout: number | undefined): timeout is number {
  return timeout !== undefined && timeout < 2 ** 31;
}

/** Starts the clock. Without a signal and a time it costs nothing. */
export function startLimit(signal: AbortSignal | undefined, timeout: number | undefined): Limit {
  if (signal === undefined && timeout === undefined) return unlimited;
  const controller = new AbortController();
  const expired = timeout === undefined ? undefined : new TimeoutError(`No answer within ${timeout} ms.`, timeout);
  const timer = expired && isTimed(timeout) ? setTimeout(() => controller.abort(expired), timeout) : undefined;
  const follow = () => controller.abort(signal?.reason);
  if (signal?.aborted) follow();
  else signal?.addEventListener("abort", follow, { once: true });
  const stopped = new Promise<never>((_, reject) => {
    // The SDK hears of the abort first, so that its own error wins where it has one.
    const stop = () => setTimeout(() => reject(controller.signal.reason));
    if (controller.signal.aborted) stop();
    else controller.signal.addEventListener("abort", stop, { once: true });
  });
  stopped.catch(() => {});
  return {
    signal: controller.signal,
    race: (work) => Promise.race([work, stopped]),
    blame(error) {
      if (expired === undefined || controller.signal.reason !== expired) return error;
      // Hidden, as a cause is that the constructor is given: the SDK's error may have ours for its own cause.
      if (error !== expired && expired.cause === undefined) {
        Object.defineProperty(expired, "cause", { value: error, configurable: true, writable: true });
      }
      return expired;
    },
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", follow);
    },
  };
}
