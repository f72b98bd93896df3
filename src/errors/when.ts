import type { ErrorKind, ErrorView } from "./classify.ts";

/** A class of errors, abstract ones included. */
// biome-ignore lint/suspicious/noExplicitAny: a class is taken for what it makes; what it is made of does not matter.
export type ErrorClass = abstract new (...args: any[]) => unknown;

/** Errors of some kind: a kind of `classify`, a class of errors, or a function of the error and what is known of it. */
export type When = ErrorKind | ErrorClass | ((error: unknown, view: ErrorView) => boolean);

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
export function isWhen(when: unknown): when is When {
  return typeof when === "string" ? Object.hasOwn(kinds, when) : typeof when === "function";
}

/** Whether an error is one of those. */
export function wants(when: When, error: unknown, view: ErrorView): boolean {
  if (typeof when === "string") return view.kind === when;
  if (isErrorClass(when)) return error instanceof when;
  return when(error, view) === true;
}

/** True for a class of errors, as opposed to a function that says which. */
export function isErrorClass(when: unknown): when is ErrorClass {
  if (typeof when !== "function") return false;
  const prototype: unknown = when.prototype;
  return prototype === Error.prototype || prototype instanceof Error;
}
