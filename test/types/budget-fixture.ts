import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// A generated program of many calls, to hold the price of the types against a budget. It is written below `node_modules`
// and compiled against the built package, as a user's program is.

const root = join(import.meta.dirname, "../..");
const callsInFile = 10;

/** How much of the program is generated: its imports, the schemas too, or all of it. */
export type FixtureParts = "imports" | "schemas" | "calls";

/** What the compiler says of a program. `instantiations` does not change from run to run. */
export interface TypeFigures {
  readonly instantiations: number;
  readonly types: number;
  /** Time spent checking. */
  readonly seconds: number;
  /** Kilobytes. */
  readonly memory: number;
}

/** Writes the program with so many calls, compiles it and gives its figures. Throws when it has a type error. */
export function measureTypes(parts: FixtureParts, calls: number): TypeFigures {
  const project = writeFixture(parts, calls);
  // One checker, or the count would depend on how the files are shared out between several.
  const options = ["--singleThreaded", "--extendedDiagnostics", "--pretty", "false"];
  const output = execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", project, ...options], { encoding: "utf8" });
  const figure = (name: string) => {
    const [, value] = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(output) ?? [];
    if (value === undefined) throw new Error(`The compiler does not tell "${name}":\n${output}`);
    return Number(value);
  };
  return {
    instantiations: figure("Instantiations"),
    types: figure("Types"),
    seconds: figure("Check time"),
    memory: figure("Memory used"),
  };
}

/** Writes the program and gives the path of its tsconfig.json. */
function writeFixture(parts: FixtureParts, calls: number): string {
  const folder = join(root, "node_modules/.cache/callscope-types", `${parts}-${calls}`);
  mkdirSync(folder, { recursive: true });
  const files = Array.from({ length: Math.ceil(calls / callsInFile) }, (_, index) => `file-${index}.ts`);
  for (const [index, file] of files.entries()) {
    const first = index * callsInFile;
    const numbers = Array.from({ length: Math.min(callsInFile, calls - first) }, (_, offset) => first + offset);
    const bodies = parts === "imports" ? [] : numbers.map((number) => unit(number, parts));
    writeFileSync(join(folder, file), [...imports, ...bodies, ""].join("\n"));
  }
  const dist = "../../../../dist";
  const compilerOptions = {
    noUnusedLocals: false,
    paths: { callscope: [`${dist}/index.d.ts`], "callscope/*": [`${dist}/providers/*/index.d.ts`] },
  };
  const config = join(folder, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: [], files }));
  return config;
}

const imports = [
  'import { promptTemplate, tool } from "callscope";',
  'import { openai } from "callscope/openai";',
  'import * as z from "zod";',
];

/** One call with what belongs to it; four kinds take turns. */
function unit(number: number, parts: FixtureParts): string {
  const schemas = `
export const Book${number} = z.object({
  title${number}: z.string(),
  year: z.number().int(),
  tags: z.array(z.string()),
  author: z.object({ name: z.string(), born: z.number().nullable() }),
});
export const Query${number} = z.object({ query${number}: z.string(), limit: z.number().optional() });`;
  if (parts === "schemas") return schemas;
  const tools = `
const find${number} = tool({
  name: "find_${number}",
  description: "Finds a book",
  parameters: Query${number},
  call: ({ query${number}, limit = 1 }) => query${number}.length + limit,
});`;
  return schemas + tools + (kinds[number % kinds.length] as (number: number) => string)(number);
}

const kinds: readonly ((number: number) => string)[] = [
  (number) => `
const call${number} = openai.call(
  "gpt-4o-mini",
  { tools: [find${number}], callParams: { temperature: 0 } },
  (genre: string) => \`Recommend a \${genre} book\`,
);
export async function use${number}(): Promise<string> {
  const { tool: use, content } = await call${number}("fantasy");
  return use === undefined ? content : use.args.query${number};
}`,
  (number) => `
const call${number} = openai.call(
  "gpt-4o-mini",
  { responseModel: Book${number} },
  promptTemplate("Recommend a {genre} book under {price:.2f}"),
);
export async function use${number}(): Promise<string> {
  return (await call${number}({ genre: "fantasy", price: 9 })).title${number};
}`,
  (number) => `
const call${number} = openai.call(
  "gpt-4o-mini",
  { stream: true, tools: [find${number}] },
  promptTemplate("SYSTEM: You are a librarian\\nUSER: Recommend a {genre} book"),
);
export async function use${number}(): Promise<number> {
  let found = 0;
  for await (const [{ content }, use] of call${number}({ genre: "fantasy" })) found += use ? await use.call() : content.length;
  return found;
}`,
  (number) => `
const call${number} = openai.call(
  "gpt-4o-mini",
  { responseModel: Book${number}, tools: [find${number}], outputParser: (answer) => ("author" in answer ? answer.author.name : answer.content) },
  (genre: string, year: number): openai.DynamicConfig => ({ messages: \`A \${genre} book of \${year}\`, metadata: { tags: [genre] } }),
);
export async function use${number}(): Promise<string> {
  return call${number}("fantasy", 1968);
}`,
];
