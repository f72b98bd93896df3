import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir, rename, unlink } from "node:fs/promises";
import { extname } from "node:path";
import { Folder, fileFailure, partsOf, refuseLinks, shown } from "./file-root.ts";
import { ToolFailure } from "./tool-failure.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_WRONLY } = constants;

/** @internal What bounds the tools of files, complete. */
export interface FileRules {
  readonly root: string;
  readonly extensions: readonly string[];
  readonly maxBytes: number;
  readonly maxCharacters: number;
  readonly maxEntries: number;
  readonly maxMatches: number;
}

/** A file's text. Throws `ToolFailure`, in this order, for its path, its extension, its absence and its size. */
export async function readText(rules: FileRules, path: string): Promise<string> {
  const { folder, name } = await fileAt(rules, path);
  await using _ = folder;
  // A pipe that nobody writes to would wait for ever.
  await using handle = await open(folder.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const { size } = await statOf(handle, path);
  if (size > rules.maxBytes) throw tooLarge(path, size, rules.maxBytes);
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, filled));
  } catch {
    throw new ToolFailure("failed", `${shown(path)} is no text in UTF-8.`);
  }
}

/** Writes a file, its directories too, in place of the one there is. It is there whole or not at all. Gives its bytes. */
export async function writeText(rules: FileRules, path: string, content: string): Promise<number> {
  const parts = await checkedParts(rules, path);
  const name = nameIn(rules, parts, path);
  const bytes = Buffer.from(content.toWellFormed());
  if (bytes.length > rules.maxBytes) throw tooLarge(path, bytes.length, rules.maxBytes);
  await using folder = await Folder.open(rules.root, parts.slice(0, -1), true);
  const old = await lstat(folder.at(name)).catch(() => undefined);
  if (old?.isDirectory()) throw new ToolFailure("failed", `${shown(path)} is a directory.`);
  const draft = folder.at(`.${randomUUID()}.tmp`);
  try {
    await using handle = await open(draft, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o666);
    if (old?.isFile()) await handle.chmod(old.mode & 0o777);
    await handle.writeFile(bytes);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await rename(draft, folder.at(name)).catch(async (error: unknown) => {
    await unlink(draft).catch(() => undefined);
    throw error;
  });
  return bytes.length;
}

/** Takes a file away. */
export async function removeFile(rules: FileRules, path: string): Promise<void> {
  const { folder, name } = await fileAt(rules, path);
  await using _ = folder;
  const found = await lstat(folder.at(name));
  if (!found.isFile()) throw new ToolFailure("failed", `${shown(path)} is not a file.`);
  await unlink(folder.at(name));
}

/** Makes a directory, those above it too. */
export async function makeDirectory(rules: FileRules, path: string): Promise<void> {
  await using _ = await Folder.open(rules.root, await checkedParts(rules, path), true);
}

/** One thing in a directory. */
export interface Entry {
  readonly name: string;
  readonly kind: "file" | "directory" | "link" | "other";
  readonly size: number;
}

/** What is in a directory, by name. */
export async function entriesOf(folder: Folder): Promise<Entry[]> {
  const found = await readdir(folder.directory);
  const entries: Entry[] = [];
  for (const name of found.sort()) {
    const state = await lstat(folder.at(name)).catch(() => undefined);
    if (state === undefined) continue;
    const kind = state.isFile()
      ? "file"
      : state.isDirectory()
        ? "directory"
        : state.isSymbolicLink()
          ? "link"
          : "other";
    entries.push({ name, kind, size: state.size });
  }
  return entries;
}

/** Opens a directory by the model's path. */
export async function folderAt(rules: FileRules, path: string): Promise<Folder> {
  return Folder.open(rules.root, await checkedParts(rules, path));
}

/** What `work` gives; what the file system threw as a `ToolFailure` without paths of the machine. */
export async function onFiles<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Whether a name has an extension that may be read and written. */
export function isAllowed({ extensions }: FileRules, name: string): boolean {
  return extensions.includes(extname(name).slice(1));
}

async function checkedParts({ root }: FileRules, path: string): Promise<string[]> {
  const parts = partsOf(root, path);
  await refuseLinks(root, parts);
  return parts;
}

async function fileAt(rules: FileRules, path: string): Promise<{ folder: Folder; name: string }> {
  const parts = await checkedParts(rules, path);
  const name = nameIn(rules, parts, path);
  return { folder: await Folder.open(rules.root, parts.slice(0, -1)), name };
}

function nameIn(rules: FileRules, parts: readonly string[], path: string): string {
  const name = parts.at(-1);
  if (name === undefined) throw new ToolFailure("refused", "The path is that of the directory itself, not of a file.");
  if (isAllowed(rules, name)) return name;
  throw new ToolFailure(
    "refused",
    `${shown(path)} has none of the extensions allowed: ${rules.extensions.join(", ")}.`,
  );
}

async function statOf(handle: { stat(): Promise<{ isFile(): boolean; size: number }> }, path: string) {
  const state = await handle.stat();
  if (!state.isFile()) throw new ToolFailure("failed", `${shown(path)} is not a file.`);
  return state;
}

function tooLarge(path: string, size: number, most: number): ToolFailure {
  return new ToolFailure("limit", `${shown(path)} has ${size} bytes; at most ${most} are allowed.`);
}
