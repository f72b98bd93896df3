import { execFile, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { recipeAnswers } from "./support/recipe-answers.ts";
import { startServer } from "./support/server.ts";

// The pages "Coming from" show the same jobs by another library and by callscope: both sides are run against the same
// answers, and print the same.
const folder = resolve(import.meta.dirname, "../examples/coming-from");

async function run(command: string, file: string): Promise<string> {
  await using server = await startServer(recipeAnswers());
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, OPENAI_API_KEY: "key", OPENAI_BASE_URL: `${server.url}/v1`, NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)(command, [join(folder, file)], { env, timeout: 60_000 });
  return stdout;
}

const printed = () => readFile(join(folder, "output.txt"), "utf8");

describe("the same jobs by another library", () => {
  test("callscope prints what the pages show", { timeout: 60_000 }, async () => {
    expect(await run(process.execPath, "callscope.ts")).toBe(await printed());
  });

  test.each(["ai-sdk.ts", "langchain.ts", "sdks.ts"])("%s prints the same", { timeout: 60_000 }, async (file) => {
    expect(await run(process.execPath, file)).toBe(await printed());
  });

  test("instructor.ts prints the line of the extraction", { timeout: 60_000 }, async () => {
    expect(await run(process.execPath, "instructor.ts")).toBe(`${(await printed()).split("\n")[2]}\n`);
  });

  const python = process.env.CALLSCOPE_PYTHON ?? "python3";
  const present = spawnSync(python, ["-c", "import mirascope.core.openai"]).status === 0;
  const sentence =
    "There is no mirascope 1.x: pip install 'mirascope[openai]==1.25.7', CALLSCOPE_PYTHON names the python.";

  test.skipIf(!present)(present ? "with_mirascope.py prints the same" : sentence, { timeout: 60_000 }, async () =>
    expect(await run(python, "with_mirascope.py")).toBe(await printed()),
  );

  test("none is left out", () => {
    const files = globSync("*.{ts,py}", { cwd: folder }).sort();
    expect(files).toEqual([
      "ai-sdk.ts",
      "callscope.ts",
      "instructor.ts",
      "langchain.ts",
      "sdks.ts",
      "with_mirascope.py",
    ]);
  });
});
