import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lengthsOf, linesOfCode, programs } from "../scripts/programs-table.ts";
import { programAnswers } from "./support/program-answers.ts";
import { startServer } from "./support/server.ts";

// The programs a new user writes first, and the same with the AI SDK: each is run by itself, against the same answers.
const folder = resolve(import.meta.dirname, "../examples/programs");

/** Runs a program as often as told in one folder of its own: what it printed each time, and how many requests came. */
async function run(path: string, times = 1): Promise<{ printed: string[]; requests: number }> {
  const cwd = await mkdtemp(join(tmpdir(), "callscope-program-"));
  try {
    await using server = await startServer(programAnswers());
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, OPENAI_API_KEY: "key", OPENAI_BASE_URL: `${server.url}/v1`, NO_COLOR: "1" };
    const printed: string[] = [];
    for (let time = 0; time < times; time++) {
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, path)], {
        cwd,
        env,
        timeout: 60_000,
      });
      printed.push(shown(stdout));
    }
    return { printed, requests: server.requests.length };
  } finally {
    await rm(cwd, { recursive: true });
  }
}

/** What the page shows: of the tests no times and sums, and rows in the order of their ids, whichever ended first. */
function shown(stdout: string): string {
  const lines = stdout.trimEnd().split("\n");
  const tests = lines.filter((line) => /^[✔✖] /.test(line)).map((line) => line.replace(/ \([\d.]+ms\)$/, ""));
  const rows = lines.filter((line) => /^r\d /.test(line)).sort();
  return [...rows, ...(tests.length > 0 ? tests : lines.slice(rows.length))].join("\n");
}

describe("the first programs", () => {
  test.each(programs)("%s prints what the page shows, and so does the AI SDK's", { timeout: 60_000 }, async (name) => {
    const expected = (await readFile(join(folder, `output/${name}.txt`), "utf8")).trimEnd();
    const ours = await run(`${name}.ts`);
    expect(ours.printed).toEqual([expected]);
    // The same job: what is printed and how often the provider is asked (by this SDK before the answer falls back, too).
    expect(await run(`ai-sdk/${name}.ts`)).toEqual(ours);
  });

  test.each(programs)("%s is shorter than with the AI SDK", (name) => {
    const { ours, theirs } = lengthsOf(name);
    expect(ours).toBeLessThan(theirs);
  });

  test("the night's job, started again, asks for nothing twice", { timeout: 60_000 }, async () => {
    const { printed, requests } = await run("nightly.ts", 2);
    expect(printed[1]).toBe(printed[0]);
    expect(requests).toBe(4); // three reviews, one of them twice after a 429
  });
});

test("no program is left out", () => {
  const expected = programs.flatMap((name) => [`${name}.ts`, `ai-sdk/${name}.ts`]);
  expect(globSync("**/*.ts", { cwd: folder }).sort()).toEqual(expected.sort());
});

test("lines of code are those that are neither imports, comments nor blank", () => {
  const text =
    'import a from "a";\nimport {\n  b,\n} from "b";\n\n// why\n/** What. */\nconst c = 1; // two\n\n  // more\nd(c);\n';
  expect(linesOfCode(text)).toBe(2);
});
