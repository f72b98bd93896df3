import { type ErrorClass, isErrorClass, type When } from "../errors/when.ts";
import { ParseError } from "../structured/parse-error.ts";

/** What is tried again: a kind of `classify`, a class of errors, or a function of the error and what is known of it. */
export type RetryWhen = When;

/** Whether a function decides: it may want an answer that did not fit, which nobody knows before there is one. */
export function asksFunction(when: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(when) ? when : [when];
  return list.some((one) => typeof one === "function" && !isErrorClass(one));
}

/**
 * Whether answers that did not fit are among those: only the whole call can be made again then. A function is not asked
 * before there is an error, so it does not tell.
 */
export function wantsParseError(when: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(when) ? when : [when];
  return list.some((one) => one === "malformed" || (isErrorClass(one) && takesParseErrors(one)));
}

function takesParseErrors(one: ErrorClass): boolean {
  const { prototype } = one as { prototype: object };
  return one === ParseError || prototype instanceof ParseError || ParseError.prototype instanceof one;
}
