import type { Attempt } from "../contract/answer.ts";
import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import type { MaybeBuffered } from "../contract/buffered.ts";
import { type EventStream, type Outgoing, whenOver } from "../contract/layer.ts";
import { type Policy, rest } from "./retry-rest.ts";

/** The events of the first attempt that has any. */
export class RetriedEvents implements EventStream, MaybeBuffered {
  readonly #policy: Policy;
  readonly #request: Outgoing;
  readonly #next: (request: Outgoing) => EventStream;
  readonly #tried: Attempt[] = [];
  #inner: EventStream;
  #events: MaybeBuffered;
  #count = 1;
  #begun = false;
  /** Set once the events tell of their end by themselves: they are handed through as they are. */
  #through = false;

  constructor(policy: Policy, request: Outgoing, next: (request: Outgoing) => EventStream) {
    this.#policy = policy;
    this.#request = request;
    this.#next = next;
    this.#inner = next(request);
    this.#events = this.#inner[Symbol.asyncIterator]();
  }

  get head() {
    return this.#inner.head;
  }

  get notes() {
    const { notes } = this.#inner;
    return this.#tried.length === 0 ? notes : { ...notes, attempts: [...this.#tried, ...(notes?.attempts ?? [])] };
  }

  get answer() {
    return this.#inner.answer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get [whenOver]() {
    return this.#inner[whenOver];
  }

  next(): Promise<IteratorResult<object>> {
    return this.#through ? this.#events.next() : this.#look();
  }

  get inside(): MaybeBuffered | undefined {
    return this.#through ? this.#events : undefined;
  }

  async #look(): Promise<IteratorResult<object>> {
    for (;;) {
      try {
        const step = await this.#events.next();
        if (!this.#begun) this.#begin();
        return step;
      } catch (error) {
        this.#tried.push(...attemptsOf(error));
        if (this.#begun) {
          noteAttempts(error, [...this.#tried]);
          throw error;
        }
        await rest(this.#policy, this.#request, error, this.#count++, this.#tried);
        this.#inner = this.#next(this.#request.with({ attempt: this.#request.attempt + this.#count - 1 }));
        this.#events = this.#inner[Symbol.asyncIterator]();
      }
    }
  }

  /** From the first event on nothing is tried again: an error is only told what was tried before. */
  #begin(): void {
    this.#begun = true;
    const hear = this.#inner[whenOver];
    if (hear === undefined) return;
    hear((error) => {
      if (this.#tried.length > 0) noteAttempts(error, [...this.#tried, ...attemptsOf(error)]);
    });
    this.#through = true;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events.return?.();
    return { done: true, value: undefined };
  }
}
