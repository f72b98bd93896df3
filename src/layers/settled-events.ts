import type { Answer } from "../contract/answer.ts";
import type { MaybeBuffered } from "../contract/buffered.ts";
import { type EventStream, whenOver } from "../contract/layer.ts";
import { ToldInside } from "../contract/told-inside.ts";
import { left } from "../send/event-run.ts";

export { left };

/** Told of the answer that was made, or of the error it ended in, once. */
export type Settle = (answer: Answer | undefined, error?: unknown) => void | Promise<void>;

/** Events, and what is to be told when they are over. */
export interface Settled {
  readonly events: EventStream;
  readonly settle: Settle;
}

/**
 * Events that are opened when the first is asked for, and settled once, however they end: by their end, an error, a loop
 * that is left, or an abort while nobody reads.
 */
export function settledEvents(signal: AbortSignal | undefined, open: () => Promise<Settled>): EventStream {
  return new SettledEvents(signal, open);
}

class SettledEvents extends ToldInside implements EventStream, MaybeBuffered {
  readonly #signal: AbortSignal | undefined;
  readonly #open: () => Promise<Settled>;
  #settled: Settled | undefined;
  #events: MaybeBuffered | undefined;
  #over = false;
  #reading = false;
  /** Set once the events tell of their end by themselves: they are handed through as they are. */
  #through = false;

  constructor(signal: AbortSignal | undefined, open: () => Promise<Settled>) {
    super();
    this.#signal = signal;
    this.#open = open;
  }

  protected get teller(): EventStream | undefined {
    return this.#settled?.events;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get [whenOver]() {
    return this.#settled?.events[whenOver];
  }

  next(): Promise<IteratorResult<object>> {
    return this.#through && this.#events !== undefined ? this.#events.next() : this.#look();
  }

  get inside(): MaybeBuffered | undefined {
    return this.#through ? this.#events : undefined;
  }

  async #look(): Promise<IteratorResult<object>> {
    this.#reading = true;
    try {
      const step = await (this.#events ?? (await this.#begin())).next();
      if (step.done) await this.#end();
      else this.#letThrough();
      return step;
    } catch (error) {
      await this.#end(error ?? left);
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events?.return?.();
    await this.#end(left);
    return { done: true, value: undefined };
  }

  async #begin(): Promise<AsyncIterator<object>> {
    this.#settled = await this.#open();
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#events = this.#settled.events[Symbol.asyncIterator]();
    // It was left while it waited for its turn: nothing is sent any more.
    if (this.#over) await this.#give(left);
    return this.#over ? none : this.#events;
  }

  #letThrough(): void {
    const hear = this.#over ? undefined : this.#settled?.events[whenOver];
    if (hear === undefined) return;
    hear((error) => void this.#end(error));
    this.#through = true;
  }

  // A read that is pending tells by itself how it ended; without one nobody might ever ask again.
  readonly #onAbort = () => {
    if (!this.#reading) void this.#end(left);
  };

  async #end(error?: unknown): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#give(error);
  }

  #give(error: unknown): void | Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return this.#settled?.settle(this.answer, error);
  }
}

const none: AsyncIterator<object> = { next: async () => ({ done: true, value: undefined }) };
