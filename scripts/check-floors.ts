import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

// The house has floors: a file under src/ imports from its own folder and from floors below it, never up, never sideways,
// and never in a circle. Imports of types count like any other. Tests may import what they like.
const root = resolve(import.meta.dirname, "..");

/** The folders and files of src/, the ground first; what stands on one floor knows nothing of its neighbours. */
const floors: readonly (readonly string[])[] = [
  ["errors", "json", "money"],
  ["message", "schema", "page"],
  ["contract", "template"],
  ["dialects", "tools"],
  ["prepare"],
  ["send"],
  ["read"],
  ["structured"],
  ["call"],
  ["combine"],
  ["loop", "layers", "providers"],
  ["any-provider.ts"],
  ["rows", "testing", "otel", "http", "mcp", "ai-sdk", "redis", "trace", "kit", "fetch"],
  ["durable"],
  ["restate", "dbos"],
  ["index.ts"],
  ["cli"],
];

/** One import or re-export: the file that names another, and the names it takes. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly names: string;
}

const statement = /^(?:import|export)\s+(?:type\s+)?([^;"']*?)\s*\bfrom\s+"(\.[^"]+)"/gm;
const expression = /\bimport\("(\.[^"]+)"\)/g;

/** The arrows of one file; its path and theirs are relative to src/. */
export function arrowsOf(from: string, text: string): Arrow[] {
  const arrow = (path: string, names: string) => ({ from, to: join(dirname(from), path), names });
  const listed = (names: string) =>
    names
      .replace(/[{}\s]+/g, " ")
      .trim()
      .replace(/,$/, "");
  return [
    ...Array.from(text.matchAll(statement), ([, names = "", path = ""]) => arrow(path, listed(names))),
    ...Array.from(text.matchAll(expression), ([, path = ""]) => arrow(path, "import()")),
  ];
}

/** What is wrong with a house: a line for each arrow that does not run down, and for each that is part of a circle. */
export function faultsOf(arrows: readonly Arrow[]): string[] {
  const faults: string[] = [];
  const roomOf = (file: string) => file.split("/")[0] ?? file;
  const floorOf = (room: string) => floors.findIndex((floor) => floor.includes(room));
  for (const { from, to, names } of arrows) {
    const [here, there] = [roomOf(from), roomOf(to)];
    if (here === there) continue;
    const [above, below] = [floorOf(here), floorOf(there)];
    if (above < 0 || below < 0)
      faults.push(`no floor: ${above < 0 ? here : there}, name it in scripts/check-floors.ts`);
    else if (below >= above) faults.push(`${below > above ? "up" : "sideways"}: ${from} -> ${to}: ${names}`);
  }
  const reach = reachOf(arrows);
  for (const { from, to, names } of arrows) {
    if (reach.get(to)?.has(from)) faults.push(`circle: ${from} -> ${to}: ${names}`);
  }
  return [...new Set(faults)];
}

/** For each file, all that it imports, straight or through others. */
function reachOf(arrows: readonly Arrow[]): Map<string, Set<string>> {
  const next = Map.groupBy(arrows, ({ from }) => from);
  const reach = new Map<string, Set<string>>();
  for (const start of new Set(arrows.flatMap(({ from, to }) => [from, to]))) {
    const seen = new Set<string>();
    const open = [start];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const { to } of next.get(file) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        open.push(to);
      }
    }
    reach.set(start, seen);
  }
  return reach;
}

function main(): void {
  const src = join(root, "src");
  const files = globSync("**/*.ts", { cwd: src }).filter((file) => !/\.test(-d)?\.ts$/.test(file));
  const arrows = files.sort().flatMap((file) => arrowsOf(file, readFileSync(join(src, file), "utf8")));
  const faults = faultsOf(arrows);
  for (const fault of faults) console.error(fault);
  console.log(`${files.length} files, ${arrows.length} imports, ${faults.length} faults.`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

if (import.meta.main) main();
