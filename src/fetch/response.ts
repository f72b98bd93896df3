import { pipeline, Readable } from "node:stream";
import type { ReadableStream as NodeWebStream } from "node:stream/web";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Answer } from "./exchange.ts";
import type { WireRequest } from "./request.ts";

// https://fetch.spec.whatwg.org/#null-body-status and #redirect-status
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** An answer as `fetch` gives it. */
export function answerOf({ url, method }: WireRequest, answer: Answer, wasRedirected: boolean): Response {
  const { status, statusText, headers } = answer;
  const hasBody = method !== "HEAD" && !withoutBody.has(status);
  if (!hasBody) answer.discard();
  const response = new Response(hasBody ? decoded(answer) : null, { status, statusText, headers });
  // A response that is made by hand has no address.
  const { href } = new URL(url);
  return Object.defineProperties(response, {
    url: { value: href.slice(0, href.length - url.hash.length) },
    redirected: { value: wasRedirected },
  });
}

/** The request that an answer leads to; `undefined` where it is the answer. Throws as `fetch` rejects. */
export function redirected(request: WireRequest, { status, headers }: Answer): WireRequest | undefined {
  if (!redirects.has(status) || request.redirect === "manual") return undefined;
  if (request.redirect === "error") throw failed("unexpected redirect");
  const location = headers.get("location");
  if (location === null) return undefined;
  const url = URL.parse(location, request.url);
  if (url === null || !/^https?:$/.test(url.protocol)) throw failed("URL scheme must be a HTTP(S) scheme");
  if (status !== 303 && request.body instanceof ReadableStream) throw failed("a stream cannot be sent again");
  const kept = new Headers(request.headers);
  // Neither key nor cookie goes to another address.
  if (url.origin !== request.url.origin) drop(kept, ["authorization", "proxy-authorization", "cookie", "host"]);
  const { method } = request;
  const asks = status === 303 ? method !== "GET" && method !== "HEAD" : status < 303 && method === "POST";
  if (!asks) return { ...request, url, headers: kept };
  drop(kept, ["content-encoding", "content-language", "content-location", "content-type", "content-length"]);
  return { ...request, url, headers: kept, method: "GET", body: null };
}

function drop(headers: Headers, names: readonly string[]): void {
  for (const name of names) headers.delete(name);
}

function failed(message: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(message) });
}

/** The body without the encodings that its headers name. One that is not known stays as it is, as all around it. */
function decoded({ headers, body }: Answer): ReadableStream<Uint8Array> {
  const names = headers.get("content-encoding")?.toLowerCase().split(",") ?? [];
  const decoders = names.reverse().map((name) => decoderOf(name.trim()));
  const known = decoders.filter((decoder) => decoder !== undefined);
  const [first] = known;
  if (first === undefined || known.length < decoders.length) return body;
  // The two types of a web stream, the runtime's and Node's, are one class.
  const source = Readable.fromWeb(body as NodeWebStream<Uint8Array>);
  const last = pipeline([source, ...known], () => {}) as unknown as Readable;
  return Readable.toWeb(last) as ReadableStream<Uint8Array>;
}

function decoderOf(name: string) {
  // What has come is given out at once, and an end that is missing is none, as in Node's `fetch`.
  const zlib = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  const brotli = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };
  if (name === "gzip" || name === "x-gzip") return createGunzip(zlib);
  if (name === "deflate") return createInflate(zlib);
  return name === "br" ? createBrotliDecompress(brotli) : undefined;
}
