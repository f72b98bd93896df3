import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

// The set-up file in a suite of its own, run by a vitest of its own.
const root = resolve(import.meta.dirname, "../..");

interface Result {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** Runs the suite of this folder, and gives what came of its tests. */
async function resultsOf(suite: string): Promise<Result[]> {
  const program = join(root, "node_modules/vitest/vitest.mjs");
  const folder = mkdtempSync(join(tmpdir(), "callscope-suite-"));
  const report = join(folder, "report.json");
  const { promise, resolve: finish } = Promise.withResolvers<void>();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" };
  const parts = ["run", "--root", suite, "--reporter=json", `--outputFile=${report}`];
  execFile(process.execPath, [program, ...parts], { cwd: suite, env }, () => finish());
  await promise;
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { assertionResults: Result[] }[];
  };
  rmSync(folder, { recursive: true });
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

test("callscope/testing/vitest guards every test of a suite, and brings the matchers", async () => {
  const results = await resultsOf(join(import.meta.dirname, "suite"));
  expect(results.map(({ title, status }) => [title, status])).toEqual([
    ["nothing leaves a test, nor what prepares it", "passed"],
    ["what is answered passes", "passed"],
    ["a failing matcher says what it found", "failed"],
  ]);
  expect(results[2]?.failureMessages.join()).toContain("Expected a request with 'horror' to have been sent.\n1 sent:");
}, 60_000);

test("the example's suite runs as a user's, on the built package", async () => {
  const results = await resultsOf(join(root, "examples/testing/suite"));
  expect(results.map(({ title, status }) => [title, status])).toEqual([
    ["looks a book up", "passed"],
    ["sends nothing", "passed"],
  ]);
}, 60_000);
