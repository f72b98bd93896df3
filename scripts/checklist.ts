import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

// The checklist of the behaviour document lives in the tests: a comment `// checklist: 1, 2, 5-8` above a test or a
// describe names the points that it holds. This prints the points that no test names; a [core] one fails.
const root = resolve(import.meta.dirname, "..");
const document = join(root, "../shared/reference/mirascope-v1-behaviour.md");

/** One point of the checklist. */
export interface Point {
  readonly number: number;
  readonly level: "core" | "extended";
  readonly text: string;
}

/** The points of section 11 of the document. */
export function pointsOf(text: string): Point[] {
  const points: Point[] = [];
  let inside = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("## ")) inside = line.startsWith("## 11.");
    const found = inside ? /^(\d{1,3})\. \[(core|extended)\] (.*)$/.exec(line) : null;
    if (found) points.push({ number: Number(found[1]), level: found[2] as Point["level"], text: found[3] as string });
  }
  return points;
}

/** The numbers a test file names, and a sentence for each comment that names none or stands above no test. */
export function claimsOf(text: string): { readonly numbers: readonly number[]; readonly problems: readonly string[] } {
  const numbers: number[] = [];
  const problems: string[] = [];
  const lines = text.split("\n").map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    const list = /^\/\/ checklist: ?(.*)$/.exec(line)?.[1];
    if (list === undefined) continue;
    for (const item of list.split(",").map((piece) => piece.trim())) {
      const range = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(item);
      if (range === null) problems.push(`line ${index + 1}: "${item}" is neither a number nor a range.`);
      else for (let number = Number(range[1]); number <= Number(range[2] ?? range[1]); number++) numbers.push(number);
    }
    const below = lines.slice(index + 1).find((next) => next !== "" && !next.startsWith("//"));
    // A type test has no `test`: there it stands above the lines that must or must not compile.
    if (below === undefined) problems.push(`line ${index + 1}: the comment stands above nothing.`);
  }
  return { numbers, problems };
}

function main(): void {
  if (!existsSync(document)) {
    const sentence = "The checklist is not at ../shared/reference/mirascope-v1-behaviour.md: not checked.";
    console.log(sentence);
    process.exitCode = process.env.CI ? 1 : 0;
    return;
  }
  const points = pointsOf(readFileSync(document, "utf8"));
  const known = new Set(points.map(({ number }) => number));
  const held = new Set<number>();
  const problems: string[] = [];
  for (const file of globSync(["src/**/*.test.ts", "src/**/*.test-d.ts", "test/**/*.ts"], { cwd: root }).sort()) {
    const { numbers, problems: found } = claimsOf(readFileSync(join(root, file), "utf8"));
    problems.push(...found.map((problem) => `${file}, ${problem}`));
    for (const number of numbers) {
      if (known.has(number)) held.add(number);
      else problems.push(`${file} names ${number}, which the checklist does not have.`);
    }
  }
  const missing = points.filter(({ number }) => !held.has(number));
  for (const level of ["core", "extended"] as const) {
    const open = missing.filter((point) => point.level === level);
    const all = points.filter((point) => point.level === level);
    console.log(`${all.length - open.length} of ${all.length} [${level}] points are held by a test.`);
    for (const { number, text } of open) console.log(`  ${number}. ${text}`);
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 || missing.some(({ level }) => level === "core") ? 1 : 0;
}

if (import.meta.main) main();
