import type { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, ROOT_CONTEXT } from "@opentelemetry/api";

/** A span of ours that is open around the running code. */
export interface Open {
  /** What the span is about, by identity or by name: whoever comes with the same again has been seen. */
  readonly about: unknown;
  readonly context: Context;
}

// The package's own, beside that of OpenTelemetry: it says whose span is open, and holds where no context manager is set up.
const module = globalThis.process?.getBuiltinModule?.("node:async_hooks");
const opened: AsyncLocalStorage<Open> | undefined = module && new module.AsyncLocalStorage<Open>();

/** True inside of what is about this already: by a layer that stands twice, or a layer and a hook of the process. */
export function isOpen(about: unknown): boolean {
  const open = opened?.getStore();
  return open !== undefined && open.about === about;
}

/** What a span that begins here has for a parent. */
export function parentHere(): Context {
  const active = context.active();
  return active === ROOT_CONTEXT ? (opened?.getStore()?.context ?? active) : active;
}

/** Runs work inside a span. */
export function runInside<Result>(open: Open, work: () => Result): Result {
  const inside = () => context.with(open.context, work);
  return opened === undefined ? inside() : opened.run(open, inside);
}

/** Does what must never be felt by the call that is watched. */
export function safely<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
