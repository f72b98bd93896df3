import { ConfigError } from "../errors/errors.ts";
import { checkOptions, wholeNumber } from "../layers/options.ts";
import { jsonSchema } from "../schema/schema.ts";
import { type Tool, tool } from "../tools/tool.ts";
import { runInSandbox, type SandboxRules, type SandboxRun } from "./bubblewrap.ts";
import { checkLanguages, type KnownLanguage, languagesHere, type SandboxLanguage } from "./languages.ts";
import { orFailure, ToolFailure } from "./tool-failure.ts";

/** What bounds the code that a model runs. */
export interface RunCodeOptions {
  /**
   * The languages by the name the model calls them. Default: those of `python`, `javascript` and `shell` that are here.
   * Programs below /usr are in the sandbox; for others, name their directory in `readable`.
   */
  readonly languages?: Readonly<Record<string, SandboxLanguage>>;
  /** Milliseconds, after which the code is ended. Default: 10,000. */
  readonly timeout?: number;
  /** Bytes of memory for each process, and for the files it makes. Default: 512 MiB. */
  readonly memory?: number;
  /** Bytes of output, after which the code is ended. Default: 64 KiB. */
  readonly maxOutput?: number;
  /** The most processes and threads at once. Default: 64. */
  readonly maxProcesses?: number;
  /** Whole paths of the machine that the code may read, at the same place. Default: none but /usr. */
  readonly readable?: readonly string[];
}

/** What the model gives. */
export interface RunCodeArgs {
  readonly language: string;
  readonly code: string;
}

const keys: readonly string[] = [
  "languages",
  "timeout",
  "memory",
  "maxOutput",
  "maxProcesses",
  "readable",
] satisfies (keyof RunCodeOptions)[];

/**
 * The tool `run_code`: runs code in a sandbox of the system, bubblewrap on Linux, and gives what it printed. The code has
 * no network, sees nothing of the machine but its programs, keeps nothing, and is bounded in time, memory, processes and
 * output. Where there is no sandbox nothing runs, and the result is a sentence that says so. Throws `ConfigError`.
 */
export function runCode(options: RunCodeOptions = {}): Tool<"run_code", RunCodeArgs, Promise<string | ToolFailure>> {
  checkOptions("runCode()", options, keys);
  const languages: Readonly<Record<string, KnownLanguage>> = options.languages ?? languagesHere();
  checkLanguages(languages);
  const rules = toRules(options);
  const parameters = jsonSchema<RunCodeArgs>({
    type: "object",
    properties: {
      language: { type: "string", enum: Object.keys(languages) },
      code: { type: "string", description: "A whole program. What it prints is its result." },
    },
    required: ["language", "code"],
    additionalProperties: false,
  });
  return tool({
    name: "run_code",
    description:
      "Runs a program in a sandbox without a network and gives what it prints. Nothing is kept between runs.",
    parameters,
    call: ({ language, code }, { signal }) =>
      orFailure(signal, async () => {
        const found = Object.hasOwn(languages, language) ? languages[language] : undefined;
        if (found === undefined) throw new ToolFailure("refused", `There is no language "${language}".`);
        return told(await run(found, code, rules, signal), rules);
      }),
  });
}

/** Why code cannot be run here, in a sentence; `undefined` where it can. */
export async function sandboxProblem(): Promise<string | undefined> {
  const rules = toRules({ maxProcesses: 8 });
  const tried = await orFailure(undefined, () => run({ command: ["/usr/bin/true"] }, "", rules, undefined));
  if (tried instanceof ToolFailure) return tried.message;
  return tried.exitCode === 0 ? undefined : `The sandbox cannot run a program: ${firstLine(tried.stderr)}`;
}

function toRules(options: RunCodeOptions): SandboxRules {
  const {
    timeout = 10_000,
    memory = 512 * 1024 * 1024,
    maxOutput = 64 * 1024,
    maxProcesses = 64,
    readable = [],
  } = options;
  for (const [name, value] of Object.entries({ timeout, memory, maxOutput, maxProcesses })) wholeNumber(name, value, 1);
  if (!Array.isArray(readable) || !readable.every((path) => typeof path === "string" && path.startsWith("/"))) {
    throw new ConfigError('`readable` is a list of whole paths: ["/opt/data"].');
  }
  return { timeout, memory, maxOutput, maxProcesses, readable };
}

async function run(
  language: KnownLanguage,
  code: string,
  rules: SandboxRules,
  signal: AbortSignal | undefined,
): Promise<SandboxRun> {
  const lead = "Code runs only in a sandbox, and there is none here";
  if (process.platform !== "linux") {
    throw new ToolFailure("failed", `${lead}: bubblewrap, which makes one, is a program of Linux.`);
  }
  let ended: SandboxRun;
  try {
    ended = await runInSandbox(language, code, rules, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new ToolFailure("failed", `${lead}: install the system's package "bubblewrap".`, { cause });
  }
  if (ended.exitCode !== undefined) return ended;
  throw new ToolFailure("failed", `${lead}: bubblewrap cannot make one (${firstLine(ended.stderr)}).`);
}

function told({ stdout, stderr, exitCode, limit }: SandboxRun, rules: SandboxRules): string {
  const parts = [stdout.trimEnd(), stderr.trim() === "" ? "" : `[Standard error]\n${stderr.trimEnd()}`];
  const ends = {
    timeout: `[It was ended after ${rules.timeout} ms.]`,
    output: `[It was ended when its output passed ${rules.maxOutput} bytes.]`,
  };
  if (limit !== undefined) throw new ToolFailure("limit", [...parts, ends[limit]].filter(Boolean).join("\n"));
  if (exitCode !== 0) parts.push(`[Exit code ${exitCode}.]`);
  return parts.filter(Boolean).join("\n") || "[It printed nothing.]";
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 200) ?? "";
}
