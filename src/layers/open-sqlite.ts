import type { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../errors/errors.ts";

/**
 * @internal Opens a SQLite file by Node's own `node:sqlite`; `milliseconds` is how long it waits for another process that writes.
 * `whose` needs it, for the `ConfigError` where the runtime has none.
 */
export function openSqlite(whose: string, path: string, milliseconds: number): DatabaseSync {
  // Not imported: a bundle for a runtime without it has no trace of it.
  const sqlite = globalThis.process?.getBuiltinModule?.("node:sqlite");
  const lacking = `${whose} needs node:sqlite, which this runtime does not have: Node has it from 22.13.`;
  if (sqlite === undefined) throw new ConfigError(lacking);
  try {
    return new sqlite.DatabaseSync(path, { timeout: milliseconds });
  } catch (cause) {
    // Workers have the module with nothing in it; SQLite's own errors, and those of arguments, have a code.
    if (cause instanceof TypeError && !("code" in cause)) throw new ConfigError(lacking, { cause });
    throw cause;
  }
}
