import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { patternAnswers } from "./support/pattern-answers.ts";
import { startServer } from "./support/server.ts";

// The programs of docs/patterns.md, each run by itself as a reader runs it: what it prints is what the page shows, and what
// it sends is what is kept beside. The answers come from a loopback server.
const patterns = resolve(import.meta.dirname, "../examples/patterns");
const kept = join(import.meta.dirname, "support/pattern-requests");

/** The programs, and how many requests each sends. */
const programs: Readonly<Record<string, number>> = {
  "call-as-tool": 3,
  person: 4,
  "streaming-agent": 3,
  planner: 5,
  judges: 4,
  regression: 4,
};

/** What a reader types. */
const typed: Readonly<Record<string, string>> = { person: "The cover alone.\nNot more than 10 dollars.\nyes\n" };

/** Runs a program in a folder: what it printed. */
async function run(name: string, cwd: string, url: string): Promise<string> {
  const { PATH = "", HOME = "" } = process.env;
  const keys = { OPENAI_API_KEY: "key", ANTHROPIC_API_KEY: "key" };
  const env = { PATH, HOME, NO_COLOR: "1", ...keys, OPENAI_BASE_URL: `${url}/v1`, ANTHROPIC_BASE_URL: url };
  const running = promisify(execFile)(process.execPath, [join(patterns, `${name}.ts`)], { cwd, env, timeout: 60_000 });
  running.child.stdin?.end(typed[name] ?? "");
  return `${(await running).stdout.trimEnd()}\n`;
}

// checklist: 119, 154
describe("the patterns", () => {
  test.each(Object.entries(programs))("%s prints what the page shows", { timeout: 60_000 }, async (name, count) => {
    const cwd = await mkdtemp(join(tmpdir(), "callscope-pattern-"));
    try {
      await using server = await startServer(patternAnswers());
      const printed = await run(name, cwd, server.url);
      await expect(printed).toMatchFileSnapshot(join(patterns, `output/${name}.txt`));
      expect(server.requests).toHaveLength(count);
      // Those that are sent side by side come in any order.
      const lines = server.requests.map(({ path, text }) => `${path} ${text}`).sort();
      await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(join(kept, `${name}.txt`));
      if (name !== "regression") return;
      // The second time all is on the tape.
      expect(await run(name, cwd, server.url)).toBe(printed);
      expect(server.requests).toHaveLength(count);
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  test("none is left out", () => {
    expect(globSync("*.ts", { cwd: patterns }).sort()).toEqual(
      Object.keys(programs)
        .map((name) => `${name}.ts`)
        .sort(),
    );
  });
});
