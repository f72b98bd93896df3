/** One request as it goes to a connection. */
export interface WireRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** A text and bytes can be sent again, a stream cannot. */
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal | undefined;
  readonly redirect: "follow" | "error" | "manual";
}

/** A request as the SDKs mostly describe it, a text to an address; `undefined` for every other. */
export function readPlain(input: string | URL | Request, init: RequestInit = {}): WireRequest | undefined {
  const { method = "GET", body = null, signal, redirect = "follow", headers } = init;
  if (typeof input !== "string" && !(input instanceof URL)) return undefined;
  const isPlainBody = method === "POST" && (typeof body === "string" || body instanceof Uint8Array);
  if (!isPlainBody && (body !== null || (method !== "GET" && method !== "POST"))) return undefined;
  if (signal != null && !(signal instanceof AbortSignal)) return undefined;
  const url = URL.parse(input);
  if (url === null || !isHttp(url) || url.username !== "" || url.password !== "") return undefined;
  const sent = new Headers(headers);
  if (typeof body === "string" && !sent.has("content-type")) sent.set("content-type", "text/plain;charset=UTF-8");
  return {
    url,
    method,
    headers: withDefaults(sent, url),
    body: body as WireRequest["body"],
    signal: signal ?? undefined,
    redirect,
  };
}

/** Every other, as `Request` reads it; `undefined` for an address that is not HTTP's. Rejects with what `Request` throws. */
export async function readWhole(input: string | URL | Request, init?: RequestInit): Promise<WireRequest | undefined> {
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (!isHttp(url)) return undefined;
  const { method, headers, signal, redirect } = request;
  // A form or a file is sent with its length; what has none is sent as it comes.
  const body =
    isStream(init?.body) || request.body === null ? request.body : new Uint8Array(await request.arrayBuffer());
  return { url, method, headers: withDefaults(new Headers(headers), url), body, signal, redirect };
}

function isHttp({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

function isStream(body: unknown): boolean {
  return body instanceof ReadableStream || (typeof body === "object" && body !== null && Symbol.asyncIterator in body);
}

// What Node's `fetch` adds: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
function withDefaults(headers: Headers, { protocol }: URL): Headers {
  const add = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value);
  };
  add("accept", "*/*");
  add("accept-language", "*");
  add("sec-fetch-mode", "cors");
  add("user-agent", "node");
  add("accept-encoding", protocol === "https:" ? "br, gzip, deflate" : "gzip, deflate");
  return headers;
}
