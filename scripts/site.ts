import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeToHtml } from "shiki";
import { readExample } from "./docs.ts";
import { contents, type Part, sidebar } from "./site/contents.ts";
import { deadLinks } from "./site/links.ts";
import { llmsFull } from "./site/llms.ts";
import { referenceIndex, referencePages } from "./site/reference.ts";
import { root, stage, staged } from "./site/stage.ts";
import { providers, styles } from "./site/variants.ts";

// Builds the documentation as a site, into docs/.vitepress/dist, without a network: `npm run docs`. The
// reference is made of the built declarations, which are built first where there are none. `--stage` only writes the pages.
const started = performance.now();
if (!existsSync(join(root, "dist/index.d.ts"))) {
  const { status } = spawnSync(process.execPath, ["scripts/build.ts"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
const reference = referencePages(root);
const generated = new Map(reference.map(({ path, text }) => [path, text]));
generated.set("reference/index", referenceIndex(reference));
const count = stage(generated);

/** Pages found in a folder, by what a reader looks for. */
const found = (title: string, folder: string, first: string): Part => ({
  title,
  collapsed: true,
  pages: [
    { path: folder === "providers" ? "providers" : `${folder}/index`, title: first },
    ...globSync(`docs/${folder}/*.md`, { cwd: root })
      .map((file) => file.slice("docs/".length, -".md".length))
      .filter((path) => !path.endsWith("/index"))
      .sort()
      .map((path) => ({ path, title: titleOf(path.slice(folder.length + 1)) })),
  ],
});
const titleOf = (name: string) =>
  providers.find((one) => one.name === name)?.title ?? name.replace("openai-responses", "OpenAI Responses");

const parts: Part[] = [
  contents.guide,
  contents.more,
  contents.recipes,
  found("Providers", "providers", "All providers"),
  contents.comingFrom,
  found("Errors", "errors", "Every error"),
  {
    title: "Reference",
    collapsed: true,
    pages: reference.map(({ path, title }) => ({ path, title })),
  },
  contents.project,
];

const hero = await codeToHtml(readExample("first.ts")?.trimEnd() ?? "", {
  lang: "ts",
  themes: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  defaultColor: false,
  // On a busy machine half a second is not enough for the first line.
  tokenizeTimeLimit: 0,
});
writeFileSync(join(staged, "site.json"), JSON.stringify({ sidebar: sidebar(parts), providers, styles, hero }));

if (!process.argv.includes("--stage")) {
  const bin = join(root, "node_modules/vitepress/bin/vitepress.js");
  const { status } = spawnSync(process.execPath, [bin, "build", "docs"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  const dist = join(root, "docs/.vitepress/dist");
  copyFileSync(join(root, "llms.txt"), join(dist, "llms.txt"));
  writeFileSync(join(dist, "llms-full.txt"), llmsFull());
  const dead = deadLinks(dist);
  for (const sentence of dead) console.error(sentence);
  if (dead.length > 0) process.exitCode = 1;
}
console.log(`${count} pages in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
