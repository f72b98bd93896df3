import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream, type Stats } from "node:fs";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Environment, ModelFile } from "./model-source.ts";

/**
 * The folder models are kept in: `CALLSCOPE_CACHE`, else `callscope` in `XDG_CACHE_HOME`, else where the system keeps
 * such things.
 */
export function cacheFolder(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const { CALLSCOPE_CACHE: own, XDG_CACHE_HOME: shared, LOCALAPPDATA: local, HOME: home = homedir() } = environment;
  if (own) return own;
  // A relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/#variables
  if (shared && isAbsolute(shared)) return join(shared, "callscope");
  if (platform === "win32") return join(local || join(homedir(), "AppData", "Local"), "callscope", "cache");
  if (platform === "darwin") return join(home, "Library", "Caches", "callscope");
  return join(home, ".cache", "callscope");
}

/**
 * Whether the file at `path` is `file`, by size and checksum. A checksum once found right is noted beside the file with
 * its size and time, and is not computed again until one of them changes (a tenth of a second for 100 MB).
 */
export async function isVerified(path: string, file: ModelFile, signal?: AbortSignal): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size !== file.bytes) return false;
  const noted = await readFile(notePath(path), "utf8").catch(() => undefined);
  if (noted === note(file, stats)) return true;
  const hash = createHash("sha256");
  await addFile(hash, path, signal);
  if (hash.digest("hex") !== file.sha256) return false;
  // In a folder that cannot be written the file is simply verified again next time.
  await writeFile(notePath(path), note(file, stats)).catch(() => {});
  return true;
}

/** The bytes that came are not those of the file that was asked for. */
export class WrongContentError extends Error {
  override readonly name = "WrongContentError";
}

/** What {@link storeFile} keeps, and where. */
export interface StoreOptions {
  readonly file: ModelFile;
  /** The final path. It comes into being whole and verified, or not at all. */
  readonly path: string;
  /** Where the bytes are gathered, in the same folder. It stays when they are cut off, for the next try to go on. */
  readonly partPath: string;
  /** How many bytes of the part are kept; `bytes` begin there. */
  readonly start: number;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal | undefined;
  readonly report: (received: number, total: number) => void;
}

/**
 * Writes `bytes` to the part file, verifies size and checksum on the way, and moves it to its place only when it is
 * safely on the disk. Throws `WrongContentError`, and removes the part, when they are not the file's.
 */
export async function storeFile(options: StoreOptions): Promise<void> {
  const { file, path, partPath, start, bytes, signal, report } = options;
  const hash = createHash("sha256");
  if (start > 0) await addFile(hash, partPath, signal);
  let received = start;
  const check = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      received += chunk.byteLength;
      if (received > file.bytes) throw new WrongContentError(`sent more than the ${file.bytes} bytes of the file`);
      hash.update(chunk);
      report(received, file.bytes);
      yield chunk;
    }
  };
  const target = createWriteStream(partPath, { flags: start > 0 ? "r+" : "w", start, flush: true });
  try {
    await pipeline(bytes, check, target, { signal });
    if (received < file.bytes) throw new Error(`sent only ${received} of the ${file.bytes} bytes of the file`);
    const sha256 = hash.digest("hex");
    if (sha256 !== file.sha256)
      throw new WrongContentError(`sent bytes with the checksum ${sha256}, not ${file.sha256}`);
  } catch (error) {
    if (error instanceof WrongContentError) await rm(partPath, { force: true });
    throw error;
  }
  await rename(partPath, path);
  await writeFile(notePath(path), note(file, await stat(path))).catch(() => {});
}

/** How many bytes of `file` an earlier, interrupted run left at `partPath`. */
export async function partSize(partPath: string, file: ModelFile): Promise<number> {
  const size = await stat(partPath)
    .then((stats) => stats.size)
    .catch(() => 0);
  return size < file.bytes ? size : 0;
}

async function addFile(hash: Hash, path: string, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1 << 20 })) hash.update(chunk);
}

function notePath(path: string): string {
  return `${path}.verified`;
}

function note({ sha256 }: ModelFile, { size, mtimeMs }: Stats): string {
  return JSON.stringify({ sha256, size, mtimeMs });
}
