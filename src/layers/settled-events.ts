import type { Answer } from "../contract/answer.ts";
import type { EventStream } from "../contract/layer.ts";

/** Events, and what is to be told when they are over: the answer they made, or the error they ended in. */
export interface Settled {
  readonly events: EventStream;
  readonly settle: (answer: Answer | undefined, error?: unknown) => void;
}

/** Said of a stream that was left before its end. */
export const left: unique symbol = Symbol("left");

/** Events that are opened when the first is asked for, and settled once, however they end. */
export function settledEvents(open: () => Promise<Settled>): EventStream {
  return new SettledEvents(open);
}

class SettledEvents implements EventStream, AsyncIterator<object> {
  readonly #open: () => Promise<Settled>;
  #settled: Settled | undefined;
  #events: AsyncIterator<object> | undefined;
  #over = false;

  constructor(open: () => Promise<Settled>) {
    this.#open = open;
  }

  get head() {
    return this.#settled?.events.head;
  }

  get notes() {
    return this.#settled?.events.notes;
  }

  get answer() {
    return this.#settled?.events.answer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<object>> {
    if (this.#events === undefined) {
      this.#settled = await this.#open();
      this.#events = this.#settled.events[Symbol.asyncIterator]();
    }
    try {
      const step = await this.#events.next();
      if (step.done) this.#end();
      return step;
    } catch (error) {
      this.#end(error ?? left);
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events?.return?.();
    this.#end(left);
    return { done: true, value: undefined };
  }

  #end(error?: unknown): void {
    if (this.#over || this.#settled === undefined) return;
    this.#over = true;
    this.#settled.settle(this.answer, error);
  }
}
