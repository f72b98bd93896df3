import type { ErrorKind, ErrorView } from "./classify.ts";

/** A class of errors, abstract ones included. */
// biome-ignore lint/suspicious/noExplicitAny: a class is taken for what it makes; what it is made of does not matter.
type ErrorClass = abstract new (...args: any[]) => unknown;

/** Errors of some kind: a kind of `classify`, a class of errors, or a function of the error and what is known of it. */
export type When = ErrorKind | ErrorClass | ((error: unknown, view: ErrorView) => boolean);

/** True for what `when` can be. */
export function isWhen(when: unknown): when is When {
  return typeof when === "string" || typeof when === "function";
}

/** Whether an error is one of those. */
export function wants(when: When, error: unknown, view: ErrorView): boolean {
  if (typeof when === "string") return view.kind === when;
  if (isErrorClass(when)) return error instanceof when;
  return when(error, view) === true;
}

/** True for a class of errors, as opposed to a function that says which. */
export function isErrorClass(when: unknown): when is ErrorClass {
  return typeof when === "function" && (when.prototype as unknown) instanceof Error;
}
