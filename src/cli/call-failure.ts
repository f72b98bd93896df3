import { classify } from "../errors/classify.ts";
import { ConfigError, MissingPackageError, PromptError } from "../errors/errors.ts";
import { environmentSecrets, scrubText } from "../json/scrub.ts";
import { BudgetError } from "../layers/budget-error.ts";
import { exitCodes, Failure, Misuse } from "./misuse.ts";

/** How a call failed, as a person reads it: services repeat keys in their messages, a terminal does not show them. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return scrubText(message, environmentSecrets());
}

/** The same as data. */
export function failureData(error: unknown): object {
  const { kind, status, retryAfterMs } = classify(error);
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return { name, kind, status, retryAfterMs, message: failureText(error) };
}

/** What the command ends with where a call of the user's ended in this error. */
export function callFailure(error: unknown, signal?: AbortSignal): Error {
  if (error instanceof Misuse || error instanceof Failure) return error;
  if (signal?.aborted) return new Failure("Interrupted.", exitCodes.interrupted, { cause: error });
  const isMisuse = [ConfigError, MissingPackageError, PromptError].some((one) => error instanceof one);
  if (isMisuse) return new Misuse(failureText(error), { cause: error });
  if (error instanceof BudgetError) return new Failure(failureText(error), exitCodes.stopped, { cause: error });
  const { kind, status } = classify(error);
  const what = kind === "unknown" ? "" : ` (${[kind, status].filter((part) => part !== undefined).join(", ")})`;
  return new Failure(`The call failed${what}: ${failureText(error)}`, exitCodes.failed, { cause: error });
}
