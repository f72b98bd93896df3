import type { ExitCode } from "./misuse.ts";

/** One option of a command, as `parseArgs` of `node:util` takes it, and what `--help` says of it. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly multiple?: true;
  readonly short?: string;
  /** What stands for its value in `--help`. */
  readonly value?: string;
  readonly about: string;
  /** What a shell completes it to. */
  readonly choices?: "providers" | "files" | readonly string[];
}

/** The values of the options that were given. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** A command's own module: runs it, and tells the exit code, or whether it found anything. */
export interface Command {
  run(values: OptionValues, positionals: readonly string[]): Outcome | Promise<Outcome>;
}

type Outcome = boolean | ExitCode;

/** What is known of a command before its module is loaded. */
export interface CommandSpec {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly about: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What a shell completes its arguments to. */
  readonly completes: "files" | "shells" | "models" | "nothing";
}
