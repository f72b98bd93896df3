import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";

interface Given {
  readonly signal?: AbortSignal | null | undefined;
  readonly timeout?: number | null | undefined;
  readonly deadline?: number | null | undefined;
  readonly idleTimeout?: number | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | null | undefined;
  readonly reader?: "sdk" | null | undefined;
}

/** Checks what only the caller knows, at run time. Throws `ConfigError`. */
export function checkSending({ signal, timeout, deadline, idleTimeout, headers, reader }: Given): void {
  if (signal != null && typeof signal.throwIfAborted !== "function") {
    throw new ConfigError("`signal` is an AbortSignal: give the controller's `signal`.");
  }
  checkTime("timeout", timeout, 1);
  checkTime("deadline", deadline, 1);
  checkTime("idleTimeout", idleTimeout, 0);
  if (headers != null && (typeof headers !== "object" || Array.isArray(headers))) {
    throw new ConfigError(`\`headers\` is an object of texts; it was given ${describe(headers)}.`);
  }
  if (reader != null && reader !== "sdk") {
    throw new ConfigError(`\`reader\` is "sdk" or null; it was given ${describe(reader)}.`);
  }
}

function checkTime(name: string, time: number | null | undefined, least: number): void {
  if (time == null || (typeof time === "number" && time >= least)) return;
  throw new ConfigError(`\`${name}\` is a time in milliseconds, at least ${least}; it was given ${String(time)}.`);
}
