import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { type OutputChunk, rolldown } from "rolldown";

// Writes the table of sizes of docs/runtimes.md: what a bundle of each subpath weighs, of the built package. With --check it
// only compares, and says which has grown or shrunk by more than the tolerance.
const root = resolve(import.meta.dirname, "..");
const page = join(root, "docs/runtimes.md");
const start = "<!-- sizes:start -->";
const end = "<!-- sizes:end -->";
const tolerance = 0.02;

/** Compressed bytes of a subpath: what is loaded at once, and with what is loaded later. */
export interface Size {
  readonly first: number;
  readonly all: number;
}

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly node?: string; readonly default: string } | string>>;
}

async function measure(): Promise<Map<string, Size>> {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const sizes = new Map<string, Size>();
  for (const [path, entry] of Object.entries(exports)) {
    if (typeof entry === "string") continue;
    sizes.set(`callscope${path.slice(1)}`, await sizeOf(join(root, entry.node ?? entry.default)));
  }
  return sizes;
}

async function sizeOf(input: string): Promise<Size> {
  const build = await rolldown({
    input,
    platform: "browser",
    // The SDKs, and what a subpath of Node's asks of Node.
    external: (id) => !/^(?:\.|\/|#)/.test(id),
    onLog: () => {},
  });
  const { output } = await build.generate({ format: "esm", minify: true });
  await build.close();
  const chunks = new Map(output.flatMap((chunk) => (chunk.type === "chunk" ? [[chunk.fileName, chunk] as const] : [])));
  const sum = (some: Iterable<OutputChunk>) =>
    [...some].reduce((total, { code }) => total + gzipSync(code, { level: 9 }).length, 0);
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry);
  return { first: sum(entry === undefined ? [] : needsOf(entry, chunks)), all: sum(chunks.values()) };
}

/** A chunk and all that it imports from the start. */
function needsOf(
  chunk: OutputChunk,
  chunks: ReadonlyMap<string, OutputChunk>,
  found = new Set<OutputChunk>(),
): Set<OutputChunk> {
  found.add(chunk);
  for (const name of chunk.imports) {
    const next = chunks.get(name);
    if (next !== undefined && !found.has(next)) needsOf(next, chunks, found);
  }
  return found;
}

function toTable(sizes: ReadonlyMap<string, Size>): string {
  const rows = Array.from(sizes, ([name, { first, all }]) => `| \`${name}\` | ${first} | ${all} |`);
  return ["| subpath | first, bytes | all, bytes |", "| --- | --: | --: |", ...rows].join("\n");
}

/** The figures that a table tells. */
export function fromTable(text: string): Map<string, Size> {
  const rows = text.matchAll(/^\| `(\S+)` +\| +(\d+) +\| +(\d+) +\|$/gm);
  return new Map(
    Array.from(rows, ([, name = "", first, all]) => [name, { first: Number(first), all: Number(all) }] as const),
  );
}

/** A sentence for each size that is not what the table says. */
export function differences(table: ReadonlyMap<string, Size>, measured: ReadonlyMap<string, Size>): string[] {
  const said: string[] = [];
  for (const name of new Set([...table.keys(), ...measured.keys()])) {
    const [before, now] = [table.get(name), measured.get(name)];
    if (before === undefined || now === undefined) {
      said.push(`${name} is ${now ? "not in the table" : "no subpath any more"}.`);
      continue;
    }
    for (const kind of ["first", "all"] as const) {
      if (Math.abs(now[kind] - before[kind]) <= before[kind] * tolerance) continue;
      said.push(`${name} (${kind}) has ${now[kind]} bytes, not ${before[kind]}.`);
    }
  }
  return said;
}

async function main(): Promise<void> {
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/runtimes.md has no ${start} … ${end}.`);
  const measured = await measure();
  if (!process.argv.includes("--check")) {
    writeFileSync(page, `${text.slice(0, from + start.length)}\n\n${toTable(measured)}\n\n${text.slice(to)}`);
    return;
  }
  const said = differences(fromTable(text.slice(from, to)), measured);
  if (said.length === 0) console.log(`${measured.size} subpaths have the sizes of docs/runtimes.md.`);
  else {
    console.error(`${said.join("\n")}\nIf that is meant: \`node scripts/bundle-sizes.ts\` and \`npm run format\`.`);
    process.exitCode = 1;
  }
}

if (import.meta.main) await main();
