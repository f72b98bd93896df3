/** A fenced block: a message, a schema, parameters. */
export interface Block {
  readonly title: string;
  readonly language: "text" | "json";
  readonly text: string;
}

/** What is said of one sample; the first section, without a title, holds for all of them. */
export interface Section {
  readonly title: string;
  readonly facts: ReadonlyMap<string, string>;
  readonly blocks: readonly Block[];
}

/** One locked call. */
export interface LockFile {
  readonly name: string;
  readonly sections: readonly Section[];
}

const head = "<!-- Made by `callscope lock`, and compared by `callscope lock --check`: do not edit. -->";

/** True for a text that `toMarkdown` made. */
export function isLockFile(text: string): boolean {
  return text.startsWith(head);
}

/** The file's text. */
export function toMarkdown({ name, sections }: LockFile): string {
  const parts = sections.map(({ title, facts, blocks }) => {
    const lines = [...facts].map(([key, value]) => `- ${key}: ${value}\n`);
    return [
      title === "" ? "" : `## ${title}\n`,
      lines.join(""),
      ...blocks.map((block) => {
        const fence = fenceFor(block.text);
        return `### ${block.title}\n\n${fence}${block.language}\n${block.text}\n${fence}\n`;
      }),
    ]
      .filter((part) => part !== "")
      .join("\n");
  });
  return `${[head, `# ${name}\n`, ...parts].join("\n")}`;
}

// Longer than any that stands in the text, which is a prompt and may hold fences of its own.
function fenceFor(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  return "`".repeat(longest + 1);
}

/** What a file says. Lines that are of no form are passed over: a merge may have left them. */
export function parseMarkdown(markdown: string): LockFile {
  const lines = markdown.split(/\r?\n/);
  let name = "";
  const sections: { title: string; facts: Map<string, string>; blocks: Block[] }[] = [];
  const begin = (title: string) => {
    const section = { title, facts: new Map<string, string>(), blocks: [] as Block[] };
    sections.push(section);
    return section;
  };
  let section = begin("");
  let title = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const fence = /^`{3,}/.exec(line)?.[0];
    if (fence !== undefined) {
      const end = lines.indexOf(fence, at + 1);
      const text = lines.slice(at + 1, end < 0 ? undefined : end).join("\n");
      section.blocks.push({ title, language: line.slice(fence.length) === "json" ? "json" : "text", text });
      if (end < 0) break;
      at = end;
    } else if (line.startsWith("### ")) title = line.slice(4);
    else if (line.startsWith("## ")) section = begin(line.slice(3));
    else if (line.startsWith("# ")) name = line.slice(2);
    else if (line.startsWith("- ")) {
      const colon = line.indexOf(": ");
      if (colon > 0) section.facts.set(line.slice(2, colon), line.slice(colon + 2));
    }
  }
  return { name, sections };
}
