import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { wholeOf } from "../docs-regions.ts";
import { variantsOf } from "./variants.ts";

// The pages of the site as VitePress reads them, in a folder of their own: the pages of docs/ with every provider's block
// in the place of one, a page for each example, and what is generated. Nothing of it is committed.

export const root = resolve(import.meta.dirname, "../..");
export const staged = join(root, ".cache/site");

/** Files of the repository that are pages of the site, beside those of docs/ and the examples. */
const others: Readonly<Record<string, string>> = {
  "README.md": "index",
  "CHANGELOG.md": "changelog",
  "CONTRIBUTING.md": "contributing",
  "bench/README.md": "bench",
};

/** The page that a file of the repository is on the site, without the ending, or `undefined`. */
export function pageOf(file: string): string | undefined {
  if (Object.hasOwn(others, file)) return others[file];
  if (file.startsWith("docs/") && file.endsWith(".md")) return file.slice("docs/".length, -".md".length);
  if (file === "examples" || /^examples\/[^.]*$/.test(file)) return "examples/index";
  return undefined;
}

/** Writes all pages, those of `generated` (text by path without the ending) too. Throws where a link leads nowhere. */
export function stage(generated: ReadonlyMap<string, string>): number {
  rmSync(staged, { recursive: true, force: true });
  cpSync(join(root, "docs/public"), join(staged, "public"), { recursive: true });
  for (const file of globSync("docs/**/*.{svg,png}", {
    cwd: root,
    exclude: ["docs/.vitepress/**", "docs/public/**"],
  })) {
    cpSync(join(root, file), join(staged, "public", file.slice("docs/".length)));
  }
  const pages = new Map(generated);
  const files = globSync("docs/**/*.md", { cwd: root, exclude: ["docs/.vitepress/**"] });
  for (const file of [...files, ...Object.keys(others).filter((one) => one !== "README.md")]) {
    pages.set(pageOf(file) as string, sitePage(file, readFileSync(join(root, file), "utf8")));
  }
  for (const [path, text] of examplePages()) pages.set(path, text);
  for (const [path, text] of pages) {
    const target = join(staged, `${path}.md`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return pages.size;
}

/** A page of the repository as a page of the site. `file` is its path in the repository. */
export function sitePage(file: string, text: string): string {
  const lines = text.split("\n");
  const out: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    const source = /^<!-- example: (.*) -->$/.exec(line)?.[1];
    const fence = /^(`{3,})(\w*)/.exec(source === undefined ? line : (lines[index + 1] ?? ""));
    if (fence === null) {
      out.push(withSiteLinks(file, line));
      continue;
    }
    const open = source === undefined ? index : index + 1;
    const close = lines.indexOf(fence[1] as string, open + 1);
    if (source === undefined) out.push(...lines.slice(open, close + 1));
    else out.push(...block(source, fence[2] ?? "", lines.slice(open + 1, close), !file.startsWith("docs/providers/")));
    index = close;
  }
  const page = out.join("\n");
  // On the site the first page has a hero in the place of its heading.
  if (file === "docs/index.md") {
    const home = readFileSync(join(root, "docs/.vitepress/home.yml"), "utf8");
    return `---\n${home}---\n\n${page.slice(page.indexOf("<div"))}`;
  }
  if (file.startsWith("docs/coming-from/")) return `---\naside: false\npageClass: wide\n---\n\n${page}`;
  return withSwitch(page);
}

/** A page on which there is something to choose has the switch above its text, too, for screens without a sidebar. */
function withSwitch(text: string): string {
  if (!text.includes(' data-p="') || text.startsWith("---\n")) return text;
  return `---\nswitch: true\n---\n\n${text}`;
}

/** The block of an example: its program linked, and one block a provider and a style where there are several. */
function block(source: string, language: string, body: readonly string[], chosen: boolean): string[] {
  const [path = ""] = source.split("#");
  // What a program prints is no program.
  if (language === "text") return ["", '<div class="printed">', "", "```text", ...body, "```", "", "</div>", ""];
  const variants = chosen ? variantsOf(source) : [];
  const all = variants.length > 0 ? variants : [{ source: path, body }];
  return all.flatMap(({ source, body, ...shown }) => {
    const attributes = [
      ...("providers" in shown && shown.providers ? [`data-p="${shown.providers.join(" ")}"`] : []),
      ...("styles" in shown && shown.styles ? [`data-s="${shown.styles.join(" ")}"`] : []),
    ];
    const whole = `<a class="whole" href="${linkOf(`examples/${source}`).replace("#", ".html#")}" title="The whole program">${source}</a>`;
    const first = all[0]?.source === source && all[0]?.body === body ? "" : " other";
    return [
      "",
      `<div class="example${first}"${attributes.map((one) => ` ${one}`).join("")}>`,
      `<p class="from">${whole}</p>`,
      "",
      `\`\`\`${language}`,
      ...body,
      "```",
      "",
      "</div>",
      "",
    ];
  });
}

/** Links within the repository, as links within the site. */
function withSiteLinks(file: string, line: string): string {
  return line.replaceAll(/\]\(([^)\s]+)\)/g, (all, link: string) => {
    if (/^(?:[a-z]+:|#)/.test(link)) return all;
    const [path = "", anchor] = link.split("#");
    const target = posix.normalize(posix.join(posix.dirname(file), path)).replace(/\/$/, "");
    if (/^examples\/.*\.\w+$/.test(target)) return `](${linkOf(target)})`;
    if (/^docs\/.*\.(?:svg|png)$/.test(target)) return `](/${target.slice("docs/".length)})`;
    const page = pageOf(target);
    if (page === undefined) throw new Error(`${file} links to ${link}, which is no page of the site.`);
    if (page === "index") return "](/)";
    return `](/${page}${anchor === undefined ? "" : `#${anchor}`})`;
  });
}

/** A page for each folder of programs, and one that lists them. */
function examplePages(): Map<string, string> {
  const files = globSync("examples/**/*.{ts,tsx,py,md,json,jsonl,txt}", { cwd: root }).sort();
  const folders = Map.groupBy(files, (file) => posix.dirname(file));
  const pages = new Map<string, string>();
  for (const [folder, inside] of folders) {
    const programs = inside.map((file) => {
      const body = wholeOf(readFileSync(join(root, file), "utf8").trimEnd().split("\n")).join("\n");
      const fence = body.includes("```") ? "````" : "```";
      const name = posix.basename(file);
      return `## ${name} {#${anchorOf(name)}}\n\n${fence}${languages[posix.extname(file)] ?? "text"}\n${body}\n${fence}\n`;
    });
    const title = folder.slice("examples/".length) || "examples";
    const head = "---\nsearch: false\nprev: false\nnext: false\n---\n\n";
    pages.set(pageOfFolder(folder), `${head}# ${title}\n\n[All examples](/examples/)\n\n${programs.join("\n")}`);
  }
  const parts = [...folders].map(([folder, inside]) => {
    const links = inside.map((file) => `[${posix.basename(file)}](${linkOf(file)})`);
    return `## ${folder}\n\n${links.join(" · ")}\n`;
  });
  const head =
    "---\nsearch: false\n---\n\n# All examples\n\nEach is a program that is compiled and run by the tests.\n\n";
  return pages.set("examples/index", `${head}${parts.join("\n")}`);
}

const languages: Readonly<Record<string, string>> = {
  ".ts": "ts",
  ".tsx": "tsx",
  ".py": "python",
  ".jsonl": "json",
  ".json": "json",
};
const anchorOf = (name: string) => name.replaceAll(".", "-");
const pageOfFolder = (folder: string) => (folder === "examples" ? "examples/first" : folder);

/** Where an example stands on the site. */
function linkOf(file: string): string {
  return `/${pageOfFolder(posix.dirname(file))}#${anchorOf(posix.basename(file))}`;
}
