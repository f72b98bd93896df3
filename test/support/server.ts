import { createServer as createHttpServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { createServer as createHttp2Server, type Http2ServerRequest } from "node:http2";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import type { Writable } from "node:stream";
import { text as readText } from "node:stream/consumers";

/** One request as it arrived. `body` is the parsed JSON, or `undefined` when `text` is empty or no JSON. */
export interface ServedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

/** What a handler does with one request. Returning without ending the answer leaves the client waiting. */
export type Handler = (answer: Answer) => void | Promise<void>;

/** The headers of one answer, lower-case names. */
export type Headers = Readonly<Record<string, string>>;

/** A server on 127.0.0.1 that speaks HTTP/1.1 and cleartext HTTP/2 on one port. */
export interface LoopbackServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string;
  /** Every request whose body arrived whole, in that order. */
  readonly requests: readonly ServedRequest[];
  /** How many connections clients have opened so far. */
  readonly connections: number;
  /**
   * When a client first gave up a request that was not fully answered, on the clock of `performance.now()`
   * (milliseconds). Pending for as long as none did; the server's own cuts and `close()` do not count.
   */
  readonly clientClosed: Promise<number>;
  /** Destroys every connection. Throws what a handler threw, so that a broken handler fails its test. */
  close(): Promise<void>;
}

type Request = IncomingMessage | Http2ServerRequest;

/** What the response objects of both protocols share. The types of HTTP/2 lack `flushHeaders`, its objects do not. */
type Response = Writable & {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  flushHeaders?(): void;
};

/** One answer in the making: whole with `send`, or `head`, `write`… and one of `end`, `cut` and `reset`. */
export class Answer {
  readonly request: ServedRequest;
  /** 0 for the server's first request. */
  readonly index: number;
  readonly #socket: Socket;
  readonly #response: Response;
  #finished = false;

  constructor(request: ServedRequest, index: number, socket: Socket, response: Response) {
    this.request = request;
    this.index = index;
    this.#socket = socket;
    this.#response = response;
  }

  /** True once the server has done its part: whatever closes afterwards was not the client's choice. */
  get finished(): boolean {
    return this.#finished;
  }

  /** The whole answer at once, with its content length. */
  send(status: number, headers: Headers, body: string | Uint8Array): void {
    const bytes = Buffer.from(body);
    this.#setHead(status, { ...headers, "content-length": String(bytes.length) });
    this.#finished = true;
    this.#response.end(bytes);
  }

  /** Status and headers, sent right away. */
  head(status: number, headers: Headers): void {
    this.#setHead(status, headers);
    this.#response.flushHeaders?.();
  }

  /** Resolves when the bytes have left this process: `false` when the client is gone and writing more is pointless. */
  write(bytes: string | Uint8Array): Promise<boolean> {
    const response = this.#response;
    if (response.destroyed || this.#socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onClose = () => resolve(false);
      response.once("close", onClose);
      response.write(Buffer.from(bytes), (error?: Error | null) => {
        response.off("close", onClose);
        resolve(!error);
      });
    });
  }

  /** Ends the answer as HTTP wants it. */
  end(): void {
    this.#finished = true;
    this.#response.end();
  }

  /** Closes the connection in order (FIN), wherever the answer stands. */
  cut(): void {
    this.#finished = true;
    this.#socket.destroySoon();
  }

  /** Breaks the connection (RST), wherever the answer stands. */
  reset(): void {
    this.#finished = true;
    this.#socket.resetAndDestroy();
  }

  #setHead(status: number, headers: Headers): void {
    this.#response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.#response.setHeader(name, value);
  }
}

/** Starts a server on a free port of 127.0.0.1. A handler that throws breaks its connection and fails `close()`. */
export async function startServer(handler: Handler): Promise<LoopbackServer> {
  const requests: ServedRequest[] = [];
  const failures: unknown[] = [];
  const { promise: clientClosed, resolve: noteClientClosed } = Promise.withResolvers<number>();
  let closing = false;

  async function serve(socket: Socket, incoming: Request, response: Response): Promise<void> {
    let answer: Answer | undefined;
    response.on("close", () => {
      if (!answer?.finished && !closing) noteClientClosed(performance.now());
    });
    const request = await readRequest(incoming);
    if (!request) return;
    answer = new Answer(request, requests.push(request) - 1, socket, response);
    try {
      await handler(answer);
    } catch (error) {
      failures.push(error);
      answer.reset();
    }
  }

  const listener = await listen(serve);
  const close = async () => {
    closing = true;
    await listener.close();
    if (failures.length > 0) throw failures[0];
  };
  return {
    url: listener.url,
    requests,
    get connections() {
      return listener.connections();
    },
    clientClosed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Serve = (socket: Socket, request: Request, response: Response) => Promise<void>;

async function listen(serve: Serve): Promise<{ url: string; connections(): number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createSocketServer({ noDelay: true }, (socket) => {
    connections += 1;
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    // A client may reset its connection at any time; `close` follows and is what counts.
    socket.on("error", () => {});
    route(socket, serve);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { url: `http://127.0.0.1:${port}`, connections: () => connections, close };
}

/** Hands a connection to HTTP/2 when it opens with that protocol's preface, else to HTTP/1.1. RFC 9113, 3.4. */
function route(socket: Socket, serve: Serve): void {
  const accept = (request: Request, response: Response) => void serve(socket, request, response);
  socket.once("readable", () => {
    const start: Buffer | null = socket.read();
    if (!start) return;
    socket.unshift(start);
    const isHttp2 = start.subarray(0, 3).toString("latin1") === "PRI";
    const protocol = isHttp2 ? createHttp2Server(accept) : createHttpServer(accept);
    // Sessions of a client that vanished report it here; without a listener that would be an uncaught exception.
    protocol.on("sessionError", () => {});
    protocol.emit("connection", socket);
  });
}

async function readRequest(incoming: Request): Promise<ServedRequest | undefined> {
  try {
    const text = await readText(incoming);
    const { method = "", url = "", headers } = incoming;
    return { method, path: url, headers, text, body: parseJson(text) };
  } catch {
    // The client left before its request was whole: there is nobody to answer.
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The bytes in pieces of `size`, the last one possibly shorter. */
export function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  if (!(size >= 1)) throw new RangeError(`A piece has at least 1 byte, not ${size}.`);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
