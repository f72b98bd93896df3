// A `fetch` for the SDKs' own option, over connections that are kept.
export { type PooledFetch, type PooledFetchOptions, pooledFetch } from "./pooled-fetch.ts";
