import type { EventStream } from "../contract/layer.ts";

/** What is told of a stream that is being recorded. */
export interface Listener {
  event(event: object): void;
  /** The stream ended as a whole, was left, or failed. Called once. */
  end(how: { readonly type: "end" | "left" } | { readonly type: "error"; readonly error: unknown }): void;
}

/** The very events of another stream, each told to a listener as it passes. */
export class TapedEvents implements EventStream {
  readonly #inner: EventStream;
  readonly #listener: Listener;

  constructor(inner: EventStream, listener: Listener) {
    this.#inner = inner;
    this.#listener = listener;
  }

  get head() {
    return this.#inner.head;
  }

  get notes() {
    return this.#inner.notes;
  }

  [Symbol.asyncIterator](): AsyncIterator<object, undefined> {
    const inner = this.#inner[Symbol.asyncIterator]();
    const listener = this.#listener;
    let over = false;
    const end: Listener["end"] = (how) => {
      if (over) return;
      over = true;
      listener.end(how);
    };
    return {
      async next() {
        try {
          const step = await inner.next();
          if (step.done) end({ type: "end" });
          else if (!over) listener.event(step.value);
          return step;
        } catch (error) {
          end({ type: "error", error });
          throw error;
        }
      },
      async return() {
        end({ type: "left" });
        await inner.return?.();
        return { done: true, value: undefined };
      },
    };
  }
}
