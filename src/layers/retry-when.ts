import type { ErrorKind, ErrorView } from "../errors/classify.ts";
import { ParseError } from "../structured/parse-error.ts";

/** A class of errors, abstract ones included. */
// biome-ignore lint/suspicious/noExplicitAny: a class is taken for what it makes; what it is made of does not matter.
type ErrorClass = abstract new (...args: any[]) => unknown;

/** What is tried again: a kind of `classify`, a class of errors, or a function of the error and what is known of it. */
export type RetryWhen = ErrorKind | ErrorClass | ((error: unknown, view: ErrorView) => boolean);

/** True for what `when` can be. */
export function isWhen(when: unknown): when is RetryWhen {
  return typeof when === "string" || typeof when === "function";
}

/** Whether an error is one of those. */
export function wants(when: RetryWhen, error: unknown, view: ErrorView): boolean {
  if (typeof when === "string") return view.kind === when;
  if (isClass(when)) return error instanceof when;
  return when(error, view) === true;
}

/** Whether answers that did not fit are among those: only the whole call can be made again then. */
export function wantsParseError(when: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(when) ? when : [when];
  return list.some(
    (one) => one === "parse" || (isClass(one) && (one === ParseError || one.prototype instanceof ParseError)),
  );
}

function isClass(when: unknown): when is ErrorClass {
  return typeof when === "function" && (when.prototype as unknown) instanceof Error;
}
