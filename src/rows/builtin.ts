import { ConfigError } from "../errors/errors.ts";

interface Modules {
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:fs": typeof import("node:fs");
  readonly "node:os": typeof import("node:os");
  readonly "node:readline": typeof import("node:readline");
}

/** A module of the runtime. Throws `ConfigError` where it has none of that name. */
export function builtin<Name extends keyof Modules>(name: Name): Modules[Name] {
  const module = globalThis.process?.getBuiltinModule?.(name);
  if (module !== undefined) return module as Modules[Name];
  throw new ConfigError(`This runtime has no ${name}, which rows and their journal need: Node 22.13 or later has it.`);
}
