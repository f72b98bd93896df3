import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sidebar } from "./site/contents.ts";
import { root, stage, staged } from "./site/stage.ts";
import { providers, styles } from "./site/variants.ts";

// Builds the documentation as a site, into docs/.vitepress/dist, without a network: `npm run docs`. `--stage` only writes
// the pages.
const started = performance.now();
const count = stage(new Map());
writeFileSync(join(staged, "site.json"), JSON.stringify({ sidebar: sidebar(), providers, styles }));
if (!process.argv.includes("--stage")) {
  const bin = join(root, "node_modules/vitepress/bin/vitepress.js");
  const { status } = spawnSync(process.execPath, [bin, "build", "docs"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
console.log(`${count} pages in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
