import { execFile } from "node:child_process";
import { dirname } from "node:path";
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
const bare = "bare Node";
const sdk = "openai (the SDK, to compare)";

/** Until a subpath is imported, in new processes: what a program pays before its first call. */
export async function imports(): Promise<Table[]> {
  const names = [bare, sdk, ...subpaths];
  const taken = new Map<string, { wall: number; cpu: number }[]>(names.map((name) => [name, []]));
  for (let round = 0; round < 5; round++) {
    for (const name of names)
      taken.get(name)?.push(await importOnce(name === bare ? "" : name === sdk ? "openai" : name));
  }
  const middle = (name: string, key: "wall" | "cpu") => median((taken.get(name) ?? []).map((sample) => sample[key]));
  const rows = names.map((name) => [name, middle(name, "wall"), middle(name, "cpu") - middle(bare, "cpu")]);
  const columns = ["import", "wall ms of the import", "CPU ms over bare Node"];
  return [{ title: "Import, before the first call", columns, rows }];
}

async function importOnce(specifier: string): Promise<{ wall: number; cpu: number }> {
  const code = `
    const start = performance.now();
    ${specifier === "" ? "" : `await import(${JSON.stringify(specifier)});`}
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: folder });
  return JSON.parse(stdout) as { wall: number; cpu: number };
}
