import type { MaybeBuffered } from "../contract/buffered.ts";
import type { EventStream } from "../contract/layer.ts";
import { ToldInside } from "../contract/told-inside.ts";

/** A stream that is known only once it was asked for, as one that can be had at once. */
export class LaterEvents extends ToldInside implements EventStream, MaybeBuffered {
  readonly #open: () => Promise<EventStream>;
  #opened: EventStream | undefined;
  #inner: MaybeBuffered | undefined;

  constructor(open: () => Promise<EventStream>) {
    super();
    this.#open = open;
  }

  protected get teller(): EventStream | undefined {
    return this.#opened;
  }

  get inside(): MaybeBuffered | undefined {
    return this.#inner;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<object>> {
    return this.#inner === undefined ? this.#first() : this.#inner.next();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#inner?.return?.();
    return { done: true, value: undefined };
  }

  async #first(): Promise<IteratorResult<object>> {
    this.#opened = await this.#open();
    this.#inner = this.#opened[Symbol.asyncIterator]();
    return this.#inner.next();
  }
}
