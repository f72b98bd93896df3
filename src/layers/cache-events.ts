import type { Answer } from "../contract/answer.ts";
import type { EventStream, Outgoing } from "../contract/layer.ts";
import type { Provider, ProviderTypes } from "../contract/provider.ts";
import { joinSignals } from "../send/signals.ts";
import { answerThatFits, foldStored, fromStored, toStored } from "./cache-entry.ts";
import { type Keeping, keep, lookUp, type Patience, patienceOf } from "./cache-keeping.ts";

type Next = (request: Outgoing) => EventStream;

/** One stream that some read, each at its own pace. */
export class EventFlight {
  /** Those who read it, in the order in which they came; the first of them has paid for it. */
  readonly readers = new Set<object>();
  readonly #keeping: Keeping;
  readonly #next: Next;
  readonly #over: () => void;
  readonly #controller = new AbortController();
  readonly #events: unknown[] = [];
  #inner: EventStream | undefined;
  #iterator: AsyncIterator<object> | undefined;
  #ended = false;
  #kept = false;
  #failure: { readonly error: unknown } | undefined;
  #reading: Promise<void> | undefined;
  #answer: Answer | undefined;

  constructor(keeping: Keeping, next: Next, over: () => void) {
    this.#keeping = keeping;
    this.#next = next;
    this.#over = over;
  }

  get head() {
    return this.#inner?.head;
  }

  /** True for one that was kept: nobody has paid for it now. */
  get kept(): boolean {
    return this.#kept;
  }

  get provider(): Provider<ProviderTypes> {
    return this.#keeping.request.origin.call.provider;
  }

  /** The answer, once the events have ended. */
  get answer(): Answer | undefined {
    return this.#answer ?? this.#inner?.answer;
  }

  get notes() {
    return this.#inner?.notes;
  }

  /** The event at this place; `undefined` after the last. */
  async at(index: number): Promise<{ readonly stored: unknown } | undefined> {
    while (index >= this.#events.length) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ended) return undefined;
      // Whoever is first asks for all.
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    return { stored: this.#events[index] };
  }

  /** One reader less; the last ends the request. True where this was the last. */
  leave(reader: object, reason: unknown): boolean {
    if (this.#ended || this.#failure !== undefined) return false;
    if (!this.readers.delete(reader) || this.readers.size > 0) return false;
    this.#over();
    this.#controller.abort(reason);
    this.#iterator?.return?.().catch(() => {});
    return true;
  }

  async #read(): Promise<void> {
    try {
      if (this.#iterator === undefined && (await this.#findKept())) return;
      this.#inner ??= this.#next(this.#keeping.request.with({ signal: this.#controller.signal, shared: true }));
      this.#iterator ??= this.#inner[Symbol.asyncIterator]();
      const step = await this.#iterator.next();
      if (step.done) await this.#end();
      else this.#events.push(toStored(step.value, this.provider));
    } catch (error) {
      this.#failure = { error };
      this.#over();
    }
  }

  async #findKept(): Promise<boolean> {
    const events = await lookUp(this.#keeping, async ({ events: kept }) => {
      if (!Array.isArray(kept)) return undefined;
      return (await this.#fits(kept)) ? (kept as readonly unknown[]) : undefined;
    });
    if (events === undefined) return false;
    this.#events.push(...events);
    this.#kept = true;
    this.#ended = true;
    this.#over();
    return true;
  }

  async #end(): Promise<void> {
    if (await this.#fits(this.#events)) await keep(this.#keeping, { events: this.#events });
    this.#ended = true;
    this.#over();
  }

  async #fits(events: readonly unknown[]): Promise<boolean> {
    const response = await foldStored(events, this.provider).catch(() => undefined);
    this.#answer = response && (await answerThatFits(this.#keeping.request, response));
    return this.#answer !== undefined;
  }
}

/** One reader's events: its own copies, of a stream that was kept, that others read, or that is sent for it. */
export class SharedEvents implements EventStream, AsyncIterator<object> {
  readonly #flights: Map<string, EventFlight>;
  readonly #request: Outgoing;
  readonly #next: Next;
  readonly #keepingOf: () => Promise<Keeping | undefined>;
  readonly #left = new AbortController();
  #flight: EventFlight | undefined;
  /** Set where the request is neither looked for nor kept. */
  #plain: EventStream | undefined;
  #plainEvents: AsyncIterator<object> | undefined;
  #index = 0;
  #patience: Patience | undefined;
  #signal: AbortSignal | undefined;
  #leftAs: "payer" | "guest" | undefined;

  constructor(
    flights: Map<string, EventFlight>,
    request: Outgoing,
    next: Next,
    keepingOf: () => Promise<Keeping | undefined>,
  ) {
    this.#flights = flights;
    this.#request = request;
    this.#next = next;
    this.#keepingOf = keepingOf;
  }

  get head() {
    return this.#isCached ? undefined : (this.#plain ?? this.#flight)?.head;
  }

  get notes() {
    return this.#isCached ? { cached: true } : (this.#plain ?? this.#flight)?.notes;
  }

  get answer() {
    return (this.#plain ?? this.#flight)?.answer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<object>> {
    if (this.#flight === undefined && this.#plainEvents === undefined) await this.#open();
    if (this.#plainEvents !== undefined) return this.#plainEvents.next();
    const flight = this.#flight as EventFlight;
    const found = await this.#whileHere(() => flight.at(this.#index));
    if (found === undefined) {
      this.#patience?.clear();
      return { done: true, value: undefined };
    }
    this.#index++;
    return { done: false, value: await fromStored(found.stored, flight.provider) };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#plainEvents?.return?.();
    this.#left.abort(new DOMException("The stream was left.", "AbortError"));
    this.#leave(this.#left.signal.reason);
    return { done: true, value: undefined };
  }

  get #isCached(): boolean {
    if (this.#flight === undefined) return false;
    if (this.#flight.kept) return true;
    const [payer] = this.#flight.readers;
    return this.#leftAs === undefined ? payer !== this : this.#leftAs === "guest";
  }

  /** True where this was the last reader. */
  #leave(reason: unknown): boolean {
    this.#patience?.clear();
    const [payer] = this.#flight?.readers ?? [];
    this.#leftAs ??= payer === this ? "payer" : "guest";
    return this.#flight?.leave(this, reason) === true;
  }

  async #open(): Promise<void> {
    this.#request.signal?.throwIfAborted();
    const keeping = await this.#keepingOf();
    if (keeping === undefined) {
      this.#plain = this.#next(this.#request);
      this.#plainEvents = this.#plain[Symbol.asyncIterator]();
      return;
    }
    const { key } = keeping;
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      const begun: EventFlight = new EventFlight(keeping, this.#next, () => {
        if (this.#flights.get(key) === begun) this.#flights.delete(key);
      });
      flight = begun;
      this.#flights.set(key, flight);
    }
    // Whose request it is has its time limit inside.
    const isOwn = flight.readers.size === 0;
    this.#patience = patienceOf(isOwn ? this.#request.with({ timeout: undefined }) : this.#request);
    this.#signal = joinSignals(this.#patience.signal, this.#left.signal);
    flight.readers.add(this);
    this.#flight = flight;
  }

  /** What is waited for, as long as this reader does; the last who leaves hears how the request ends. */
  #whileHere<Value>(work: () => Promise<Value>): Promise<Value> {
    const signal = this.#signal as AbortSignal;
    if (signal.aborted) {
      this.#leave(signal.reason);
      return Promise.reject(signal.reason);
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        const last = this.#leave(signal.reason);
        if (!last || this.#patience?.late) reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      work()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener("abort", leave));
    });
  }
}
