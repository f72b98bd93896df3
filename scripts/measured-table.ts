import { readFileSync } from "node:fs";
import { join } from "node:path";
import { padded } from "./padded-table.ts";
import { lengthsOf, programs } from "./programs-table.ts";

interface Installed {
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly measured: readonly {
    readonly name: string;
    readonly packages: number;
    readonly megabytes: number;
    readonly install: number;
    readonly answer: number;
  }[];
}

/** What `node scripts/install.ts` wrote last, and the lengths of the first programs. */
export function measuredTable(): string {
  const text = readFileSync(join(import.meta.dirname, "install/measured.json"), "utf8");
  const { date, versions, measured } = JSON.parse(text) as Installed;
  const lengths = programs.map(lengthsOf);
  const sum = (side: "ours" | "theirs") => String(lengths.reduce((total, one) => total + one[side], 0));
  const row = (title: string, of: (one: Installed["measured"][number]) => string) => [title, ...measured.map(of)];
  const head = ["", ...measured.map(({ name }) => (name === "AI SDK" ? `${name} ${versions.ai}` : name))];
  const cells = [
    row("packages in an empty folder, with the SDK and zod", ({ packages }) => String(packages)),
    row("their size", ({ megabytes }) => `${megabytes} MB`),
    row("`npm install`, from npm's cache", ({ install }) => `${install} s`),
    row("a process from its start to the first answer and its end", ({ answer }) => `${answer} s`),
    ["six first programs, lines of code", sum("ours"), sum("theirs")],
  ];
  const { openai, zod, node } = versions;
  return `${padded(head, cells)}\n\nMeasured in one run on ${date}: openai ${openai}, zod ${zod}, Node ${node}, two cores that others used, too.`;
}
