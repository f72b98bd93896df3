import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Declaration, exportsOf, type Kind } from "./declarations.ts";

// The reference: a page a subpath, made of the built declarations and their docstrings.

const parts: readonly (readonly [Kind, string])[] = [
  ["function", "Functions"],
  ["value", "Values"],
  ["class", "Classes"],
  ["type", "Types"],
  ["namespace", "As one name"],
];

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly types?: string } | string>>;
}

/** A page of the reference. */
export interface ReferencePage {
  /** Below the site's root. */
  readonly path: string;
  /** What is imported: `callscope/openai`. */
  readonly title: string;
  readonly text: string;
}

/** The pages, in the order of the package's exports. Throws where the package is not built. */
export function referencePages(root: string): ReferencePage[] {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  return Object.entries(exports).flatMap(([subpath, entry]) => {
    if (typeof entry === "string" || entry.types === undefined) return [];
    const title = `callscope${subpath.slice(1)}`;
    const name = subpath === "." ? "callscope" : subpath.slice(2).replaceAll("/", "-");
    return [{ path: `reference/${name}`, title, text: pageOf(title, exportsOf(join(root, entry.types))) }];
  });
}

/** The page that lists the others. */
export function referenceIndex(pages: readonly ReferencePage[]): string {
  const lines = pages.map(({ path, title }) => `- [\`${title}\`](/${path})`);
  return `# Reference\n\nEvery exported name, with its docstring and its declaration, a page a subpath.\n\n${lines.join("\n")}\n`;
}

function pageOf(title: string, all: readonly Declaration[]): string {
  const declarations = [...new Map(all.map((one) => [`${one.kind} ${one.name}`, one])).values()];
  const sections = parts.flatMap(([kind, heading]) => {
    const found = declarations.filter((one) => one.kind === kind).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (found.length === 0) return [];
    return [`## ${heading}\n\n${found.map(entryOf).join("\n\n")}`];
  });
  return `---\noutline: [2, 3]\n---\n\n# ${title}\n\n${sections.join("\n\n")}\n`;
}

function entryOf({ name, kind, doc, text }: Declaration): string {
  // `call` and `Call` are two names, and would be one anchor.
  const anchor = kind === "type" ? `type-${name.toLowerCase()}` : name.toLowerCase();
  const code = text === "" ? "" : `\n\n\`\`\`ts\n${text}\n\`\`\``;
  return `### ${name} {#${anchor}}\n\n${asMarkdown(doc)}${code}`;
}

/** A docstring as Markdown: its code stays, and nothing else in it is taken for HTML or for Vue. */
function asMarkdown(doc: string): string {
  return doc
    .replaceAll(/\{@link (\w+)\}/g, "`$1`")
    .split(/(`[^`]*`)/)
    .map((piece, index) => (index % 2 === 1 ? piece : piece.replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;")))
    .join("");
}
