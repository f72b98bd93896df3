import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { environment } from "./run-command.ts";

/** Whether there is a program here that runs another in a terminal: util-linux's `script`, whose options BSD's has not. */
export const terminalPresent: boolean = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes(
  "util-linux",
);

/** A program that runs in a terminal of its own. */
export interface PseudoTerminal extends AsyncDisposable {
  /** What it has shown so far, without the signs that move the cursor. */
  readonly screen: string;
  /** Waits until it shows this after what was waited for before. Fails where it ends without. */
  shows(text: string): Promise<void>;
  /** Types it; a control sign is a key: `\x03` is Ctrl-C, `\x04` Ctrl-D. */
  type(text: string): void;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts one in a terminal: its input and output are one, and somebody types. */
export function startTerminal(
  line: readonly string[],
  given: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): PseudoTerminal {
  const words = line.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const env = { ...environment(given.env), TERM: "xterm", COLUMNS: "200", SHELL: "/bin/sh" };
  const child = spawn("script", ["-qefc", words, "/dev/null"], {
    cwd: given.cwd,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let screen = "";
  let seen = 0;
  let isOver = false;
  let heard = Promise.withResolvers<void>();
  const hear = (text = "") => {
    screen += text;
    heard.resolve();
    heard = Promise.withResolvers();
  };
  const decoder = new TextDecoder();
  child.stdout.on("data", (bytes: Buffer) => hear(stripVTControlCharacters(decoder.decode(bytes, { stream: true }))));
  child.stdin.on("error", () => {});
  const ended = once(child, "close").then(([code]) => {
    isOver = true;
    hear();
    return code as number | null;
  });
  return {
    get screen() {
      return screen;
    },
    async shows(text) {
      for (let at = screen.indexOf(text, seen); ; at = screen.indexOf(text, seen)) {
        if (at >= 0) {
          seen = at + text.length;
          return;
        }
        if (isOver) throw new Error(`It ended without ${JSON.stringify(text)}: ${screen}`);
        await heard.promise;
      }
    },
    type: (text) => void child.stdin.write(text),
    ended,
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill();
      await ended;
    },
  };
}
