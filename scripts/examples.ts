import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rows } from "./example-rows.ts";
import { sections } from "./example-sections.ts";

// Writes examples/calls/<section>/<provider>.ts, where the providers differ only in names. With `--check` nothing is
// written, and a file that is missing, different or not ours fails.
const root = resolve(import.meta.dirname, "..");
const folder = join(root, "examples/calls");
const note = "// Made by scripts/examples.ts: change it there.\n\n";

/** Every example by its path under examples/calls, formatted. */
function makeExamples(): Map<string, string> {
  // Inside the repository, so that the formatter finds its settings.
  const draft = mkdtempSync(join(root, "examples/.draft-"));
  try {
    const paths: string[] = [];
    for (const [section, write] of Object.entries(sections)) {
      for (const row of rows) {
        const path = join(section, `${row.name}.ts`);
        mkdirSync(join(draft, section), { recursive: true });
        writeFileSync(join(draft, path), note + write(row));
        paths.push(path);
      }
    }
    execFileSync("biome", ["check", "--write", "--log-level=error", draft], { cwd: root, stdio: ["ignore", 2, 2] });
    return new Map(paths.map((path) => [path, readFileSync(join(draft, path), "utf8")]));
  } finally {
    rmSync(draft, { recursive: true });
  }
}

function check(examples: ReadonlyMap<string, string>): string[] {
  const present = new Set(globSync("**/*.ts", { cwd: folder }));
  const stale = [...examples].filter(([path, text]) => !present.has(path) || read(path) !== text).map(([path]) => path);
  const foreign = [...present].filter((path) => !examples.has(path));
  return [
    ...stale.map((path) => `examples/calls/${path} is out of date: run \`node scripts/examples.ts\`.`),
    ...foreign.map((path) => `examples/calls/${path} is not made by scripts/examples.ts.`),
  ];
}

function read(path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

const examples = makeExamples();
if (process.argv.includes("--check")) {
  const problems = check(examples);
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${examples.size} examples of calls are up to date.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} else {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of examples) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  console.log(`${examples.size} examples written.`);
}
