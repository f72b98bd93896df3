import { type ChildProcess, execFile } from "node:child_process";
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
  /** The same with variables of the environment and a standard input of the test's own. */
  runWith(given: Given, ...args: string[]): Promise<Ran>;
  /** The folder. */
  readonly folder: string;
}

/** What a command is given beside its arguments. */
export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Is told of the process as soon as it runs. */
  readonly started?: (child: ChildProcess) => void;
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
    folder,
    run: (...args) => runIn(folder, {}, args),
    runWith: (given, ...args) => runIn(folder, given, args),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The command's own program, from the sources. */
export const command: string = join(root, "src/cli/index.ts");

/** The environment it is run in: with a key that is never shown, and an address that nothing listens at. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = { NO_COLOR: "1", OPENAI_API_KEY: "sk-never-shown", OPENAI_BASE_URL: "http://127.0.0.1:9" };
  return { ...process.env, ...own, ...more };
}

function runIn(folder: string, { env = {}, input = "", started }: Given, args: readonly string[]): Promise<Ran> {
  return new Promise((done) => {
    const options = { cwd: folder, env: environment(env) };
    const child = execFile(process.execPath, [command, ...args], options, (error, output, errors) => {
      done({ code: error === null ? 0 : Number(error.code ?? -1), output, errors });
    });
    // One that does not read it may have ended before.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    started?.(child);
  });
}
