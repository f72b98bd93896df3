import type { MaybeBuffered } from "../contract/buffered.ts";
import type { EventStream } from "../contract/layer.ts";

// Classes, since V8 makes a literal with getters by its slow way.

/** A stream that is known only once it was asked for, as one that can be had at once. */
export class LaterEvents implements EventStream, MaybeBuffered {
  readonly #open: () => Promise<EventStream>;
  #opened: EventStream | undefined;
  #inner: MaybeBuffered | undefined;

  constructor(open: () => Promise<EventStream>) {
    this.#open = open;
  }

  get head() {
    return this.#opened?.head;
  }

  get notes() {
    return this.#opened?.notes;
  }

  get answer() {
    return this.#opened?.answer;
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

/** What a layer gives that tells nothing beside its events, a generator mostly: what is inside of it does. */
export class ToldInside implements EventStream {
  readonly #outer: AsyncIterable<object>;
  readonly #inner: () => EventStream | undefined;

  constructor(outer: AsyncIterable<object>, inner: () => EventStream | undefined) {
    this.#outer = outer;
    this.#inner = inner;
  }

  get head() {
    return this.#inner()?.head;
  }

  get notes() {
    return this.#inner()?.notes;
  }

  get answer() {
    return this.#inner()?.answer;
  }

  [Symbol.asyncIterator](): AsyncIterator<object> {
    return this.#outer[Symbol.asyncIterator]();
  }
}
