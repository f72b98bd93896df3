import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { RecordedResponse } from "./recordings.ts";
import { type Answer, type Handler, type Headers, pieces } from "./server.ts";

export { type Answer, type Handler, type LoopbackServer, type ServedRequest, startServer } from "./server.ts";

/**
 * A stream as its events: texts with their closing blank line, or frames of an AWS event stream. `sse` writes them,
 * `streamEvents` takes them from a recording. In every fault below `count` is how many events precede it.
 */
export type Events = readonly (string | Uint8Array)[];

/** Server-sent events with these data; what is no string is sent as JSON. */
export function sse(...data: unknown[]): string[] {
  return data.map((item) => `data: ${typeof item === "string" ? item : JSON.stringify(item)}\n\n`);
}

/** The events of a recorded stream; joined they are the recorded bytes. Throws for a recorded JSON body. */
export function streamEvents(response: RecordedResponse): Events {
  if ("body" in response) throw new TypeError("A recorded JSON body has no events.");
  if ("base64" in response) return frames(Buffer.from(response.base64, "base64"));
  return response.text.split(/(?<=\n\r?\n)(?=[^\r\n])/);
}

/** Each frame opens with its own length: smithy.io/2.0/aws/amazon-eventstream.html. */
function frames(bytes: Buffer): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const length = bytes.readUInt32BE(start);
    if (length < 16) throw new RangeError(`A frame of ${length} bytes cannot be.`);
    found.push(bytes.subarray(start, start + length));
    start += length;
  }
  return found;
}

/* Whole answers */

/** An answer with this body: a string as it is, anything else as JSON. `application/json` unless `headers` say otherwise. */
export function status(
  code: number,
  body: unknown = { error: { message: `fault ${code}` } },
  headers?: Headers,
): Handler {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (answer) => answer.send(code, { "content-type": "application/json", ...headers }, text);
}

const html = { "content-type": "text/html; charset=utf-8" };
const page = `<!DOCTYPE html><html><body><h1>Sign in to the network</h1>${"<p>portal</p>".repeat(800)}</body></html>`;

/** Success with no body at all. */
export const emptyBody200: Handler = status(200, "");
/** Success with the JSON `null`. */
export const null200: Handler = status(200, null);
/** Success with `{}`. */
export const emptyObject200: Handler = status(200, {});
/** Success with `[]`. */
export const emptyArray200: Handler = status(200, []);
/** What a captive portal answers: 10 kB of HTML. */
export const html200: Handler = status(200, page, html);
/** What a gateway answers whose backend is gone: 10 kB of HTML. */
export const html502: Handler = status(502, page, html);
/** What a proxy answers that cannot reach its backend. */
export const text503: Handler = status(503, "upstream connect error", { "content-type": "text/plain" });
/** JSON that stops in the middle of a string, with the content length to match. */
export const cutJson200: Handler = status(200, '{"id":"cut","choices":[{"index":0,"message":{"role":"assist');

/** A rate limit with this `retry-after`, e.g. one of `retryAfterValues()`. */
export function retryAfter(value: string, code = 429): Handler {
  return status(code, { error: { message: "slow down" } }, { "retry-after": value });
}

/** The header as servers send it, rightly and wrongly. `date` is one second from now, `past` one hour ago. */
export function retryAfterValues() {
  const date = (offset: number) => new Date(Date.now() + offset).toUTCString();
  return {
    zero: "0",
    seconds: "2",
    fraction: "0.5",
    day: "86400",
    date: date(1_000),
    past: date(-3_600_000),
    word: "soon",
    negative: "-5",
    nan: "NaN",
    empty: "",
  } as const;
}

/** The n-th request gets the n-th handler, later ones the last: `inTurn(retryAfter("0"), status(200, answer))`. */
export function inTurn(...handlers: readonly [Handler, ...Handler[]]): Handler {
  return (answer) => (handlers[answer.index] ?? handlers.at(-1))?.(answer);
}

/* Silence and broken connections */

/** Takes the request and never answers. */
export const hang: Handler = () => {};

/** Breaks the connection (RST) without a byte of an answer. */
export const disconnect: Handler = (answer) => answer.reset();

/** Status 200, the headers and half of this body, then silence. */
export function headerThenStall(body = '{"id":"stall","object":"chat.completion"}'): Handler {
  return async (answer) => {
    answer.head(200, { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) });
    await answer.write(body.slice(0, body.length / 2));
  };
}

/** Some events (default: all), then silence. */
export function streamStall(events: Events, count = events.length): Handler {
  return async (answer) => void (await writeEvents(answer, events.slice(0, count)));
}

/** Some events, then an orderly end of the answer: on the wire nothing tells that more was due. */
export function cleanCut(events: Events, count: number): Handler {
  return whole(events.slice(0, count));
}

/** Some events, then an orderly end of the connection (FIN) before the announced content length. */
export function shortLength(events: Events, count: number): Handler {
  return async (answer) => {
    const length = Buffer.concat(events.map((event) => Buffer.from(event))).length;
    await writeEvents(answer, events.slice(0, count), { "content-length": String(length) });
    answer.cut();
  };
}

/** Some events, then the connection breaks (RST). */
export function reset(events: Events, count: number): Handler {
  return async (answer) => {
    await writeEvents(answer, events.slice(0, count));
    // A reset can overtake bytes the client has not read yet, and the events are to arrive.
    await pause(25);
    answer.reset();
  };
}

/**
 * A port of 127.0.0.1 that nobody listens on, as `http://127.0.0.1:<port>`: connecting gives `ECONNREFUSED`. It is below the
 * ports that the system gives to whoever asks for any, so that no server of another test gets it in the meantime.
 */
export async function closedPort(): Promise<string> {
  const server = createServer();
  const port = 10_000 + Math.floor(Math.random() * 20_000);
  const isFree = await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!isFree) return closedPort();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/* Wrong events */

/** Error events in the words of each provider. Hand-written after the providers' error references, not recorded. */
export const errorEvents = {
  openai: sse({ error: { message: "The server had an error", type: "server_error", param: null, code: null } })[0]!,
  groq: `event: error\n${sse({ error: { message: "Failed to call a function", type: "invalid_request_error" } })[0]}`,
  anthropic: `event: error\n${sse({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } })[0]}`,
  gemini: sse({ error: { code: 503, message: "The model is overloaded", status: "UNAVAILABLE" } })[0]!,
  cohere: `event: message-end\n${sse({ type: "message-end", delta: { finish_reason: "ERROR", error: "failed" } })[0]}`,
} as const;

/** Some events, then an error (of `errorEvents`, or an AWS exception frame), then the orderly end. */
export function errorEvent(events: Events, count: number, error: string | Uint8Array): Handler {
  return whole([...events.slice(0, count), error]);
}

/** All events, and before the one at `count` another whose data is no JSON. */
export function badJsonEvent(events: Events, count: number): Handler {
  return whole([...events.slice(0, count), 'data: {"choices":[{"del\n\n', ...events.slice(count)]);
}

/* Odd but right: the answer has to be the same */

/** The whole stream in pieces of so many bytes, cutting through characters and lines. */
export function splitBytes(events: Events, size = 1): Handler {
  return async (answer) => {
    const bytes = Buffer.concat(events.map((event) => Buffer.from(event)));
    if (await writeEvents(answer, [...pieces(bytes, size)], streamHeaders(events))) answer.end();
  };
}

/** Lines end with CR LF. Text events only. */
export function crlf(events: readonly string[]): Handler {
  return whole(events.map((event) => event.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n")));
}

/** A comment before each event, as proxies send to keep a connection alive. */
export function comments(events: readonly string[]): Handler {
  return whole(events.flatMap((event) => [": keep-alive\n\n", event]));
}

/** A byte order mark opens the stream. */
export function bom(events: readonly string[]): Handler {
  return whole(["\uFEFF", ...events]);
}

/** No `[DONE]` at the end. */
export function noDone(events: readonly string[]): Handler {
  return whole(events.filter((event) => event.trim() !== "data: [DONE]"));
}

/** The stream compressed. */
export function gzip(events: Events): Handler {
  const bytes = gzipSync(Buffer.concat(events.map((event) => Buffer.from(event))));
  return (answer) => answer.send(200, { ...streamHeaders(events), "content-encoding": "gzip" }, bytes);
}

/** All events, with a pause before each (milliseconds). Ends early when the client leaves. */
export function slow(events: Events, delayMs: number): Handler {
  return async (answer) => {
    if (await writeEvents(answer, events, {}, delayMs)) answer.end();
  };
}

/** All events and the orderly end: no fault at all, to compare with. */
export function whole(events: Events): Handler {
  return async (answer) => {
    if (await writeEvents(answer, events)) answer.end();
  };
}

function streamHeaders(events: Events): Headers {
  const isText = typeof (events[0] ?? "") === "string";
  return { "content-type": isText ? "text/event-stream; charset=utf-8" : "application/vnd.amazon.eventstream" };
}

/** `false` when the client left before the last event. */
async function writeEvents(answer: Answer, events: Events, headers: Headers = {}, delayMs = 0): Promise<boolean> {
  answer.head(200, { ...streamHeaders(events), ...headers });
  for (const event of events) {
    if (delayMs > 0) await pause(delayMs);
    if (!(await answer.write(event))) return false;
  }
  return true;
}

/** Holds no process open: a test may end while a server still waits. */
function pause(delayMs: number): Promise<void> {
  return delay(delayMs, undefined, { ref: false });
}
