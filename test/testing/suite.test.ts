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
  const [books, checks] = [results.slice(0, 2), results.slice(2)];
  expect(books.map(({ title }) => title)).toEqual(["looks a book up", "sends nothing"]);
  expect(checks.map(({ title }) => title)).toContain("a tool loop comes to its end");
  expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
}, 60_000);

test("node:test runs the conformance suite and calls without requests, on the built package", async () => {
  const file = join(root, "examples/testing/suite-node/provider.test.ts");
  const { promise, resolve: finish } = Promise.withResolvers<string>();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" };
  execFile(process.execPath, ["--test", "--test-reporter=tap", file], { env }, (_, stdout) => finish(stdout));
  const lines = (await promise).split("\n");
  expect(lines.filter((line) => line.includes("not ok"))).toEqual([]);
  expect(lines.some((line) => line.includes("- recommends a book"))).toBe(true);
  expect(lines.some((line) => line.includes("- a tool loop comes to its end"))).toBe(true);
  expect(lines).toContain("# fail 0");
}, 60_000);
