import { read } from "./foreign.ts";

// A broken connection as the runtimes' own `fetch` and the SDKs' transports say it, in errors of no class of their own.

/** Node's names for a connection that could not be made or broke, https://nodejs.org/api/errors.html#common-system-errors. */
export const systemCodes: readonly string[] = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
];

// The `code` of such an error, each with the runtime that gives it.
const networkCodes: readonly string[] = [
  // Node and Bun
  ...systemCodes,
  // undici, https://undici.nodejs.org/#/docs/api/Errors
  "UND_ERR_SOCKET",
  // The Azure pipeline, Node's streams, Node's HTTP/2
  "REQUEST_SEND_ERROR",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_HTTP2_ERROR",
  "ERR_HTTP2_STREAM_ERROR",
  // Bun, https://github.com/oven-sh/bun/blob/main/src/http.zig
  "ConnectionRefused",
  "ConnectionClosed",
  "ConnectionReset",
  "FailedToOpenSocket",
];

// What `fetch` throws where there is no code: undici, Chromium, WebKit, Firefox.
const ofFetch: readonly string[] = [
  "fetch failed",
  "terminated",
  "Failed to fetch",
  "Load failed",
  "NetworkError when attempting to fetch resource.",
];

// Parts of what Deno says, in the words of reqwest and hyper (https://github.com/hyperium/hyper/blob/master/src/error.rs),
// and Bun. They are long enough that nobody else says them.
const ofRuntimes: readonly string[] = [
  "error sending request for url",
  "error reading a body from connection",
  "error decoding response body",
  "request or response body error",
  "connection closed before message completed",
  "end of file before message length reached",
  "unexpected EOF during chunk size line",
  "client error (Connect)",
  "client error (SendRequest)",
  "The socket connection was closed unexpectedly",
  "Unable to connect. Is the computer able to access the url?",
];

// Azure's pipeline gives what broke the body as the text behind its own, under the code of a body that cannot be parsed.
const ofAzure =
  /^Error reading response as text: (?:aborted|terminated|Premature close|other side closed|read ECONN\w+)$/;

/** True for an error of the language itself, or of a runtime, that says that a connection failed or broke. */
export function isBrokenConnection(error: object): boolean {
  const code = read(error, "code");
  if (typeof code === "string" && networkCodes.includes(code)) return true;
  const name = read(error, "name");
  if (typeof name === "string" && runtimeErrors.includes(name)) return true;
  const message = read(error, "message");
  if (typeof message !== "string") return false;
  return (
    (name === "TypeError" && ofFetch.includes(message)) ||
    ofAzure.test(message) ||
    ofRuntimes.some((text) => message.includes(text))
  );
}

/** Deno's own classes: https://docs.deno.com/api/deno/~/Deno.errors */
export const runtimeErrors: readonly string[] = [
  "BrokenPipe",
  "ConnectionAborted",
  "ConnectionRefused",
  "ConnectionReset",
  "NotConnected",
  "UnexpectedEof",
];
