import { type Buffered, innermost, type MaybeBuffered } from "../contract/buffered.ts";
import { type EventStream, type Outgoing, whenOver } from "../contract/layer.ts";
import { ToldInside } from "../contract/told-inside.ts";
import { left } from "../send/event-run.ts";
import type { Failures } from "./observe-failures.ts";
import type { Hooks } from "./observe-hooks.ts";

/** The events of a request, each told of before it is handed on. */
export class ObservedEvents extends ToldInside implements EventStream, AsyncIterator<object>, Buffered<object> {
  readonly #hooks: Hooks;
  readonly #failures: Failures;
  readonly #request: Outgoing;
  readonly #next: (request: Outgoing) => EventStream;
  #inner: EventStream | undefined;
  #events: MaybeBuffered | undefined;
  /** The end, or the error, that was found where nobody could wait for a hook. */
  #held: Promise<IteratorResult<object>> | undefined;
  #over = false;
  #hearers: ((error: unknown) => void)[] = [];

  constructor(hooks: Hooks, failures: Failures, request: Outgoing, next: (request: Outgoing) => EventStream) {
    super();
    this.#hooks = hooks;
    this.#failures = failures;
    this.#request = request;
    this.#next = next;
  }

  protected get teller(): EventStream | undefined {
    return this.#inner;
  }

  /** Tells of the end once its hooks have been told, where what is inside tells of it. */
  get [whenOver]() {
    return this.#inner?.[whenOver] && this.#addHearer;
  }

  readonly #addHearer = (hear: (error: unknown) => void): void => {
    this.#hearers.push(hear);
    // One that is left is closed from inside.
    if (this.#hearers.length === 1) this.#inner?.[whenOver]?.((error) => error === left && this.#tellOver(left));
  };

  #tellOver(error: unknown): void {
    const hearers = this.#hearers;
    this.#hearers = [];
    for (const hear of hearers) hear(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<object>> {
    if (this.#events === undefined) return this.#begin();
    const step = this.#held ?? pull(this.#events);
    this.#held = undefined;
    return step.then(this.#hear, this.#fail);
  }

  /** What is there already, where no hook is to be told of it; the end and an error wait for `next`, since hooks may. */
  nextNow(): IteratorResult<object, undefined> | undefined {
    const events = this.#events;
    if (events?.nextNow === undefined || this.#over || this.#held !== undefined || this.#hooks.chunk !== undefined) {
      return undefined;
    }
    try {
      const step = events.nextNow();
      if (step?.done !== true) return step;
      this.#held = Promise.resolve(step);
    } catch (error) {
      this.#held = Promise.reject(error);
      // Whoever asks next is told.
      this.#held.catch(() => {});
    }
    return undefined;
  }

  get ready(): (() => Promise<void>) | undefined {
    const waits = this.#over || this.#held !== undefined || this.#hooks.chunk !== undefined;
    return waits ? undefined : this.#events?.ready;
  }

  async #begin(): Promise<IteratorResult<object>> {
    await this.#failures.own(() => this.#hooks.request?.(this.#request));
    this.#inner = this.#next(this.#request);
    this.#events = this.#inner[Symbol.asyncIterator]();
    return this.next();
  }

  readonly #hear = (step: IteratorResult<object>): IteratorResult<object> | Promise<IteratorResult<object>> => {
    if (this.#over || (step.done !== true && this.#hooks.chunk === undefined)) {
      if (this.#events !== undefined) this.#events = innermost(this.#events);
      return step;
    }
    return this.#told(step);
  };

  async #told(step: IteratorResult<object>): Promise<IteratorResult<object>> {
    try {
      if (step.done) await this.#end(false);
      else await this.#failures.own(() => this.#hooks.chunk?.(step.value, this.#request));
    } catch (error) {
      this.#tellOver(error);
      throw error;
    }
    if (step.done) this.#tellOver(undefined);
    return step;
  }

  readonly #fail = async (error: unknown): Promise<never> => {
    // The read that was pending when it was left: that it was left is told.
    if (this.#over) throw error;
    this.#over = true;
    try {
      await this.#failures.tell(error, this.#request);
      this.#failures.refuse("The hook `error` cannot answer for a stream: give another error, or nothing.", error);
    } catch (thrown) {
      this.#tellOver(thrown);
      throw thrown;
    }
  };

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events?.return?.();
    if (this.#events !== undefined && !this.#over) await this.#end(true);
    return { done: true, value: undefined };
  }

  async #end(left: boolean): Promise<void> {
    this.#over = true;
    const { answer } = this;
    if (answer === undefined) return;
    const given = await this.#failures.own(() => this.#hooks.response?.(answer, this.#request, left));
    if (given === undefined || left) return;
    this.#failures.refuse("The hook `response` cannot change the answer of a stream: its events are read already.");
  }
}

/** The next event, as a promise however it comes. */
function pull(events: AsyncIterator<object>): Promise<IteratorResult<object>> {
  try {
    return Promise.resolve(events.next());
  } catch (error) {
    return Promise.reject(error);
  }
}
