import type { AsyncLocalStorage } from "node:async_hooks";

// A tool that is a step may make calls of its own, in the same scope: they are part of its step, since no engine takes a
// step within a step.

let storage: AsyncLocalStorage<true> | undefined;

/** Runs the work of a step. */
export function asStep<Result>(work: () => Result): Result {
  if (storage === undefined) {
    const module = globalThis.process?.getBuiltinModule?.("node:async_hooks");
    // Without it there is no `within` either, and what a layer of one call asks is its own.
    if (module === undefined) return work();
    storage = new module.AsyncLocalStorage<true>();
  }
  return storage.run(true, work);
}

/** True for what runs in the work of a step. */
export function isInStep(): boolean {
  return storage?.getStore() === true;
}
