import type { Dispatcher } from "undici";
import { missingSdk } from "../contract/sdk.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { exchange } from "./exchange.ts";
import { readPlain, readWhole, type WireRequest } from "./request.ts";
import { answerOf, redirected } from "./response.ts";

/** How connections are kept. */
export interface PooledFetchOptions {
  /** The most connections to one host at once; what is more waits for one. Default: 128. */
  readonly connections?: number;
  /** Milliseconds an idle connection is kept, where the server does not say another time. Default: 60,000. */
  readonly keepAliveTimeout?: number;
  /** Whether HTTP/2 is spoken where the server offers it. Default: true. */
  readonly http2?: boolean;
  /** A dispatcher of undici's own in place of the pool: a `ProxyAgent`, say. Closing it stays yours. */
  readonly dispatcher?: Dispatcher;
}

/** A `fetch` with connections of its own. */
export interface PooledFetch extends AsyncDisposable {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Closes the connections once the requests that are under way have ended. It serves no further request. */
  close(): Promise<void>;
}

const keys: readonly string[] = [
  "connections",
  "keepAliveTimeout",
  "http2",
  "dispatcher",
] satisfies (keyof PooledFetchOptions)[];

/**
 * A `fetch` for the `fetch` option of an SDK's client: `new OpenAI({ fetch: pooledFetch() })`. It does what Node's own does
 * with less work a request, and keeps and bounds its connections. One for a process is enough; nothing is opened before the
 * first request. Needs the package `undici`, version 8. Throws `ConfigError`.
 */
export function pooledFetch(options: PooledFetchOptions = {}): PooledFetch {
  checkOptions(options);
  let dispatcher: Promise<Dispatcher> | undefined;
  const pooled = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = readPlain(input, init) ?? (await readWhole(input, init));
    // What is no request over HTTP (`data:`, `blob:`) needs no connection.
    if (request === undefined) return fetch(input, init);
    request.signal?.throwIfAborted();
    dispatcher ??= open(options);
    return follow(await dispatcher, request);
  };
  const close = async () => {
    const opened = await dispatcher?.catch(() => undefined);
    if (options.dispatcher === undefined) await opened?.close();
  };
  return Object.assign(pooled, { close, [Symbol.asyncDispose]: close });
}

async function open({ connections = 128, keepAliveTimeout = 60_000, http2 = true, dispatcher }: PooledFetchOptions) {
  if (dispatcher !== undefined) return dispatcher;
  const { Agent } = await import("undici").catch(missingSdk("undici", "fetch"));
  return new Agent({ connections, keepAliveTimeout, allowH2: http2 });
}

// https://fetch.spec.whatwg.org/#http-redirect-fetch
const mostRedirects = 20;

async function follow(dispatcher: Dispatcher, first: WireRequest): Promise<Response> {
  let request = first;
  for (let count = 0; ; count++) {
    const answer = await exchange(dispatcher, request);
    const next = redirected(request, answer);
    if (next === undefined) return answerOf(request, answer, count > 0);
    answer.discard();
    if (count === mostRedirects) throw new TypeError("fetch failed", { cause: new Error("redirect count exceeded") });
    request = next;
  }
}

function checkOptions(options: PooledFetchOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`pooledFetch() takes an object of options; it was given ${describe(options)}.`);
  }
  const unknown = unknownKey("pooledFetch() has no option", options, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { connections, keepAliveTimeout, http2, dispatcher } = options;
  checkNumber("connections", connections, "a number of connections");
  checkNumber("keepAliveTimeout", keepAliveTimeout, "a time in milliseconds");
  if (http2 !== undefined && typeof http2 !== "boolean") {
    throw new ConfigError(`\`http2\` is true or false; it was given ${describe(http2)}.`);
  }
  if (dispatcher !== undefined && typeof dispatcher?.dispatch !== "function") {
    throw new ConfigError(`\`dispatcher\` is one of undici's; it was given ${describe(dispatcher)}.`);
  }
}

function checkNumber(name: string, value: number | undefined, what: string): void {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return;
  throw new ConfigError(`\`${name}\` is ${what}, a whole number from 1; it was given ${String(value)}.`);
}
