import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { contents } from "./contents.ts";

// llms.txt: what the documentation has, for a program that reads it, in the order of the guide. Its links are those of the
// package's folder docs/, which is in the tarball; llms-full.txt on the site has all pages of the guide in one.

const root = resolve(import.meta.dirname, "../..");

const lead = `# callscope

> One typed function is one prompt is one LLM call, on the providers' own SDKs (TypeScript, Node 22 or newer, ESM only).

\`import { openai } from "callscope/openai"\`; \`openai.call(model, options?, prompt)\` gives a function with the prompt's parameters.
The same for every provider; what names no provider comes from \`callscope\`.
`;

/** llms.txt, which is committed: \`node scripts/docs.ts\` writes it. */
export function llmsIndex(): string {
  const { guide, more, recipes, comingFrom } = contents;
  const parts = [guide, more, recipes, comingFrom].map(({ title, pages }) => {
    const lines = pages.map(({ path, title }) => `- [${title}](docs/${path}.md)${sentenceOf(path)}`);
    return `## ${title}\n\n${lines.join("\n")}\n`;
  });
  const listed = (folder: string) =>
    globSync(`docs/${folder}/*.md`, { cwd: root })
      .sort()
      .filter((file) => !file.endsWith("index.md"))
      .map((file) => `- [${file.slice(`docs/${folder}/`.length, -3)}](${file})`);
  const providers = `## Providers\n\n- [All providers](docs/providers.md)\n${listed("providers").join("\n")}\n`;
  const errors = `## Errors\n\n${listed("errors").join("\n")}\n`;
  return `${[lead, ...parts, providers, errors].join("\n").trimEnd()}\n`;
}

/** The first sentence of a page. */
function sentenceOf(path: string): string {
  const text = readFileSync(join(root, "docs", `${path}.md`), "utf8").replaceAll(/^```[\s\S]*?^```$/gm, "");
  const paragraphs = text.split("\n\n").map((part) => part.trim());
  const paragraph = paragraphs.find((part) => part !== "" && !/^[#<|*-]/.test(part)) ?? "";
  const plain = paragraph.replaceAll("\n", " ").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  const sentence = /^(?:`[^`]*`|[^`])*?[.:](?= |$)/.exec(plain)?.[0].replace(/:$/, ".");
  return sentence === undefined ? "" : `: ${sentence}`;
}

/** The pages of the guide and those in depth, one after another, without what is for the eye alone. */
export function llmsFull(): string {
  const pages = [...contents.guide.pages, ...contents.more.pages].filter(({ path }) => path !== "prices");
  const texts = pages.map(({ path }) => readFileSync(join(root, "docs", `${path}.md`), "utf8"));
  return `${lead}\n${texts.map((text) => text.replaceAll(/^<!--.*-->\n/gm, "").trim()).join("\n\n")}\n`;
}
