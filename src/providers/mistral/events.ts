import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import { ResponseError } from "../../errors/errors.ts";

/**
 * The SDK's events, ended by the signal. The SDK hands the signal to a cloned request, and Node drops such a one with
 * the next garbage collection (https://github.com/nodejs/undici/issues/4068): the stream is cancelled here instead, so
 * that an abort always closes the connection.
 */
export class EventReader implements AsyncIterableIterator<sdk.CompletionEvent, undefined> {
  readonly #reader: ReadableStreamDefaultReader<sdk.CompletionEvent>;
  readonly #signal: AbortSignal | undefined;

  constructor(events: AsyncIterable<sdk.CompletionEvent>, signal: AbortSignal | undefined) {
    // An instrumented client may give any iterable in the SDK's stream's place.
    const stream =
      "getReader" in events ? (events as ReadableStream<sdk.CompletionEvent>) : ReadableStream.from(events);
    this.#reader = stream.getReader();
    this.#signal = signal;
    if (signal?.aborted) this.#cancel();
    else signal?.addEventListener("abort", this.#cancel, { once: true });
  }

  async next(): Promise<IteratorResult<sdk.CompletionEvent, undefined>> {
    try {
      const { done, value } = await this.#reader.read();
      this.#signal?.throwIfAborted();
      if (!done) return { done, value };
    } catch (error) {
      this.#stopListening();
      throw this.#signal?.aborted ? this.#signal.reason : isZodError(error) ? unreadable(error) : error;
    }
    return this.return();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#stopListening();
    this.#cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #cancel = (): void => {
    // A stream that has failed refuses to be cancelled with what it failed with: whoever reads it was told.
    this.#reader.cancel().catch(() => {});
  };

  #stopListening(): void {
    this.#signal?.removeEventListener("abort", this.#cancel);
  }
}

interface ZodError extends Error {
  readonly issues: readonly { readonly path: readonly PropertyKey[] }[];
}

function isZodError(error: unknown): error is ZodError {
  return error instanceof Error && error.name === "ZodError" && Array.isArray((error as Partial<ZodError>).issues);
}

// The event itself is nowhere to be had: the SDK reads it inside its stream, and its validator keeps no input.
function unreadable(cause: ZodError): ResponseError {
  const places = cause.issues.map(({ path }) => path.join(".")).join(", ");
  const message = `mistral sent an event that its SDK cannot read (${places}): it is broken, an error, or of a new kind.`;
  return new ResponseError("mistral", message, undefined, { cause });
}
