import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

// The set-up file in a suite of its own, run by a vitest of its own.
const root = resolve(import.meta.dirname, "../..");

test("callscope/testing/vitest guards every test of a suite, and brings the matchers", async () => {
  const program = join(root, "node_modules/vitest/vitest.mjs");
  const config = join(import.meta.dirname, "suite/vitest.config.ts");
  const folder = mkdtempSync(join(tmpdir(), "callscope-suite-"));
  const report = join(folder, "report.json");
  const { promise, resolve: finish } = Promise.withResolvers<void>();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" };
  const reporter = ["--reporter=json", `--outputFile=${report}`];
  execFile(process.execPath, [program, "run", "--config", config, ...reporter], { cwd: root, env }, () => finish());
  await promise;
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
  };
  rmSync(folder, { recursive: true });
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  expect(results.map(({ title, status }) => [title, status])).toEqual([
    ["nothing leaves a test, nor what prepares it", "passed"],
    ["what is answered passes", "passed"],
    ["a failing matcher says what it found", "failed"],
  ]);
  expect(results[2]?.failureMessages.join()).toContain("Expected a request with 'horror' to have been sent.\n1 sent:");
}, 60_000);
