import type { Outgoing } from "../contract/layer.ts";
import { Received, toReceived } from "../contract/received.ts";
import { answerThatFits, fromStored, toStored } from "./cache-entry.ts";
import { type Keeping, keep, lookUp, type Patience, patienceOf } from "./cache-keeping.ts";

/** One request that some wait for. */
export interface Flight {
  readonly answer: Promise<Landed>;
  readonly controller: AbortController;
  /** Those who wait, in the order in which they came. */
  readonly waiting: Set<object>;
}

interface Landed {
  /** The answer as it came; `undefined` for one that was kept. */
  readonly received: Received | undefined;
  readonly stored: unknown;
}

/** The answer to a request: one that was kept, one that others wait for, or one of its own. */
export async function sharedAnswer(
  flights: Map<string, Flight>,
  keeping: Keeping,
  next: (request: Outgoing) => Promise<Received>,
): Promise<Received> {
  const { request, key } = keeping;
  request.signal?.throwIfAborted();
  const me = {};
  const known = flights.get(key);
  const flight = known ?? depart(flights, keeping, next);
  flight.waiting.add(me);
  // Whose request it is has its time limit inside.
  const patience = known === undefined ? patienceOf(request.with({ timeout: undefined })) : patienceOf(request);
  const { received, stored } = await waitFor(flight, me, patience);
  const [payer] = flight.waiting;
  if (received !== undefined && payer === me) return received;
  const response = await fromStored(stored, request.origin.call.provider);
  return new Received({ response, cached: true });
}

function depart(
  flights: Map<string, Flight>,
  keeping: Keeping,
  next: (request: Outgoing) => Promise<Received>,
): Flight {
  const controller = new AbortController();
  const flight: Flight = { controller, waiting: new Set(), answer: land(keeping, controller.signal, next) };
  flights.set(keeping.key, flight);
  const over = () => {
    if (flights.get(keeping.key) === flight) flights.delete(keeping.key);
  };
  flight.answer.then(over, over);
  controller.signal.addEventListener("abort", over, { once: true });
  return flight;
}

async function land(
  keeping: Keeping,
  signal: AbortSignal,
  next: (request: Outgoing) => Promise<Received>,
): Promise<Landed> {
  const { request } = keeping;
  const { provider } = request.origin.call;
  const kept = await lookUp(keeping, async ({ response }) => {
    if (typeof response !== "object" || response === null) return undefined;
    return (await answerThatFits(request, await fromStored(response, provider))) && response;
  });
  if (kept !== undefined) return { received: undefined, stored: kept };
  const received = toReceived(await next(request.with({ signal })));
  const stored = toStored(received.response, provider);
  if ((await answerThatFits(request, await fromStored(stored, provider))) !== undefined) {
    await keep(keeping, { response: stored });
  }
  return { received, stored };
}

/** Waits as long as this caller does; the last who leaves ends the request, and hears how. */
function waitFor({ answer, waiting, controller }: Flight, me: object, patience: Patience): Promise<Landed> {
  const { signal } = patience;
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(me);
      if (waiting.size === 0) controller.abort(signal?.reason);
      if (waiting.size > 0 || patience.late) reject(signal?.reason);
    };
    signal?.addEventListener("abort", leave, { once: true });
    answer.then(resolve, reject).finally(() => {
      signal?.removeEventListener("abort", leave);
      patience.clear();
    });
  });
}
