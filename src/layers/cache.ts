import { addressOf } from "../contract/address.ts";
import { type EventStream, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { encodeBytes } from "../message/history.ts";
import { OutgoingRequest } from "../send/outgoing.ts";
import { type Flight, sharedAnswer } from "./cache-answer.ts";
import { type EventFlight, SharedEvents } from "./cache-events.ts";
import type { Keeping } from "./cache-keeping.ts";
import type { CacheStore } from "./cache-store.ts";
import { hashOf } from "./hash.ts";
import { amount, checkOptions } from "./options.ts";

/** What a cache keeps, and for how long. */
export interface CacheOptions {
  /** Milliseconds an answer may be used again; for ever by default. */
  readonly ttl?: number | undefined;
  /**
   * What tells requests to one model apart, in place of the exact request: any JSON value. `undefined` for a request that
   * is neither looked for nor kept.
   */
  readonly key?: ((request: Outgoing) => unknown) | undefined;
}

// What is asked at the same time for one store is asked once, whichever layer holds the store.
const flights = new WeakMap<CacheStore, Flights>();

/** What is being asked, by key. */
interface Flights {
  readonly whole: Map<string, Flight>;
  readonly streams: Map<string, EventFlight>;
}

/**
 * Gives an answer again that was given to the same request: to the same model of the same provider, at the client's
 * address, exact to the last key. Kept is what is whole, not cut, not refused, and fits its response model. What is asked
 * several times at once is sent once, and goes on while anybody waits for it. An answer from the cache cost nothing and
 * says so (`cached`); a stream is given with its events. Throws `ConfigError` for what is no store.
 */
export function cache(store: CacheStore, options: CacheOptions = {}): Layer {
  if (typeof store?.get !== "function" || typeof store.set !== "function") {
    throw new ConfigError(
      `cache() needs a store with \`get\` and \`set\`, such as memoryStore(); it was given ${describe(store)}.`,
    );
  }
  checkOptions("cache()", options, ["ttl", "key"]);
  const { ttl, key } = options;
  if (ttl !== undefined) amount("ttl", ttl);
  if (key !== undefined && typeof key !== "function") {
    throw new ConfigError(`\`key\` is a function of the request; it was given ${describe(key)}.`);
  }
  const shared: Flights = flights.get(store) ?? { whole: new Map(), streams: new Map() };
  flights.set(store, shared);
  return {
    name: "cache",
    [passesEvents]: true,
    async send(request, next) {
      const keeping = await keepingOf(store, options, request);
      if (keeping === undefined) return next(request);
      return sharedAnswer(shared.whole, keeping, next);
    },
    stream: (request, next): EventStream =>
      new SharedEvents(shared.streams, request, next, () => keepingOf(store, options, request)),
  };
}

/** Where the answer to a request is kept; `undefined` where it is not to be. */
async function keepingOf(
  store: CacheStore,
  { ttl, key }: CacheOptions,
  request: Outgoing,
): Promise<Keeping | undefined> {
  if (!(request instanceof OutgoingRequest)) return undefined;
  const { provider, model, prepared, origin } = request as OutgoingRequest<ProviderTypes>;
  const exact = key === undefined ? prepared.request : key(request);
  if (exact === undefined) return undefined;
  const own = origin.call.provider;
  // The default client's address is in its environment: it is made for that.
  const address = own.address || own.endpoint ? await addressOf(own, await own.client(origin.plan.client)) : undefined;
  const text = JSON.stringify([1, provider, model, address ?? null, prepared.stream, encodeBytes(exact)]);
  return { store, ttl, key: await hashOf(text), request: request as OutgoingRequest<ProviderTypes> };
}
