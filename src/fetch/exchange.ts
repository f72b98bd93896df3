import type { Dispatcher } from "undici";
import type { WireRequest } from "./request.ts";

/** What a server answered, its body as it comes. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array>;
  /** Gives the body up. */
  discard(): void;
}

/** Sends one request and gives its answer once the headers are there. Rejects as `fetch` does. */
export function exchange(dispatcher: Dispatcher, request: WireRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const handler = new Exchange(request.signal, resolve, reject);
    const { url, method, headers, body } = request;
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: method as Dispatcher.HttpMethod,
        headers: Object.fromEntries(headers),
        // A web stream is an async iterable, which undici sends piece by piece; its types name Node's streams alone.
        body: body as Uint8Array | null,
      },
      handler,
    );
  });
}

// How many bytes wait for a slow reader before the connection does.
const buffered = new ByteLengthQueuingStrategy({ highWaterMark: 65_536 });

class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  #connection: Dispatcher.DispatchController | undefined;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  #over = false;

  constructor(signal: AbortSignal | undefined, resolve: (answer: Answer) => void, reject: (error: unknown) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  onRequestStart(connection: Dispatcher.DispatchController): void {
    // It may have waited for a connection until nobody waited for it any more.
    if (this.#over) connection.abort(leftError());
    this.#connection = connection;
  }

  onResponseStart(
    connection: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusText = "",
  ): void {
    if (status < 200 || this.#over) return;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#body = controller;
        },
        pull: () => connection.resume(),
        cancel: () => this.#leave(),
      },
      buffered,
    );
    this.#resolve({ status, statusText, headers: toHeaders(headers), body, discard: () => this.#leave() });
  }

  onResponseData(connection: Dispatcher.DispatchController, piece: Uint8Array): void {
    if (this.#over) return;
    this.#body?.enqueue(piece);
    if ((this.#body?.desiredSize ?? 1) <= 0) connection.pause();
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#end();
    this.#body?.close();
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.#fail(new TypeError(this.#body === undefined ? "fetch failed" : "terminated", { cause }));
  }

  readonly #onAbort = () => {
    this.#fail(this.#signal?.reason);
    this.#connection?.abort(leftError());
  };

  /** Nobody reads it: the connection is closed where the answer is not whole. */
  #leave(): void {
    if (this.#over) return;
    this.#end();
    this.#connection?.abort(leftError());
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#end();
    if (this.#body === undefined) this.#reject(error);
    else this.#body.error(error);
  }

  #end(): void {
    this.#over = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}

function leftError(): Error {
  return new DOMException("The operation was aborted.", "AbortError");
}

function toHeaders(given: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    // HTTP/2 has the status among them.
    if (value === undefined || name.startsWith(":")) continue;
    if (typeof value === "string") headers.append(name, value);
    else for (const one of value) headers.append(name, one);
  }
  return headers;
}
