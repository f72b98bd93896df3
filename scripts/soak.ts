import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { basename, join, resolve } from "node:path";

// What takes long: `npm run soak` runs every area, `npm run soak -- rows` one. An area is a program `test/soak/AREA.ts`
// that ends with 0 when it holds, and prints in one line what it has seen.
const root = resolve(import.meta.dirname, "..");
const areas = globSync("test/soak/*.ts", { cwd: root }).map((file) => basename(file, ".ts"));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((area) => !existsSync(join(root, "test/soak", `${area}.ts`)));
if (unknown.length > 0) {
  console.error(`There is no area ${unknown.join(", ")}: ${areas.sort().join(", ")}.`);
  process.exit(2);
}
let failed = 0;
for (const area of wanted.length > 0 ? wanted : areas.sort()) {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [join(root, "test/soak", `${area}.ts`)], {
    cwd: root,
    stdio: "inherit",
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${area}: ${status === 0 ? "holds" : "fails"} (${seconds} s)`);
  if (status !== 0) failed++;
}
process.exit(failed > 0 ? 1 : 0);
