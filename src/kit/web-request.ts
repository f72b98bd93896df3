import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { missingSdk } from "../contract/sdk.ts";
import { abortable } from "./abortable.ts";
import { publicAddresses } from "./addresses.ts";
import { ToolFailure } from "./tool-failure.ts";
import { names, type WebRules } from "./web-options.ts";

/** What is asked. */
export interface WebRequest {
  readonly url: string;
  readonly method: string;
  /** The model's headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly followRedirects?: boolean;
}

/** What came, whole. */
export interface WebAnswer {
  readonly url: URL;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What another origin may be told of the headers that were meant for the first. */
const harmless: ReadonlySet<string> = new Set(["accept", "accept-language", "content-type", "user-agent"]);

/**
 * Asks for an address within the rules: http and https alone, hosts on the public internet alone, each redirect checked as
 * the first address, the connection made to the very address that was checked. Throws `ToolFailure`.
 */
export async function webRequest(
  request: WebRequest,
  rules: WebRules,
  signal: AbortSignal | undefined,
): Promise<WebAnswer> {
  const clock = AbortSignal.timeout(rules.timeout);
  const both = signal === undefined ? clock : AbortSignal.any([signal, clock]);
  try {
    return await follow(request, rules, both);
  } catch (error) {
    if (clock.aborted) throw new ToolFailure("limit", `There was no whole answer within ${rules.timeout} ms.`);
    throw error;
  }
}

async function follow(request: WebRequest, rules: WebRules, signal: AbortSignal): Promise<WebAnswer> {
  let { method, body, headers = {} } = request;
  let url = checkedUrl(request.url, rules);
  for (let count = 0; ; count++) {
    const hop = { url, method, headers, body };
    const { answer, location } = await once(hop, rules, signal);
    if (location === null || !redirects.has(answer.status) || request.followRedirects === false) return answer;
    if (count >= rules.maxRedirects) {
      throw new ToolFailure("limit", `The address redirects more than ${rules.maxRedirects} times.`);
    }
    const next = checkedUrl(location, rules, url);
    // https://fetch.spec.whatwg.org/#http-redirect-fetch
    const asGet = answer.status === 303 ? method !== "HEAD" : answer.status < 303 && method === "POST";
    if (asGet) [method, body] = ["GET", undefined];
    if (next.origin !== url.origin) {
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())));
    }
    url = next;
  }
}

function checkedUrl(given: string, rules: WebRules, base?: URL): URL {
  const url = URL.parse(given, base?.href);
  if (url === null)
    throw new ToolFailure("refused", `${JSON.stringify(given.slice(0, 200))} is no address of the web.`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ToolFailure("refused", `Only http and https are allowed, not "${url.protocol}".`);
  }
  if (base?.protocol === "https:" && url.protocol === "http:") {
    throw new ToolFailure("refused", "The address redirects from https to http, which is not followed.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new ToolFailure("refused", "An address with a user or a password in it is not allowed.");
  }
  if (!names(rules.hosts, url)) throw new ToolFailure("refused", `The host "${url.host}" is not one of those allowed.`);
  return url;
}

interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

async function once({ url, method, headers, body }: Hop, rules: WebRules, signal: AbortSignal) {
  const { Agent, fetch } = await import("undici").catch(missingSdk("undici", "tools"));
  const mayBePrivate = names(rules.privateHosts, url);
  const addresses = await abortable(publicAddresses(url.hostname, { lookup: rules.lookup, mayBePrivate }), signal);
  // A connection of its own, to what was just checked and nothing else: a name that means another address now is not asked.
  const agent = new Agent({ connect: { lookup: pinned(addresses) }, pipelining: 0 });
  try {
    const sent = { ...headers, ...rules.headers(url) };
    const response = await fetch(url, {
      method,
      headers: sent,
      redirect: "manual",
      dispatcher: agent,
      signal,
      ...(body !== undefined && { body }),
    });
    const location = response.headers.get("location");
    const { status, statusText } = response;
    const skip = location !== null && redirects.has(status);
    const bytes = skip ? new Uint8Array() : await readBody(response, rules.maxBytes);
    // The two libraries' `Headers` are the same list of pairs.
    const answer = { url, status, statusText, headers: new Headers([...response.headers]), bytes };
    return { answer, location };
  } catch (error) {
    if (error instanceof ToolFailure || signal.aborted) throw error;
    throw new ToolFailure("failed", `The request to "${url.host}" failed: ${reasonOf(error)}.`, { cause: error });
  } finally {
    await agent.destroy();
  }
}

/** Answers every question about a host with the addresses that were checked. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, answer) => {
    const [first] = addresses;
    if (options.all) answer(null, [...addresses]);
    else answer(null, first?.address ?? "", first?.family);
  };
}

async function readBody(
  response: { readonly headers: { get(name: string): string | null }; readonly body: unknown },
  most: number,
) {
  const tooLarge = () => new ToolFailure("limit", `The answer is larger than ${most} bytes.`);
  if (Number(response.headers.get("content-length") ?? 0) > most) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > most) throw tooLarge();
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** The network's word for what went wrong, without addresses or paths. */
function reasonOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && /^[A-Z_0-9]+$/.test(code)) return code;
  }
  return error instanceof Error ? error.name : "unknown";
}
