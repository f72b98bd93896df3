import type { AsyncLocalStorage } from "node:async_hooks";
import type { Layer } from "../contract/layer.ts";
import type { LayerStack } from "../contract/layer-stack.ts";
import { addLayers, checkLayers } from "../contract/layer-stack.ts";
import type { CommonParams } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { Prices } from "../money/cost.ts";
import type { Sending } from "../prepare/prepare.ts";
import { checkSending } from "./check-sending.ts";
import { joinSignals } from "./signals.ts";

/** What a scope gives every call that is made inside it. `null` unsets what an outer scope gave. */
export interface ScopeOverrides {
  readonly layers?: readonly Layer[] | null | undefined;
  readonly signal?: AbortSignal | null | undefined;
  /** Milliseconds for each request. */
  readonly timeout?: number | null | undefined;
  /** Milliseconds from now on for all that is called inside: the sooner of this and a call's own counts. */
  readonly deadline?: number | null | undefined;
  /** Milliseconds a stream may stay silent. */
  readonly idleTimeout?: number | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | null | undefined;
  readonly prices?: Prices | null | undefined;
  /** `"sdk"`: streams are read by the SDKs' own readers, not by ours. */
  readonly reader?: "sdk" | null | undefined;
  /** For calls of the root only, whose models are named `provider/model`. */
  readonly model?: string | null | undefined;
  /** For calls of the root only, merged over the call's own. */
  readonly callParams?: CommonParams | null | undefined;
}

/** What the scopes around come to. */
export interface Scope extends Sending {
  readonly layers?: LayerStack | undefined;
  readonly model?: string | undefined;
  readonly callParams?: CommonParams | undefined;
}

/** @internal Where the scope of the running code is kept; empty until `within` is first used. */
export const ambient: { storage: AsyncLocalStorage<Scope> | undefined } = { storage: undefined };

const keys: readonly string[] = [
  "layers",
  "signal",
  "timeout",
  "deadline",
  "idleTimeout",
  "headers",
  "prices",
  "reader",
  "model",
  "callParams",
] satisfies (keyof ScopeOverrides)[];

/**
 * Runs `fn` in a scope: every call, stream, loop and run of rows that is called inside it (wherever it is awaited or
 * iterated later) gets what the scope says. A call's own definition is overridden by it, `.with` is not. Gives what `fn`
 * gives. Scopes that run side by side never see each other. Throws `ConfigError`.
 */
export function within<Result>(overrides: ScopeOverrides, fn: () => Result): Result {
  if (typeof overrides !== "object" || overrides === null) {
    throw new ConfigError(`within() takes an object of overrides; it was given ${describe(overrides)}.`);
  }
  if (typeof fn !== "function") throw new ConfigError(`within() runs a function; it was given ${describe(fn)}.`);
  const unknown = unknownKey("within() has no override", overrides, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  checkSending(overrides);
  const storage = storageOfRuntime();
  return storage.run(nested(storage.getStore() ?? {}, overrides), fn);
}

/** @internal The same function, which runs in the scope of here and now whenever it is called; without one, itself. */
export function inThisScope<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
): (...args: Args) => Result {
  const { storage } = ambient;
  const scope = storage?.getStore();
  if (storage === undefined || scope === undefined) return fn;
  return (...args) => storage.run(scope, () => fn(...args));
}

function storageOfRuntime(): AsyncLocalStorage<Scope> {
  if (ambient.storage !== undefined) return ambient.storage;
  const module = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  if (module === undefined) {
    throw new ConfigError(
      "within() needs AsyncLocalStorage, which this runtime does not have: give the same to each call by .with().",
    );
  }
  ambient.storage = new module.AsyncLocalStorage<Scope>();
  return ambient.storage;
}

function nested(outer: Scope, { layers, signal, deadline, headers, ...rest }: ScopeOverrides): Scope {
  if (layers != null) checkLayers(layers);
  const kept: Record<string, unknown> = { ...outer };
  for (const [key, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    const merged =
      key === "prices" || key === "callParams" ? { ...(kept[key] as object), ...(value as object) } : value;
    kept[key] = value === null ? undefined : merged;
  }
  return {
    ...kept,
    layers: layers === null ? undefined : addLayers(outer.layers, layers ?? []),
    signal: signal === null ? undefined : joinSignals(outer.signal, signal),
    until: deadline === null ? undefined : sooner(outer.until, deadline),
    headers: headers === null ? undefined : (headers ?? outer.headers) && { ...outer.headers, ...headers },
  };
}

function sooner(until: number | undefined, deadline: number | undefined): number | undefined {
  if (deadline === undefined) return until;
  return Math.min(until ?? Number.POSITIVE_INFINITY, performance.now() + deadline);
}
