import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { padded } from "./padded-table.ts";

const folder = resolve(import.meta.dirname, "../examples/programs");

/** The programs a new user writes first, by the name of their file. */
export const programs: readonly string[] = ["extraction", "classification", "agent", "route", "nightly", "tests"];

/** The lines of code of a program: without imports, comments and blank lines. */
export function linesOfCode(text: string): number {
  const code = text.replace(/^import [^;]*;$/gm, "").replace(/^\s*(?:\/\/.*|\/\*\*[\s\S]*?\*\/)$/gm, "");
  return code.split("\n").filter((line) => line.trim() !== "").length;
}

/** How long a program is, and the same with the AI SDK. */
export function lengthsOf(name: string): { readonly ours: number; readonly theirs: number } {
  const read = (path: string) => readFileSync(resolve(folder, path), "utf8");
  return { ours: linesOfCode(read(`${name}.ts`)), theirs: linesOfCode(read(`ai-sdk/${name}.ts`)) };
}

/** The table of docs/programs.md, its columns padded as the formatter wants them. */
export function programsTable(): string {
  const head = ["program", "callscope", "AI SDK"];
  const cells = programs.map((name) => {
    const { ours, theirs } = lengthsOf(name);
    const link = (path: string, length: number) => `[${length}](../examples/programs/${path}.ts)`;
    return [name, link(name, ours), link(`ai-sdk/${name}`, theirs)];
  });
  return padded(head, cells);
}
