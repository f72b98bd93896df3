import type { ErrorKind, ErrorView } from "../errors/classify.ts";
import { ParseError } from "../structured/parse-error.ts";

/** A class of errors, abstract ones included. */
// biome-ignore lint/suspicious/noExplicitAny: a class is taken for what it makes; what it is made of does not matter.
type ErrorClass = abstract new (...args: any[]) => unknown;

/** What is tried again: a kind of `classify`, a class of errors, or a function of the error and what is known of it. */
export type RetryWhen = ErrorKind | ErrorClass | ((error: unknown, view: ErrorView) => boolean);

// A record, so that the compiler tells of one that is missing.
const kinds: Readonly<Record<ErrorKind, true>> = {
  authentication: true,
  permission: true,
  quota: true,
  not_found: true,
  unsupported: true,
  invalid_request: true,
  too_large: true,
  context_overflow: true,
  content_filter: true,
  malformed: true,
  rate_limit: true,
  conflict: true,
  overloaded: true,
  server: true,
  timeout: true,
  connection: true,
  aborted: true,
  config: true,
  unknown: true,
};

/** True for what `when` can be. */
export function isWhen(when: unknown): when is RetryWhen {
  return typeof when === "string" ? Object.hasOwn(kinds, when) : typeof when === "function";
}

/** Whether an error is one of those. */
export function wants(when: RetryWhen, error: unknown, view: ErrorView): boolean {
  if (typeof when === "string") return view.kind === when;
  if (isClass(when)) return error instanceof when;
  return when(error, view) === true;
}

/** Whether a function decides: it may want an answer that did not fit, which nobody knows before there is one. */
export function asksFunction(when: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(when) ? when : [when];
  return list.some((one) => typeof one === "function" && !isClass(one));
}

/**
 * Whether answers that did not fit are among those: only the whole call can be made again then. A function is not asked
 * before there is an error, so it does not tell.
 */
export function wantsParseError(when: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(when) ? when : [when];
  return list.some((one) => one === "malformed" || (isClass(one) && takesParseErrors(one)));
}

function takesParseErrors(one: ErrorClass): boolean {
  const { prototype } = one as { prototype: object };
  return one === ParseError || prototype instanceof ParseError || ParseError.prototype instanceof one;
}

function isClass(when: unknown): when is ErrorClass {
  if (typeof when !== "function") return false;
  const prototype: unknown = when.prototype;
  return prototype === Error.prototype || prototype instanceof Error;
}
