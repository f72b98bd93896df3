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
  #waiting = false;

  wait<Value>(promise: RestatePromise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const told = promise.map((value, failure) => {
        this.#open.delete(told);
        return failure === undefined ? resolve(value as Value) : reject(failure);
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
export function waitBeside<Value>(ctx: object, promise: RestatePromise<Value>): Promise<Value> {
  let waiting = contexts.get(ctx);
  if (waiting === undefined) {
    waiting = new SideBySide();
    contexts.set(ctx, waiting);
  }
  return waiting.wait(promise);
}
