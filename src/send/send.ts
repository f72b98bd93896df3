import { knownElsewhere, lookElsewhere } from "../contract/address.ts";
import { noteAttempts } from "../contract/attempts.ts";
import type { Head } from "../contract/head.ts";
import type { Provider, ProviderTypes, SendOptions, Tell } from "../contract/provider.ts";
import type { Came } from "../contract/received.ts";
import type { StandIn } from "../contract/stand-in.ts";
import { typedFailure } from "../errors/failure.ts";
import { loadPrices } from "../money/cost.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import { FailedRequest } from "./failed-request.ts";
import { checkHeaders } from "./headers.ts";
import { isTimed, startLimit } from "./limit.ts";
import { untriedReason } from "./signals.ts";

/** How one request is sent: the part of it that is no request. */
export interface Sending {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly sdkRetries?: boolean;
  /** What answers in the provider's place. */
  readonly standIn?: StandIn | undefined;
  readonly onSent?: (() => void) | undefined;
}

/** Sends a prepared call, waits for the SDK's response and reads it. Throws `ResponseError` for what is no answer. */
export async function send<P extends ProviderTypes>(
  { provider, sending: own }: Definition<P>,
  plan: Plan<P>,
  sending: Sending | undefined = own,
): Promise<Came<P>> {
  const { client, prepared } = plan;
  if (sending?.signal?.aborted) throw untriedReason(sending.signal);
  // Making the client is a part of what is limited.
  const limit = sending && startLimit(sending.signal, sending.timeout);
  let startTime = 0;
  let elsewhere: string | null = null;
  try {
    const wire = (sending?.standIn ?? provider) as Provider<P>;
    const made = wire.client(client);
    const ready = "then" in made ? await (limit === undefined ? made : limit.race(made)) : made;
    sending?.signal?.throwIfAborted();
    const known = knownElsewhere.get(ready);
    elsewhere = known === undefined ? await lookElsewhere(wire, ready) : known;
    // The price list loads while the provider is thinking.
    const prices = loadPrices();
    let head: Head | undefined;
    const tell: Tell = (told) => {
      head = told;
    };
    startTime = Date.now();
    sending?.onSent?.();
    const answer = wire.create(
      ready as P["Client"],
      prepared.request,
      sending === undefined ? noOptions : sendOptions(limit?.signal, sending),
      tell,
    );
    const response = await (limit === undefined ? answer : limit.race(answer));
    const endTime = Date.now();
    const http = answer.asResponse && (await answer.asResponse());
    const reading = provider.read(response);
    await prices;
    return { response, startTime, endTime, head, reading, http, unpriced: elsewhere ?? undefined };
  } catch (error) {
    const failure = typedFailure(provider.name, error);
    const thrown = limit === undefined ? failure : limit.blame(failure);
    const money = { provider, prices: own?.prices, unpriced: elsewhere ?? undefined };
    // The reason of an abort may have ended other calls before: what they tried is not this one's.
    noteAttempts(thrown, startTime > 0 ? [new FailedRequest(thrown, plan, { ...money, startTime })] : []);
    throw thrown;
  } finally {
    limit?.clear();
  }
}

const noOptions: SendOptions = {};

// Milliseconds that an SDK is given beyond our own limit.
const sdkGrace = 1000;

/** @internal */
export function sendOptions(signal: AbortSignal | undefined, { timeout, headers, sdkRetries }: Sending): SendOptions {
  if (headers !== undefined) checkHeaders(headers);
  return {
    ...(signal && { signal }),
    // Ours ends the call; the SDK's own default, which may be shorter, must not do so first.
    ...(isTimed(timeout) && isTimed(timeout + sdkGrace) && { timeout: timeout + sdkGrace }),
    ...(headers && { headers }),
    ...(sdkRetries === false && { maxRetries: 0 as const }),
  };
}
