import type { ProviderTypes } from "../contract/provider.ts";
import { checkOptions } from "../layers/options.ts";
import type { Tool } from "../tools/tool.ts";
import { type Piece, Pieces, type Streamed } from "./pieces.ts";
import { type ErrorOptions, errorResponse, type HeadersGiven, type Told, tell } from "./status.ts";

/** What every response may be told. */
export interface ResponseOptions extends ErrorOptions {
  /** Further headers. */
  readonly headers?: HeadersGiven | undefined;
  /** Ends the work when it is aborted before the body is read: the request's own `signal`. */
  readonly signal?: AbortSignal | undefined;
}

/** How pieces are written. */
export interface Writer {
  readonly headers: Readonly<Record<string, string>>;
  /** What stands before everything. */
  begin?(): string;
  write(pieces: readonly Piece[]): string;
  end(): string;
  /** What tells of an error in the middle; `undefined` where the form has no place for one: the body is broken off. */
  fail?(told: Told): string;
}

export const responseKeys = ["headers", "signal", "exposeErrors"] as const;

/**
 * A response whose body is written as the source goes on: not faster than it is read, and left when the reader leaves. An
 * error before the first event becomes a proper status.
 */
export async function respond<P extends ProviderTypes, T extends Tool>(
  name: string,
  source: Streamed<P, T>,
  options: ResponseOptions,
  writer: Writer,
): Promise<Response> {
  checkOptions(name, options, responseKeys);
  const { signal } = options;
  const pieces = new Pieces(source);
  const leave = () => void pieces.return();
  signal?.addEventListener("abort", leave, { once: true });
  let first: IteratorResult<readonly Piece[], undefined>;
  try {
    signal?.throwIfAborted();
    first = await pieces.next();
    signal?.throwIfAborted();
  } catch (error) {
    signal?.removeEventListener("abort", leave);
    return errorResponse(signal?.aborted ? new DOMException("The client went away.", "AbortError") : error, options);
  }
  const headers = new Headers(options.headers);
  for (const [key, value] of Object.entries(writer.headers)) headers.set(key, value);
  const body = bodyOf(pieces, first, writer, options, () => signal?.removeEventListener("abort", leave));
  return new Response(body, { headers });
}

function bodyOf(
  pieces: Pieces,
  first: IteratorResult<readonly Piece[], undefined>,
  writer: Writer,
  options: ErrorOptions,
  release: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let step: IteratorResult<readonly Piece[], undefined> | undefined = first;
  let opening = writer.begin?.() ?? "";
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          // An event may add nothing: the next one is asked for until there is something to give.
          for (let text = ""; text === ""; ) {
            step ??= await pieces.next();
            text = opening + (step.done ? writer.end() : writer.write(step.value));
            opening = "";
            if (text !== "") controller.enqueue(encoder.encode(text));
            if (step.done) {
              release();
              controller.close();
              return;
            }
            step = undefined;
          }
        } catch (error) {
          release();
          const told = tell(error, options);
          const text = writer.fail?.(told);
          if (text === undefined) controller.error(new Error(told.message));
          else {
            controller.enqueue(encoder.encode(text));
            controller.close();
          }
        }
      },
      cancel() {
        release();
        return pieces.return().then(() => undefined);
      },
    },
    // Nothing is asked for before somebody reads.
    { highWaterMark: 0 },
  );
}
