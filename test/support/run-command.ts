import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "../..");

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** A folder with modules of a user's; `run` runs the command there as a process of its own. */
export interface Workplace extends Disposable {
  write(file: string, text: string): void;
  read(file: string): string;
  run(...args: string[]): Promise<Ran>;
}

/** The head of a module that imports the library's sources and zod. */
export const imports: string = [
  ["{ openai }", "src/providers/openai/index.ts"],
  ["{ anthropic }", "src/providers/anthropic/index.ts"],
  ["{ call, fallback, tool }", "src/index.ts"],
  ["{ z }", "node_modules/zod/index.js"],
]
  .map(([names, path]) => `import ${names} from ${JSON.stringify(pathToFileURL(join(root, path ?? "")).href)};\n`)
  .join("");

export function workplace(files: Readonly<Record<string, string>> = {}): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "callscope-command-"));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return {
    write,
    read: (file) => readFileSync(join(folder, file), "utf8"),
    run: (...args) =>
      new Promise((done) => {
        const env = {
          ...process.env,
          NO_COLOR: "1",
          OPENAI_API_KEY: "sk-never-shown",
          OPENAI_BASE_URL: "http://127.0.0.1:9",
        };
        const command = [join(root, "src/cli/index.ts"), ...args];
        execFile(process.execPath, command, { cwd: folder, env }, (error, output, errors) => {
          done({ code: error === null ? 0 : Number(error.code), output, errors });
        });
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
