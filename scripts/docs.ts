import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { regionOf, wholeOf } from "./docs-regions.ts";
import { faultsTable } from "./faults-table.ts";
import { measuredTable } from "./measured-table.ts";
import { modalitiesTable } from "./modalities-table.ts";
import { programsTable } from "./programs-table.ts";
import { providersTable } from "./providers-table.ts";
import { llmsIndex } from "./site/llms.ts";

// No snippet is typed twice: a fenced block of the documentation is a region of a file under examples/, which is
// compiled and run. `node scripts/docs.ts` fills the blocks in; with `--check` it fails when one differs.
//
//     <!-- example: calls/basic/openai.ts#template -->      // #region template
//     ```ts                                                 …
//     ```                                                   // #endregion
const root = resolve(import.meta.dirname, "..");

/** Languages that run: a block in one of them needs a source, or, for a shell, only lines a reader may type. */
const code: ReadonlySet<string> = new Set(["ts", "tsx", "js", "mjs", "sh", "bash"]);
const shells: ReadonlySet<string> = new Set(["sh", "bash"]);

/** Every command line of the documentation. The first two are the project's promise. */
const commands: ReadonlySet<string> = new Set([
  "npm install && npm start",
  "npm install && npm test",
  "npm install callscope openai",
  "npm run docs",
  "mkdir books && cd books",
  "npm init -y && npm pkg set type=module",
  "npm install callscope openai zod",
  "export OPENAI_API_KEY=…",
  "node first.ts",
  "node extract.ts",
  "node --test",
  "node server.ts",
  "curl 'http://localhost:3000/?genre=fantasy'",
  "npm install -D typescript @types/node",
  "npx tsc",
  "node scripts/check-site.ts",
  "node scripts/faults.ts",
  "npm install callscope @anthropic-ai/sdk",
  "npm install callscope @mistralai/mistralai",
  "npm install callscope @google/genai",
  "npm install callscope groq-sdk",
  "npm install callscope cohere-ai",
  "npm install callscope @aws-sdk/client-bedrock-runtime",
  "npx callscope chat openai/gpt-4o-mini",
  'npx callscope chat openai/gpt-4o-mini "Recommend a book"',
  'git diff | npx callscope chat anthropic/claude-haiku-4-5 "Review this:" -',
  'npx callscope chat openai/gpt-4o-mini --mcp "npx -y @modelcontextprotocol/server-everything"',
  "npx callscope run books.ts#recommend --args '[\"fantasy\"]'",
  "npx callscope rows triage.ts#triage --rows tickets.jsonl --arg text --key id --journal nightly.db --out done.jsonl",
  "npx callscope batch triage.ts#triage --rows tickets.csv --arg text --journal nightly.db --poll 60",
  "npx callscope view traces.jsonl --open",
  "npx callscope lock",
  "npx callscope lock --check --github",
  "npx callscope lint --provider own --github",
  "npm install callscope node-llama-cpp @huggingface/jinja",
  "npm install callscope @modelcontextprotocol/client @modelcontextprotocol/server",
  "npm run build",
  "npm run types",
  "npm run format",
  "node scripts/docs.ts",
  "node scripts/examples.ts",
  "node scripts/checklist.ts",
  "node scripts/check-floors.ts",
  "node scripts/check-sizes.ts",
  "node scripts/guarantees.ts",
]);

/** Parts of a page that are made from data: between `<!-- name:start -->` and `<!-- name:end -->`. */
const generated: Readonly<Record<string, () => string>> = {
  faults: faultsTable,
  measured: measuredTable,
  modalities: modalitiesTable,
  programs: programsTable,
  providers: () => providersTable("docs/providers"),
  "provider-pages": () => providersTable("providers"),
};

/** A page with its blocks filled, and a sentence for each one that cannot be. */
export interface Filled {
  readonly text: string;
  readonly problems: readonly string[];
}

/** Fills a page. `read` gives the text of a file under examples/, or `undefined` where there is none. */
export function fillPage(page: string, read: (path: string) => string | undefined): Filled {
  const lines = page.split("\n");
  const filled: string[] = [];
  const problems: string[] = [];
  const unended = (problem: string, index: number): Filled => ({
    text: page,
    problems: [...problems, `line ${index + 1}: ${problem}`],
  });
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    filled.push(line);
    const part = markerOf(line, ":start -->") ?? "";
    if (Object.hasOwn(generated, part)) {
      const end = lines.indexOf(`<!-- ${part}:end -->`, index);
      if (end < 0) return unended(`the part "${part}" has no end.`, index);
      filled.push("", generated[part]?.() ?? "", "");
      index = end - 1;
      continue;
    }
    if (!line.startsWith("```")) continue;
    const close = lines.indexOf("```", index + 1);
    const language = line.slice(3).trim();
    if (close < 0) return unended("the block has no end.", index);
    const block = lines.slice(index + 1, close);
    const source = markerOf(lines[index - 1] ?? "", " -->", "example: ");
    const { body, problem } = source === undefined ? unsourced(language, block) : sourced(source, read);
    if (problem !== undefined) problems.push(`line ${index + 1}: ${problem}`);
    filled.push(...(body ?? block), "```");
    index = close;
  }
  return { text: filled.join("\n"), problems };
}

function markerOf(line: string, tail: string, head = ""): string | undefined {
  const start = `<!-- ${head}`;
  return line.startsWith(start) && line.endsWith(tail) ? line.slice(start.length, -tail.length) : undefined;
}

interface Block {
  readonly body?: readonly string[];
  readonly problem?: string;
}

function unsourced(language: string, block: readonly string[]): Block {
  if (!code.has(language)) return {};
  if (!shells.has(language)) return { problem: `a ${language} block without a source under examples/.` };
  const foreign = block.find((line) => line !== "" && !commands.has(line));
  return foreign === undefined ? {} : { problem: `the command "${foreign}" is not on the list in scripts/docs.ts.` };
}

function sourced(source: string, read: (path: string) => string | undefined): Block {
  const [path = "", name] = source.split("#");
  const text = read(path);
  if (text === undefined) return { problem: `examples/${path} does not exist.` };
  const body = name === undefined ? wholeOf(text.trimEnd().split("\n")) : regionOf(text.split("\n"), name);
  return body === undefined ? { problem: `examples/${path} has no region "${name}".` } : { body };
}

/** The text of a file under examples/, or `undefined` where there is none. */
export function readExample(path: string): string | undefined {
  try {
    return readFileSync(join(root, "examples", path), "utf8");
  } catch {
    return undefined;
  }
}

function main(check: boolean): void {
  const problems: string[] = [];
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    ...globSync("docs/**/*.md", { cwd: root, exclude: ["docs/.vitepress/**"] }).sort(),
  ];
  for (const page of pages) {
    const file = join(root, page);
    const before = readFileSync(file, "utf8");
    const { text, problems: found } = fillPage(before, readExample);
    problems.push(...found.map((problem) => `${page}, ${problem}`));
    if (text !== before && check) problems.push(`${page} is out of date: run \`node scripts/docs.ts\`.`);
    if (text !== before && !check) writeFileSync(file, text);
  }
  const index = join(root, "llms.txt");
  const stale = !existsSync(index) || readFileSync(index, "utf8") !== llmsIndex();
  if (stale && check) problems.push("llms.txt is out of date: run `node scripts/docs.ts`.");
  if (stale && !check) writeFileSync(index, llmsIndex());
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${pages.length} pages agree with their examples.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.main) main(process.argv.includes("--check"));
