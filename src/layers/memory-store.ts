import type { CacheStore } from "./cache-store.ts";
import { checkOptions, wholeNumber } from "./options.ts";

/** How much a store in memory holds. */
export interface MemoryStoreOptions {
  /** The most answers it keeps; beyond that the one that was asked for least recently goes. 1,000 by default. */
  readonly entries?: number | undefined;
}

/** A store of a cache in the memory of this process. */
export interface MemoryStore extends CacheStore {
  /** How many answers it holds. */
  readonly size: number;
  /** Forgets all. */
  clear(): void;
}

/** Keeps answers in memory: the last `entries` that were asked for. Throws `ConfigError`. */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  checkOptions("memoryStore()", options, ["entries"]);
  const { entries = 1_000 } = options;
  wholeNumber("entries", entries, 1);
  // A map keeps the order in which its keys were set: the first is the one that was used longest ago.
  const kept = new Map<string, { readonly value: string; readonly until: number }>();
  return {
    get size() {
      return kept.size;
    },
    clear: () => kept.clear(),
    get(key) {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      if (found.until <= Date.now()) return undefined;
      kept.set(key, found);
      return found.value;
    },
    set(key, value, ttl = Number.POSITIVE_INFINITY) {
      kept.delete(key);
      kept.set(key, { value, until: Date.now() + ttl });
      const [oldest] = kept.keys();
      if (kept.size > entries && oldest !== undefined) kept.delete(oldest);
    },
  };
}
