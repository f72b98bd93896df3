import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

// What went wrong in the field once is held by a test each, with the row's id in brackets in its title, and told in
// docs/guarantees.md in the words of those who use it. `node scripts/guarantees.ts` lists the rows that no test names or the
// page does not tell, and fails where there are any.
const root = resolve(import.meta.dirname, "..");

/** How many rows each group has. */
const groups: Readonly<Record<string, number>> = { A: 13, B: 10, C: 14, D: 23, E: 13, F: 10, G: 14, H: 13, I: 6 };

/** Rows that are a page and not a behaviour: what holds them. */
const pages: Readonly<Record<string, string>> = {
  C14: "docs/streams.md",
  F9: "docs",
  G14: "docs/streams.md",
  I4: "docs/structured-output.md",
  I6: "docs/local-model.md",
};

const rows = Object.entries(groups).flatMap(([group, count]) =>
  Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
);
const idsIn = (text: string) => new Set(Array.from(text.matchAll(/\[([A-I]\d{1,2})\]/g), ([, id]) => id));

const tests = globSync(["src/**/*.test.ts", "test/**/*.test.ts", "test/**/*.ts", "src/**/*.test-d.ts"], { cwd: root });
const named = idsIn(tests.map((path) => readFileSync(join(root, path), "utf8")).join("\n"));
const page = readFileSync(join(root, "docs/guarantees.md"), "utf8");
const told = new Set(Array.from(page.matchAll(/^\| ([A-I]\d{1,2}) +\|/gm), ([, id]) => id));

const untested = rows.filter((id) => !named.has(id) && !Object.hasOwn(pages, id));
const untold = rows.filter((id) => !told.has(id));
if (untested.length > 0) console.log(`No test names ${untested.join(", ")}.`);
if (untold.length > 0) console.log(`docs/guarantees.md does not tell ${untold.join(", ")}.`);
console.log(`${rows.length} rows, ${untested.length} without a test, ${untold.length} not told.`);
process.exitCode = untested.length + untold.length > 0 ? 1 : 0;
