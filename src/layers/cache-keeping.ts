import type { Outgoing } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { TimeoutError } from "../errors/errors.ts";
import { isTimed } from "../send/limit.ts";
import type { OutgoingRequest } from "../send/outgoing.ts";
import { joinSignals } from "../send/signals.ts";
import { type CacheEntry, parseEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";

/** Where the answer to one request is kept. */
export interface Keeping {
  readonly store: CacheStore;
  readonly ttl: number | undefined;
  readonly key: string;
  readonly request: OutgoingRequest<ProviderTypes>;
}

/** What is kept, where it fits this request. A store that fails has nothing. */
export async function lookUp<Value>(
  { store, key }: Keeping,
  use: (entry: CacheEntry) => Promise<Value | undefined>,
): Promise<Value | undefined> {
  try {
    const entry = parseEntry(await store.get(key));
    return entry && (await use(entry));
  } catch {
    return undefined;
  }
}

/** Keeps an answer. What was paid for is not lost with a store that fails. */
export async function keep(
  { store, key, ttl }: Keeping,
  answer: Pick<CacheEntry, "response" | "events">,
): Promise<void> {
  const entry: CacheEntry = { version: 1, until: ttl === undefined ? null : Date.now() + ttl, ...answer };
  try {
    await store.set(key, JSON.stringify(entry), ttl);
  } catch {
    // As if it had not been kept.
  }
}

/** How long one caller waits for what another has asked: by its signal, and by its time limit. */
export interface Patience {
  readonly signal: AbortSignal | undefined;
  /** True where the time limit was the reason. */
  readonly late: boolean;
  /** Must be called when the waiting is over. */
  clear(): void;
}

export function patienceOf({ signal, timeout }: Outgoing): Patience {
  if (!isTimed(timeout)) return { signal, late: false, clear() {} };
  const limit = new AbortController();
  const expired = () => limit.abort(new TimeoutError(`No whole answer within ${timeout} ms.`, timeout));
  const timer = setTimeout(expired, timeout);
  return {
    signal: joinSignals(signal, limit.signal),
    get late() {
      return limit.signal.aborted;
    },
    clear: () => clearTimeout(timer),
  };
}
