import type { Buffered } from "../contract/buffered.ts";
import type { HttpHead } from "../contract/provider.ts";
import { EventScanner } from "./event-stream.ts";
import { isOfResponse, isUnwatched, type SdkStream, silent } from "./sdk-stream.ts";

// The SDKs of one family (`openai`, `@anthropic-ai/sdk`, `groq-sdk`: all made by one generator) read a stream through
// several async generators, one in the other, which is two thirds of what it costs. Here its body is read directly, while
// the SDK still builds, signs, repeats and refuses the request. Whatever is no ordinary event is given to the SDK's own
// reader, so that its errors are its own.

/** What becomes of an event beside being given out. */
export const verdict = {
  /** Nothing: the SDK leaves it out. */
  skip: Symbol("skip"),
  /** The stream ends here, and the rest of it is not read. */
  end: Symbol("end"),
  /** Nothing is given out any more, but the rest is read. */
  drain: Symbol("drain"),
  /** The SDK's own reader says what it is: an error, mostly. */
  ask: Symbol("ask"),
  /** The same, and the name of the event is not to be told. */
  askUnnamed: Symbol("askUnnamed"),
} as const;

/** How one SDK reads its events. */
export interface EventRules {
  /** What an event stands for: the object that the SDK would give, or a `verdict`. */
  read(event: string | null, data: string): unknown;
  /** True where the last event counts without the empty line that ends it. */
  readonly endsOpen: boolean;
  /** What the SDK adds to each event by an iterator of its own, told by its name, where its version does so. */
  readonly added?: { readonly by: string; to(event: unknown): unknown } | undefined;
}

/** The parsed data, or that the SDK is to say what is wrong with it. */
export function parseData(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return verdict.ask;
  }
}

/** True for data that tells of an error instead of an event, as the SDKs look for it. */
export function tellsError(data: unknown): boolean {
  return !!data && !!(data as { error?: unknown }).error;
}

/** The events of an SDK's stream, read by us; `undefined` where they have to be read through the stream itself. */
export function readSdkEvents<Chunk>(
  stream: AsyncIterable<Chunk>,
  http: HttpHead,
  rules: EventRules,
): AsyncIterable<Chunk> | undefined {
  const { body } = http;
  if (!(body instanceof ReadableStream) || body.locked || !isOfResponse(stream)) return undefined;
  const method = stream[Symbol.asyncIterator];
  const { added } = rules;
  const adds = added !== undefined && method.name === added.by && Object.hasOwn(stream, Symbol.asyncIterator);
  const own = new SdkEvents<Chunk>(stream, http, body, { ...rules, ...(!adds && { added: undefined }) });
  if (adds || isUnwatched(stream, method)) return own;
  // Somebody watches what is read: through the stream, which reads through us.
  Object.assign(stream, { iterator: () => own });
  return undefined;
}

const over = { done: true, value: undefined } as const;

// Milliseconds that the end of a body has to come after the event that is the last; then the connection is closed.
const patience = 100;

class SdkEvents<Chunk> implements AsyncIterableIterator<Chunk, undefined>, Buffered<Chunk> {
  readonly #stream: SdkStream<Chunk>;
  readonly #http: HttpHead;
  readonly #rules: EventRules;
  readonly #body: ReadableStream<Uint8Array>;
  readonly #scanner = new EventScanner();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #over = false;
  // Set at the end of the bytes, where the scanner may hold one event more.
  #last: boolean | undefined;
  #drains = false;
  // What the SDK's own reader is to be asked about, and what it said.
  #asked: string | undefined;
  #answer: IteratorResult<Chunk, undefined> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: SdkStream<Chunk>, http: HttpHead, body: ReadableStream<Uint8Array>, rules: EventRules) {
    this.#stream = stream;
    this.#http = http;
    this.#body = body;
    this.#rules = rules;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  nextNow(): IteratorResult<Chunk, undefined> | undefined {
    if (this.#failure !== undefined) throw this.#takeFailure();
    if (this.#answer !== undefined) return this.#takeAnswer();
    if (this.#over) return over;
    while (this.#asked === undefined && this.#scanned()) {
      const found = this.#found();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  readonly ready = (): Promise<void> => {
    if (this.#asked !== undefined) return this.#ask(this.#asked);
    return this.#startReading().read().then(this.#arrived, this.#failed);
  };

  async next(): Promise<IteratorResult<Chunk, undefined>> {
    for (;;) {
      const held = this.nextNow();
      if (held !== undefined) return held;
      await this.ready();
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#leave();
    return over;
  }

  #startReading(): ReadableStreamDefaultReader<Uint8Array> {
    if (this.#reader !== undefined) return this.#reader;
    const { signal } = this.#stream.controller;
    this.#reader = this.#body.getReader();
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
    return this.#reader;
  }

  readonly #arrived = ({ done, value }: { readonly done: boolean; readonly value?: Uint8Array | undefined }): void => {
    if (done) this.#atEnd();
    else this.#scanner.push(toBytes(value));
  };

  // At an abort the SDKs end, and who stopped it tells.
  readonly #failed = (error: unknown): void => {
    const { signal } = this.#stream.controller;
    if (this.#drains) this.#close();
    else this.#leave();
    if (isAbort(error) || (signal.aborted && error === signal.reason)) this.#atEnd();
    else this.#failure = { error };
  };

  /** What the event that was just scanned is; `undefined` where the SDK leaves it out. */
  #found(): IteratorResult<Chunk, undefined> | undefined {
    if (this.#drains) return undefined;
    const { event, data } = this.#scanner;
    const read = this.#rules.read(event, data);
    if (typeof read !== "symbol") return { done: false, value: this.#add(read) as Chunk };
    if (read === verdict.end) {
      this.#finish();
      return over;
    }
    if (read === verdict.drain) this.#drains = true;
    else if (read === verdict.ask) this.#asked = toText(event, data);
    else if (read === verdict.askUnnamed) this.#asked = toText(null, data);
    return undefined;
  }

  /** What is left when the bytes have come to their end. */
  #atEnd(): void {
    if (this.#over) return;
    this.#last = this.#last === undefined && this.#scanner.end(this.#rules.endsOpen);
    if (!this.#last) this.#stop();
  }

  #takeFailure(): unknown {
    const error = this.#failure?.error;
    this.#failure = undefined;
    return error;
  }

  #takeAnswer(): IteratorResult<Chunk, undefined> | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }

  /** True where the scanner has come upon an event. */
  #scanned(): boolean {
    if (this.#last === undefined) return this.#scanner.next();
    if (!this.#last) return false;
    this.#last = false;
    return true;
  }

  /** What the SDK's own reader makes of one event alone is given next. */
  async #ask(text: string): Promise<void> {
    this.#asked = undefined;
    const { body } = new Response(text);
    const { headers } = this.#http;
    const asked = this.#stream.constructor.fromSSEResponse({ body, headers }, new AbortController(), silent);
    try {
      const step = await asked[Symbol.asyncIterator]().next();
      if (!step.done) {
        this.#answer = step;
        return;
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#leave();
  }

  #add(event: unknown): unknown {
    const { added } = this.#rules;
    if (added === undefined) return event;
    try {
      return added.to(event);
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Ends the request, as the SDK does whenever it does not come to the end. */
  #leave(): void {
    if (this.#over) return;
    this.#close();
    this.#stream.controller.abort();
  }

  /** Gives nothing more; the connection can be used again once the end of the body was read, which is there any moment. */
  #finish(): void {
    this.#stop();
    const timer = setTimeout(() => this.#cancel(), patience);
    const stop = () => clearTimeout(timer);
    const readOn = (step: { readonly done: boolean }): unknown =>
      step.done ? stop() : this.#startReading().read().then(readOn, stop);
    readOn({ done: false });
  }

  /** Reads no further. */
  #close(): void {
    this.#stop();
    this.#cancel();
  }

  #stop(): void {
    this.#over = true;
    this.#stream.controller.signal.removeEventListener("abort", this.#onAbort);
  }

  #cancel(): void {
    (this.#reader ?? this.#body).cancel().catch(() => {});
  }

  readonly #onAbort = () => {
    this.#over = true;
    this.#cancel();
  };
}

/** What the SDKs take for an abort, after which a stream ends without an error. */
function isAbort(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { name, message } = error as { name?: unknown; message?: unknown };
  return name === "AbortError" || String(message).includes("FetchRequestCanceledException");
}

// What a response made by hand may hold, the SDKs read as well.
function toBytes(value: Uint8Array | ArrayBuffer | string | null | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value == null) return new Uint8Array();
  return typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value);
}

function toText(event: string | null, data: string): string {
  const lines = data.split("\n").map((line) => `data: ${line}\n`);
  return `${event === null ? "" : `event: ${event}\n`}${lines.join("")}\n`;
}
