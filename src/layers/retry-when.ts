import { isErrorClass, type When } from "../errors/when.ts";
import { ParseError } from "../structured/parse-error.ts";

/** What is tried again: a kind of `classify`, a class of errors, or a function of the error and what is known of it. */
export type RetryWhen = When;

/** Whether answers that did not fit are among those: only the whole call can be made again then. */
export function wantsParseError(when: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(when) ? when : [when];
  return list.some(
    (one) => one === "parse" || (isErrorClass(one) && (one === ParseError || one.prototype instanceof ParseError)),
  );
}
