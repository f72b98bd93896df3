import type { ErrorKind } from "./error-words.ts";
import { isCallscopeError } from "./errors.ts";
import { attempt, isObject } from "./foreign.ts";

/** A failure as a durable step keeps it: data, the same in the run that met it and in each that replays it. */
export interface KeptFailure {
  /** The error's class and message. */
  readonly name: string;
  readonly message: string;
  /** As `classify` saw the error itself. */
  readonly kind: ErrorKind;
  /** The HTTP status. */
  readonly status: number | undefined;
  /** Milliseconds the provider asks to wait. */
  readonly retryAfterMs: number | undefined;
  /** True where the same request can succeed when it is sent again. */
  readonly retryable: boolean;
  /** The literal `code`, where it was one of this library's own errors. */
  readonly code: string | undefined;
}

const keptMark = Symbol.for("callscope.error.kept");
const engineMark = Symbol.for("callscope.error.engine");

/** @internal Notes on an error which failure it stands for: it is classified as that one was. */
export function noteKept<Failure extends object>(error: Failure, failure: KeptFailure): Failure {
  return Object.defineProperty(error, keptMark, { value: failure });
}

/** @internal The failure that an error stands for. */
export function keptFailureOf(error: unknown): KeptFailure | undefined {
  const kept = marked(error, keptMark);
  // Some errors are proxies that answer to every name.
  return isObject(kept) && typeof attempt(() => (kept as KeptFailure).kind) === "string"
    ? (kept as KeptFailure)
    : undefined;
}

/**
 * @internal Notes that an error is what an engine of durable execution steers by (a cancellation, a run that goes on
 * elsewhere): nothing may take it for a failure of a provider or a tool.
 */
export function noteEngine(error: unknown): void {
  if (isObject(error)) attempt(() => Object.defineProperty(error, engineMark, { value: true, configurable: true }));
}

/** @internal True for what an engine steers by: it is never tried again, fallen back on or told to a model. */
export function isOfEngine(error: unknown): boolean {
  return marked(error, engineMark) === true;
}

/** @internal Name and code of one of this library's own errors, also of one that a step has kept. */
export function ownErrorOf(error: unknown): { readonly name: string; readonly code: string } | undefined {
  const { name = "", code } = keptFailureOf(error) ?? {};
  if (code !== undefined) return { name, code };
  return keptFailureOf(error) === undefined && isCallscopeError(error) ? error : undefined;
}

function marked(error: unknown, mark: symbol): unknown {
  return isObject(error) ? attempt(() => (error as Record<symbol, unknown>)[mark]) : undefined;
}
