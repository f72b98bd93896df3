import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ConfigError } from "../errors/errors.ts";
import { wholeNumber } from "../layers/options.ts";

/** How code of a language is run. */
export interface SandboxLanguage {
  /** The program and its arguments; the file with the code comes after them: `["/usr/bin/python3"]`. */
  readonly command: readonly [string, ...string[]];
  /**
   * Bytes that its engine sets aside and does not use, as those of JavaScript, Java and Go do: they do not count as memory,
   * and the limit is on what a process may write to. Left out, it is on all addresses of a process, which is stricter.
   */
  readonly reserves?: number;
}

/** A language and the file of its program that has to be put into the sandbox; none where it is below /usr. */
export interface KnownLanguage extends SandboxLanguage {
  readonly needs?: string;
}

/** Where a program from outside /usr is found in the sandbox. */
export const bound = "/sandbox/program";

/** The languages that this machine has: Python and a shell below /usr, and JavaScript by the Node that runs this. */
export function languagesHere(): Readonly<Record<string, KnownLanguage>> {
  const found: Record<string, KnownLanguage> = {};
  if (canRun("/usr/bin/python3")) found.python = { command: ["/usr/bin/python3", "-I"] };
  // Node 26 sets 560 MiB aside, half a GiB of it for code.
  const reserves = 768 * 1024 * 1024;
  const node = realpathSync(process.execPath);
  if (node.startsWith("/usr/")) found.javascript = { command: [node], reserves };
  else if (basename(node) === "node" && isOpen(node)) found.javascript = { command: [bound], reserves, needs: node };
  else if (canRun("/usr/bin/node")) found.javascript = { command: ["/usr/bin/node"], reserves };
  if (canRun("/usr/bin/sh")) found.shell = { command: ["/usr/bin/sh"] };
  return found;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether nobody, as whom the sandbox of a program that is root is made, gets to a file. */
function isOpen(path: string): boolean {
  if (process.getuid?.() !== 0) return true;
  for (let at = path; at !== dirname(at); at = dirname(at)) if ((statSync(at).mode & 0o001) === 0) return false;
  return true;
}

/** Checks languages that were given. Throws `ConfigError`. */
export function checkLanguages(languages: Readonly<Record<string, SandboxLanguage>>): void {
  const names = typeof languages === "object" && languages !== null ? Object.entries(languages) : [];
  if (names.length === 0) {
    throw new ConfigError('runCode() needs a language: `languages: { python: { command: ["/usr/bin/python3"] } }`.');
  }
  for (const [name, language] of names) {
    const [program, ...rest] = Array.isArray(language?.command) ? language.command : [];
    if (typeof program !== "string" || !program.startsWith("/") || !rest.every((one) => typeof one === "string")) {
      throw new ConfigError(
        `The language "${name}" needs a \`command\`: the whole path of a program, and its arguments.`,
      );
    }
    if (language.reserves !== undefined) wholeNumber("reserves", language.reserves, 0);
  }
}
