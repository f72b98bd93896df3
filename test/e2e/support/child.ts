import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A server in a process of its own, which ends when its standard input does: when it is stopped, or this one dies. */
export interface Child extends AsyncDisposable {
  /** The end of all it has printed. */
  readonly output: string;
  /** Resolves when `look` gives something; looked at ten times a second. Throws its output if it ends before. */
  until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T>;
}

/** Starts a program with these variables and no others but the path. */
export function startChild(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Child {
  const { PATH, SystemRoot } = process.env;
  const env = { PATH, ...(SystemRoot !== undefined && { SystemRoot }), ...environment };
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(program, args, {
    env,
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  let output = "";
  const keep = (text: string) => {
    output = (output + text).slice(-20_000);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  child.on("error", (error) => keep(String(error)));
  // It may be gone before its input is closed.
  child.stdin.on("error", () => {});
  const isOver = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    get output() {
      return output;
    },
    async until(look) {
      for (;;) {
        const seen = await look();
        if (seen !== undefined) return seen;
        if (isOver()) throw new Error(`The program ended:\n${output}`);
        await sleep(100);
      }
    },
    async [Symbol.asyncDispose]() {
      if (isOver()) return;
      const over = once(child, "exit");
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await over;
      clearTimeout(timer);
    },
  };
}
