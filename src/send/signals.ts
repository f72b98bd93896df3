import { noteAttempts } from "../contract/attempts.ts";

/**
 * One signal that ends with the first of several; the only one there is as it is. Meant for what lives as long as its
 * signals: a scope, a call that was made with both.
 */
export function joinSignals(
  first: AbortSignal | null | undefined,
  second: AbortSignal | null | undefined,
): AbortSignal | undefined {
  if (first == null || second == null || first === second) return first ?? second ?? undefined;
  if (typeof AbortSignal.any === "function") return AbortSignal.any([first, second]);
  const controller = new AbortController();
  for (const signal of [first, second]) {
    const follow = () => controller.abort(signal.reason);
    if (signal.aborted) follow();
    else signal.addEventListener("abort", follow, { once: true, signal: controller.signal });
  }
  return controller.signal;
}

/** The reason of an abort, for a call of which nothing was tried, whatever other calls the same reason ended. */
export function untriedReason({ reason }: AbortSignal): unknown {
  noteAttempts(reason, []);
  return reason;
}
