import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

// A file under src/ has at most 300 lines, tests aside. That a function has at most 50 is the linter's to check
// (biome.json); its own rule for files does not count every line.
const maxLines = 300;

// Data that a script makes, one line a model: nobody reads it for what it does.
const made: ReadonlySet<string> = new Set(["money/price-data.ts"]);

function main(): void {
  const src = resolve(import.meta.dirname, "../src");
  const files = globSync("**/*.ts", { cwd: src }).filter((file) => !/\.test(-d)?\.ts$/.test(file) && !made.has(file));
  const sizes = files
    .sort()
    .map((file) => ({ file, lines: readFileSync(join(src, file), "utf8").split("\n").length - 1 }));
  const tooLong = sizes.filter(({ lines }) => lines > maxLines);
  for (const { file, lines } of tooLong) console.error(`${file} has ${lines} lines; a file has at most ${maxLines}.`);
  console.log(`${sizes.length} files, ${tooLong.length} too long.`);
  process.exitCode = tooLong.length > 0 ? 1 : 0;
}

main();
