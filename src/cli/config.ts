import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isRecord } from "./is-record.ts";
import { Misuse } from "./misuse.ts";

/** What `callscope.config.ts` may say, as its default export. */
export interface Config {
  /** The modules whose samples are read: files or globs, from the configuration's folder. */
  readonly modules?: readonly string[];
  /** Samples beside those of the modules; `name` is `<module>.<export>` where no module exports the call. */
  readonly samples?: readonly unknown[];
  /** Where the locked prompts are; `prompts` by default. */
  readonly prompts?: string;
  /** What `lint` checks against; all by default. */
  readonly providers?: readonly string[];
}

const names = ["callscope.config.ts", "callscope.config.mts", "callscope.config.js", "callscope.config.mjs"];
const keys: readonly string[] = ["modules", "samples", "prompts", "providers"] satisfies (keyof Config)[];

/** A configuration, and where it stands; `undefined` where there is none. */
export interface FoundConfig extends Config {
  readonly file: string | undefined;
}

/** The configuration that was named, or the one that is here, or an empty one. */
export async function readConfig(named: string | undefined): Promise<FoundConfig> {
  const file = named ?? names.find((name) => existsSync(name));
  if (file === undefined) return { file };
  if (!existsSync(file)) throw new Misuse(`There is no configuration ${file}.`);
  const config = (await importModule(file)).default;
  if (!isRecord(config)) throw new Misuse(`${file} has no object as its default export.`);
  const unknown = Object.keys(config).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Misuse(`${file} cannot hold "${unknown}"; it can hold ${keys.join(", ")}.`);
  for (const key of ["modules", "samples", "providers"]) {
    if (config[key] !== undefined && !Array.isArray(config[key])) throw new Misuse(`${file}: \`${key}\` is a list.`);
  }
  if (config.prompts !== undefined && typeof config.prompts !== "string") {
    throw new Misuse(`${file}: \`prompts\` is the name of a folder.`);
  }
  return { ...(config as Config), file };
}

/** Imports a module of the user's. Node itself takes the types out of TypeScript, from 22.18 on. */
export async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (cause) {
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    const hint =
      code === "ERR_UNKNOWN_FILE_EXTENSION" ? " TypeScript needs Node 22.18 or newer, or a module of JavaScript." : "";
    throw new Misuse(`${file} cannot be loaded: ${String(message ?? cause)}${hint}`, { cause });
  }
}
