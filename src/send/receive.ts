import { headOf } from "../contract/head.ts";
import { type EventStream, givesReceived, type Layer, type Outgoing, type Purpose } from "../contract/layer.ts";
import type { LayerStack } from "../contract/layer-stack.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { type Came, Received, toReceived } from "../contract/received.ts";
import { EventsToldBy } from "../contract/told-inside.ts";
import { ConfigError } from "../errors/errors.ts";
import { loadPrices } from "../money/cost.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import { EventRun, type FoldedEvents } from "./event-run.ts";
import { LaterEvents } from "./later-events.ts";
import { OutgoingRequest } from "./outgoing.ts";
import type { Reader } from "./reader.ts";
import { send } from "./send.ts";
import { through } from "./through.ts";

/** Sends one request of a call, through its layers where it has any, and gives what came. */
export async function receive<P extends ProviderTypes>(
  call: Definition<P>,
  plan: Plan<P>,
  purpose: Purpose,
  reader: Reader,
): Promise<Came<P>> {
  const { layers } = call;
  if (layers === undefined || layers.send.length === 0) return send(call, plan);
  return (await layered(layers, new OutgoingRequest<P>({ call, plan, purpose, reader }, firstSent(call)))).came;
}

async function layered<P extends ProviderTypes>(layers: LayerStack, request: OutgoingRequest<P>): Promise<Received<P>> {
  // A layer may look at prices before anything is sent.
  await loadPrices();
  const first = through<Outgoing, Promise<Received<P>>>(layers.send, enterSend, (outgoing) => {
    const own = ownRequest<P>(outgoing);
    const { call, plan } = own.origin;
    return send(call, plan, own.sent).then((came) => toReceivedRead(came, call.provider.connection));
  });
  return first(request);
}

/** Asks a layer. Those of this package are known to give what is an answer. */
function enterSend<P extends ProviderTypes>(
  layer: Layer,
  outgoing: Outgoing,
  next: (outgoing: Outgoing) => Promise<Received<P>>,
): Promise<Received<P>> {
  // The layer is asked for what it is: it does not know of which provider the answer is.
  const given = layer[givesReceived] === true ? layer.send?.(outgoing, next as never) : askLayer(layer, outgoing, next);
  return given as Promise<Received<P>>;
}

async function askLayer<P extends ProviderTypes>(
  layer: Layer,
  outgoing: Outgoing,
  next: (outgoing: Outgoing) => Promise<Received<P>>,
): Promise<Received> {
  const given = checkReceived(layer, await layer.send?.(outgoing, next as never));
  return toReceived(given as Received);
}

function toReceivedRead<P extends ProviderTypes>(
  { response, startTime, endTime, reading, http, head, unpriced }: Came<P>,
  connection: readonly string[] | undefined,
): Received<P> {
  const told = head ?? headOf(http?.headers);
  return new Received<P>({ response, startTime, endTime, head: told, unpriced }, reading, connection);
}

function checkReceived(layer: Layer, given: object | undefined): object {
  const response = (given as { response?: unknown } | undefined)?.response;
  if (typeof response === "object" && response !== null) return given as object;
  throw new ConfigError(
    `The layer ${layer.name ?? "without a name"} gave no answer: its \`send\` gives what \`next\` gives, or { response }.`,
  );
}

function ownRequest<P extends ProviderTypes>(outgoing: Outgoing): OutgoingRequest<P> {
  if (outgoing instanceof OutgoingRequest) return outgoing as OutgoingRequest<P>;
  throw new ConfigError(
    "A layer hands `next` a request that is not one: give it on, or what `request.with(…)`, `withHeaders` or `prepare` gives.",
  );
}

function firstSent<P extends ProviderTypes>({ sending }: Definition<P>, signal = sending?.signal) {
  return { signal, timeout: sending?.timeout, headers: sending?.headers, attempt: 1, sdkRetries: true, shared: false };
}

/** The events of one request of a call, through its layers. `leave` is the signal of a stream that is left. */
export function receiveEvents<P extends ProviderTypes>(
  call: Definition<P>,
  plan: Plan<P>,
  purpose: Purpose,
  reader: Reader,
  signal: AbortSignal | undefined,
): FoldedEvents<P> {
  const { layers } = call;
  const folded: FoldedEvents<P> = { events: undefined, run: undefined, folds: undefined };
  const begin = (request: OutgoingRequest<P>) => {
    const { origin, sent } = request;
    const run = new EventRun<P>({ ...origin, sent, folds: folded.folds });
    // One that others wait for as well is not this stream's to close, nor are its events what is shown here.
    if (!sent.shared) folded.run = run;
    return run;
  };
  const request = new OutgoingRequest<P>({ call, plan, purpose, reader }, firstSent(call, signal));
  if (layers === undefined || layers.stream.length === 0) {
    folded.events = begin(request);
    return folded;
  }
  if (!layers.passesEvents) folded.folds = new WeakMap();
  const first = through<Outgoing, EventStream>(layers.stream, enterStream, (outgoing) =>
    begin(ownRequest<P>(outgoing)),
  );
  folded.events = new LaterEvents(async () => {
    await loadPrices();
    return first(request);
  });
  return folded;
}

function enterStream(layer: Layer, outgoing: Outgoing, next: (outgoing: Outgoing) => EventStream): EventStream {
  let inner: EventStream | undefined;
  const outer = layer.stream?.(outgoing, (request) => {
    inner = next(request);
    return inner;
  });
  if (typeof outer?.[Symbol.asyncIterator] !== "function") {
    throw new ConfigError(
      `The layer ${layer.name ?? "without a name"} gave no events: its \`stream\` gives what \`next\` gives, or an async iterable.`,
    );
  }
  if (outer === inner || "head" in outer || "notes" in outer) return outer;
  return new EventsToldBy(
    () => outer[Symbol.asyncIterator](),
    () => inner,
  );
}
