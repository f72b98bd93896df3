import type { ProviderTypes } from "../contract/provider.ts";
import { typedFailure } from "../errors/failure.ts";
import { loadPrices, type PriceSource } from "../money/cost.ts";
import type { Definition, Plan, Sending } from "../prepare/prepare.ts";
import { checkHeaders } from "./headers.ts";
import { isTimed, startLimit } from "./limit.ts";

/** The SDK's response and when it came, in epoch milliseconds. */
export interface Sent<P extends ProviderTypes> {
  readonly response: P["Response"];
  readonly startTime: number;
  readonly endTime: number;
  /** The price list as it was when the response came. */
  readonly prices: PriceSource;
}

/** Sends a prepared call and waits for the SDK's response. */
export async function send<P extends ProviderTypes>(call: Definition<P>, plan: Plan<P>): Promise<Sent<P>> {
  const { provider, sending } = call;
  sending?.signal?.throwIfAborted();
  const client = await provider.client(plan.client);
  sending?.signal?.throwIfAborted();
  const limit = sending && startLimit(sending.signal, sending.timeout);
  // The price list loads while the provider is thinking.
  const prices = loadPrices();
  const startTime = Date.now();
  try {
    const options = sending === undefined ? noOptions : sendOptions(limit?.signal, sending);
    const answer = provider.create(client, plan.prepared.request, options);
    const response = await (limit === undefined ? answer : limit.race(answer));
    return { response, startTime, endTime: Date.now(), prices: await prices };
  } catch (error) {
    const failure = typedFailure(provider.name, error);
    throw limit === undefined ? failure : limit.blame(failure);
  } finally {
    limit?.clear();
  }
}

const noOptions = {};

// Milliseconds that an SDK is given beyond our own limit.
const sdkGrace = 1000;

/** @internal */
export function sendOptions(signal: AbortSignal | undefined, { timeout, headers }: Sending = {}) {
  if (headers !== undefined) checkHeaders(headers);
  return {
    ...(signal && { signal }),
    // Ours ends the call; the SDK's own default, which may be shorter, must not do so first.
    ...(isTimed(timeout) && isTimed(timeout + sdkGrace) && { timeout: timeout + sdkGrace }),
    ...(headers && { headers }),
  };
}
