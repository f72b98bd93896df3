import { ConfigError } from "../errors/errors.ts";

/**
 * Refuses a runtime on which Restate's SDK answers and then never sends a byte: it needs what Node has from 22 on, and
 * says so nowhere. Throws `ConfigError`.
 */
export function checkRuntime(
  withResolvers: unknown = Promise.withResolvers,
  version: string | undefined = globalThis.process?.version,
): void {
  if (typeof withResolvers === "function") return;
  throw new ConfigError(
    `callscope/restate needs Node 22 or later (this is ${version ?? "another runtime"}, without Promise.withResolvers): Restate's SDK hangs here without a word.`,
  );
}
