import { constants, existsSync, realpathSync, statSync } from "node:fs";
import { type FileHandle, lstat, mkdir, open } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { ToolFailure } from "./tool-failure.ts";

// Windows has neither flag; its links are found by `lstat` alone.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_RDONLY } = constants;

/** The real path of a directory. Throws `ConfigError` for what is none. */
export function realRoot(name: string, root: unknown): string {
  if (typeof root !== "string" || root === "") {
    throw new ConfigError(`${name} needs a \`root\`, the path of a directory; it was given ${describe(root)}.`);
  }
  let real: string;
  try {
    real = realpathSync(root);
  } catch (cause) {
    throw new ConfigError(`The \`root\` of ${name} does not exist.`, { cause });
  }
  if (!statSync(real).isDirectory()) throw new ConfigError(`The \`root\` of ${name} is not a directory.`);
  return real;
}

/** A path of the model's within a root: the names that lead there, none for the root itself. Throws `ToolFailure`. */
export function partsOf(root: string, path: string): string[] {
  if (path.includes("\0")) throw new ToolFailure("refused", "A path has no zero bytes.");
  const inside = relative(root, resolve(root, path));
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new ToolFailure("refused", `The path ${shown(path)} leads out of the directory that is allowed.`);
  }
  return inside === "" ? [] : inside.split(sep);
}

/** Throws `ToolFailure` where a path goes through a link, wherever that leads. What is not there yet is no link. */
export async function refuseLinks(root: string, parts: readonly string[]): Promise<void> {
  let at = root;
  for (const part of parts) {
    at = join(at, part);
    const found = await lstat(at).catch(() => undefined);
    if (found === undefined) return;
    if (found.isSymbolicLink()) {
      throw new ToolFailure(
        "refused",
        `The path ${shown(parts.join("/"))} goes through a link, which is not followed.`,
      );
    }
  }
}

/** An open directory: what is asked of a name in it cannot be led elsewhere by who changes the way to it meanwhile. */
export class Folder implements AsyncDisposable {
  readonly #handle: FileHandle | undefined;
  readonly #path: string;

  private constructor(path: string, handle: FileHandle | undefined) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Opens the directory that these names lead to; with `create`, those that are missing are made. Follows no link. */
  static async open(root: string, parts: readonly string[], create = false): Promise<Folder> {
    let folder = await Folder.#at(root);
    for (const part of parts) {
      const path = folder.at(part);
      try {
        if (create) await mkdir(path).catch(unlessThere);
        if ((await lstat(path)).isSymbolicLink()) throw new ToolFailure("refused", `${shown(part)} is a link.`);
        const next = await Folder.#at(path);
        await folder[Symbol.asyncDispose]();
        folder = next;
      } catch (error) {
        await folder[Symbol.asyncDispose]();
        throw error;
      }
    }
    return folder;
  }

  static async #at(path: string): Promise<Folder> {
    const bound = held();
    if (!bound && !(await lstat(path)).isDirectory()) throw new ToolFailure("failed", "It is not a directory.");
    return new Folder(path, bound ? await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : undefined);
  }

  /** The path of a name in it. */
  at(name: string): string {
    return join(this.directory, name);
  }

  get directory(): string {
    return this.#handle === undefined ? this.#path : `/proc/self/fd/${this.#handle.fd}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }
}

let hasHandles: boolean | undefined;

/** Whether an open directory has a path of its own: on Linux. Elsewhere its own path stands for it. */
function held(): boolean {
  hasHandles ??= process.platform === "linux" && existsSync("/proc/self/fd/");
  return hasHandles;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

/** A path of the model's in a message: quoted, and not without an end. */
export function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}

/** A file system's error as the model is told: without paths of the machine. */
export function fileFailure(path: string, error: unknown): ToolFailure {
  if (error instanceof ToolFailure) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const name = path === "" ? "The directory" : shown(path);
  if (code === "ENOENT") return new ToolFailure("failed", `${name} does not exist.`, { cause: error });
  if (code === "EACCES" || code === "EPERM")
    return new ToolFailure("failed", `${name} may not be used.`, { cause: error });
  if (code === "ENOTDIR")
    return new ToolFailure("failed", `${name} is not a directory, or below what is none.`, { cause: error });
  if (code === "EISDIR") return new ToolFailure("failed", `${name} is a directory.`, { cause: error });
  return new ToolFailure("failed", `${name} cannot be used: ${code ?? "unknown error"}.`, { cause: error });
}
