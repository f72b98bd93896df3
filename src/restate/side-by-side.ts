import { RestatePromise } from "@restatedev/restate-sdk";

type Reject = (error: unknown) => void;

// Milliseconds in which what follows from one step may begin its next, before the others are waited for again.
const breath = 2;

/**
 * Waits for several promises of one context side by side. Its SDK takes but one that is waited for: of two, the attempt
 * fails, and what was asked in it is asked again (restate-sdk 1.17.2: run). So one place waits for all of them, combined.
 */
class SideBySide {
  readonly #open = new Map<RestatePromise<void>, Reject>();
  #reading: Promise<unknown>[] = [];
  #waiting = false;

  wait<Value, Read>(promise: RestatePromise<Value>, read: (value: Value) => Promise<Read>): Promise<Read> {
    return new Promise((resolve, reject) => {
      const told = promise.map((value, failure) => {
        this.#open.delete(told);
        if (failure !== undefined) return reject(failure);
        // Whatever `read` has to load, who waits for it is told before those whose answers came later.
        const reading = (async () => read(value as Value))();
        this.#reading.push(reading.catch(() => {}));
        return void reading.then(resolve, reject);
      });
      this.#open.set(told, reject);
      if (!this.#waiting) void this.#all();
    });
  }

  async #all(): Promise<void> {
    this.#waiting = true;
    try {
      // Those that begin together are waited for together.
      await after(0);
      for (;;) {
        await RestatePromise.race([...this.#open.keys()]);
        await Promise.all(this.#reading.splice(0));
        if (this.#open.size === 0) return;
        await after(breath);
      }
    } catch (error) {
      // A cancellation: of all.
      const open = [...this.#open.values()];
      this.#open.clear();
      for (const reject of open) reject(error);
    } finally {
      this.#waiting = false;
    }
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const contexts = new WeakMap<object, SideBySide>();

/** Waits for a promise of a context, beside all others that are waited for here. */
export function waitBeside<Value, Read>(
  ctx: object,
  promise: RestatePromise<Value>,
  read: (value: Value) => Promise<Read>,
): Promise<Read> {
  let waiting = contexts.get(ctx);
  if (waiting === undefined) {
    waiting = new SideBySide();
    contexts.set(ctx, waiting);
  }
  return waiting.wait(promise, read);
}
