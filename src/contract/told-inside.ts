import type { EventStream } from "./layer.ts";

/**
 * What events tell beside themselves, where another stream has it. A class, since V8 makes a literal with getters by its slow
 * way.
 */
export abstract class ToldInside {
  /** The stream that has it, once it is there. */
  protected abstract readonly teller: EventStream | undefined;

  get head() {
    return this.teller?.head;
  }

  get notes() {
    return this.teller?.notes;
  }

  get answer() {
    return this.teller?.answer;
  }
}

/** Events of one place, of which a stream tells: a generator tells nothing beside its events. */
export class EventsToldBy extends ToldInside implements EventStream {
  readonly #events: () => AsyncIterator<object>;
  readonly #teller: () => EventStream | undefined;

  constructor(events: () => AsyncIterator<object>, teller: () => EventStream | undefined) {
    super();
    this.#events = events;
    this.#teller = teller;
  }

  protected get teller(): EventStream | undefined {
    return this.#teller();
  }

  [Symbol.asyncIterator](): AsyncIterator<object> {
    return this.#events();
  }
}
