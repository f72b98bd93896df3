/** Runs work in some async context. */
export type InContext = <Result>(work: () => Result) => Result;

/** @internal What runs work in the async context of this place, where the runtime has such a thing. */
export function contextHere(): InContext {
  const module = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  return module === undefined ? (work) => work() : (module.AsyncLocalStorage.snapshot() as InContext);
}
