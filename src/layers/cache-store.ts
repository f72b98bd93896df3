/**
 * Where a cache keeps answers: two methods, each of which may be asynchronous. A value is JSON text; no header and no key
 * is in it. A store that fails does not fail the call: it is as if nothing had been kept.
 */
export interface CacheStore {
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** `ttl` in milliseconds; what is older is not used again, whether or not the store forgets it. */
  set(key: string, value: string, ttl: number | undefined): unknown;
}
