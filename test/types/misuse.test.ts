import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = import.meta.dirname;

/** What the compiler says of the file, by line: each error's first sentence and what it explains it with. */
function complaints(): Map<number, string> {
  let output = "";
  try {
    execFileSync("tsc", ["-p", join(folder, "tsconfig.json"), "--pretty", "false"], { encoding: "utf8" });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const found = new Map<number, string>();
  for (const report of output.split(/\n(?=\S)/)) {
    const line = /^.*misuse\.ts\((\d+),/.exec(report)?.[1];
    if (line !== undefined) found.set(Number(line), report);
  }
  return found;
}

// checklist: 38, 41, 47, 53
test("a wrong call says, in a sentence, what is wrong with it", () => {
  const found = complaints();
  const lines = readFileSync(join(folder, "misuse.ts"), "utf8").split("\n");
  const expected = lines.flatMap((text, index) => {
    const mark = text.indexOf("//! ");
    return mark === -1 ? [] : [[index + 1, text.slice(mark + 4)] as const];
  });
  expect(expected.length).toBeGreaterThan(20);
  for (const [line, sentence] of expected) expect(found.get(line) ?? "no error", `line ${line}`).toContain(sentence);
  expect([...found.keys()].sort((a, b) => a - b)).toEqual(expected.map(([line]) => line));
});
