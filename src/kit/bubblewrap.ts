import { type ChildProcess, spawn } from "node:child_process";
import { lstatSync, readlinkSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { bound, type KnownLanguage } from "./languages.ts";

/** @internal What bounds a run, complete. */
export interface SandboxRules {
  /** Milliseconds. */
  readonly timeout: number;
  /** Bytes, of each process and of the files it makes. */
  readonly memory: number;
  /** Bytes, of standard output and error together. */
  readonly maxOutput: number;
  readonly maxProcesses: number;
  /** Paths of the machine that are to be read at the same place. */
  readonly readable: readonly string[];
}

/** How a run ended. */
export interface SandboxRun {
  readonly stdout: string;
  readonly stderr: string;
  /** `undefined` where the sandbox itself could not be made: `stderr` says why. */
  readonly exitCode: number | undefined;
  /** What it was ended for. */
  readonly limit?: "timeout" | "output";
}

// Nobody: who is root on the machine is not root's equal inside, as he would be by a changed number alone.
const nobody = 65_534;

/**
 * Runs code in a new set of namespaces: no network, no processes of the machine, its programs and libraries to be read and
 * nothing else of it, one directory in memory to write to, and limits on time, memory, processes and output. Rejects with
 * Node's error where there is no bubblewrap, and with the signal's reason.
 */
export async function runInSandbox(
  language: KnownLanguage,
  code: string,
  rules: SandboxRules,
  signal: AbortSignal | undefined,
): Promise<SandboxRun> {
  signal?.throwIfAborted();
  const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const child = spawn("bwrap", argumentsFor(language, rules), {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    cwd: "/",
    // Nothing of the environment, in which keys are kept.
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    ...asNobody,
  });
  let limit: SandboxRun["limit"];
  const end = (reason: SandboxRun["limit"]) => {
    limit ??= reason;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => end("timeout"), rules.timeout);
  const leave = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", leave, { once: true });
  try {
    const budget = { left: rules.maxOutput, spent: () => end("output") };
    const [, stdout, stderr, source, status] = child.stdio as readonly unknown[] as [
      null,
      Readable,
      Readable,
      Writable,
      Readable,
    ];
    // A sandbox that was not made does not read its code.
    source.on("error", () => undefined).end(code);
    const texts = Promise.all([collect(stdout, budget), collect(stderr, budget), collect(status)]);
    await closed(child);
    signal?.throwIfAborted();
    const [output, errors, told] = await texts;
    const exitCode = /"exit-code"\s*:\s*(\d+)/.exec(told)?.[1];
    const ended = exitCode === undefined ? (limit === undefined ? undefined : 137) : Number(exitCode);
    return { stdout: output, stderr: errors, exitCode: ended, ...(limit !== undefined && { limit }) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("close", () => resolve());
    child.once("error", reject);
  });
}

async function collect(stream: Readable, budget?: { left: number; spent: () => void }): Promise<string> {
  const pieces: Buffer[] = [];
  stream.on("error", () => undefined);
  for await (const piece of stream as AsyncIterable<Buffer>) {
    if (budget === undefined) {
      pieces.push(piece);
      continue;
    }
    pieces.push(piece.subarray(0, Math.max(0, budget.left)));
    budget.left -= piece.length;
    if (budget.left < 0) budget.spent();
  }
  return Buffer.concat(pieces).toString().toWellFormed();
}

// https://github.com/containers/bubblewrap, version 0.8 and later; prlimit is util-linux's.
function argumentsFor(language: KnownLanguage, rules: SandboxRules): string[] {
  const size = String(rules.memory);
  const isolated = ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"];
  const identity = [
    "--clearenv",
    "--uid",
    String(nobody),
    "--gid",
    String(nobody),
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
  ];
  const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/tmp", LANG: "C.UTF-8" };
  return [
    ...isolated,
    ...identity,
    ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
    ...system(),
    ...rules.readable.flatMap((path) => ["--ro-bind", path, path]),
    ...(language.needs === undefined ? [] : ["--ro-bind", language.needs, bound]),
    ...["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
    ...["--size", size, "--tmpfs", "/tmp", "--chdir", "/tmp"],
    ...["--ro-bind-data", "3", "/sandbox/code", "--json-status-fd", "4"],
    ...["--remount-ro", "/", "--"],
    ...["/usr/bin/prlimit", memoryLimit(language, rules.memory), `--fsize=${size}`],
    ...[`--cpu=${Math.ceil(rules.timeout / 1000)}`, `--nproc=${rules.maxProcesses}`, "--nofile=256", "--core=0", "--"],
    ...[...language.command, "/sandbox/code"],
  ];
}

function memoryLimit({ reserves }: KnownLanguage, memory: number): string {
  return reserves === undefined ? `--as=${memory}` : `--data=${memory + reserves}`;
}

/** Programs and libraries: /usr, and what the root directory has for links into it, or directories of its own. */
function system(): string[] {
  const roots = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"].map((name) => `/${name}`);
  return [
    ...["--ro-bind", "/usr", "/usr"],
    ...[
      "--ro-bind-try",
      "/etc/alternatives",
      "/etc/alternatives",
      "--ro-bind-try",
      "/etc/ld.so.cache",
      "/etc/ld.so.cache",
    ],
    ...roots.flatMap((path) => {
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found?.isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
      return found?.isDirectory() ? ["--ro-bind", path, path] : [];
    }),
  ];
}
