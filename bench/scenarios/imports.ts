import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { median } from "../measure.ts";
import type { Table } from "../report.ts";

const run = promisify(execFile);
const folder = dirname(import.meta.dirname);
const providers = [
  "openai",
  "anthropic",
  "mistral",
  "gemini",
  "vertex",
  "groq",
  "cohere",
  "litellm",
  "azure",
  "bedrock",
];
const subpaths = ["callscope", ...[...providers, "local"].map((name) => `callscope/${name}`)];
const bare = "an empty .mjs";
const sdk = "openai (the SDK, to compare)";

/** Until a subpath is imported, in new processes: what a program pays before its first call. */
export async function imports(): Promise<Table[]> {
  // Beside the packages, so that they are found.
  mkdirSync(join(folder, "results"), { recursive: true });
  const programs = mkdtempSync(join(folder, "results", "import-"));
  try {
    const names = [bare, sdk, ...subpaths];
    const files = names.map((name, index) => {
      const file = join(programs, `${index}.mjs`);
      writeFileSync(file, programOf(name === bare ? undefined : name === sdk ? "openai" : name));
      return file;
    });
    const taken = names.map((): Taken[] => []);
    for (let round = 0; round < 15; round++) {
      for (const [index, file] of files.entries()) taken[index]?.push(await importOnce(file));
    }
    const middle = (index: number, key: keyof Taken) => median((taken[index] ?? []).map((sample) => sample[key]));
    const rows = names.map((name, index) => [
      name,
      middle(index, "wall") - middle(0, "wall"),
      middle(index, "cpu") - middle(0, "cpu"),
    ]);
    const columns = ["import", `wall ms over ${bare}`, `CPU ms over ${bare}`];
    return [{ title: "Import, before the first call, no compile cache", columns, rows }];
  } finally {
    rmSync(programs, { recursive: true, force: true });
  }
}

/** Milliseconds since the process began. */
interface Taken {
  readonly wall: number;
  readonly cpu: number;
}

function programOf(specifier: string | undefined): string {
  return `${specifier === undefined ? "" : `import ${JSON.stringify(specifier)};`}
    const wall = performance.now();
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));`;
}

async function importOnce(file: string): Promise<Taken> {
  const { stdout } = await run(process.execPath, [file], { env: { ...process.env, NODE_COMPILE_CACHE: undefined } });
  return JSON.parse(stdout) as Taken;
}
