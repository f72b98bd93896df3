import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { command, environment } from "./run-command.ts";

/** `callscope view` as a process of its own. */
export interface RunningViewer extends AsyncDisposable {
  readonly url: string;
  /** Ends it as Ctrl-C does, and gives its exit code. */
  end(): Promise<number | null>;
}

export async function startViewer(file: string): Promise<RunningViewer> {
  const child: ChildProcess = spawn(process.execPath, [command, "view", file, "--json"], {
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr?.on("data", (text) => {
    errors += text;
  });
  const url = await new Promise<string>((done, fail) => {
    child.stdout?.once("data", (line: Buffer) => done((JSON.parse(line.toString()) as { url: string }).url));
    child.once("exit", (code) => fail(new Error(`callscope view ended with ${code}: ${errors}`)));
  });
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const over = once(child, "exit");
      child.kill("SIGINT");
      await over;
    }
    return child.exitCode;
  };
  return {
    url,
    end,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}
