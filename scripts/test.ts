import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// All tests of the project, one after another, and one closing line that counts them. A step that is no test runner
// counts as one test.
const report = join(tmpdir(), `callscope-vitest-${process.pid}.json`);

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const steps: readonly Step[] = [
  { name: "build", command: ["node", "scripts/build.ts"] },
  { name: "floors", command: ["node", "scripts/check-floors.ts"] },
  { name: "sizes", command: ["node", "scripts/check-sizes.ts"] },
  { name: "types", command: ["tsc", "-p", "tsconfig.json"] },
  { name: "types of the page", command: ["tsc", "-p", "src/page/tsconfig.json"] },
  { name: "examples of calls", command: ["node", "scripts/examples.ts", "--check"] },
  { name: "examples' types", command: ["tsc", "-p", "examples/tsconfig.json"] },
  { name: "other libraries' examples' types", command: ["tsc", "-p", "examples/coming-from/tsconfig.json"] },
  { name: "lint and format", command: ["biome", "ci", "--error-on-warnings", "."] },
  { name: "documentation", command: ["node", "scripts/docs.ts", "--check"] },
  { name: "spelling", command: ["cspell", "lint", "--no-progress", "--no-summary", "--config", "cspell.json"] },
  { name: "documentation's site: types", command: ["tsc", "-p", "docs/.vitepress"] },
  { name: "documentation's site", command: ["node", "scripts/site.ts"] },
  { name: "documentation's site in a browser", command: ["node", "scripts/check-site.ts"] },
  { name: "compatibility table", command: ["node", "scripts/matrix.ts", "--check"] },
  { name: "sizes of bundles", command: ["node", "scripts/bundle-sizes.ts", "--check"] },
  { name: "checklist", command: ["node", "scripts/checklist.ts"] },
  { name: "guarantees", command: ["node", "scripts/guarantees.ts"] },
  {
    name: "unit, contract and replay tests",
    command: ["vitest", "run", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`],
  },
  { name: "oldest SDKs", command: ["node", "scripts/majors.ts", "--lowest"] },
  { name: "packed package", command: ["node", "scripts/check-package.ts"] },
];

const total = { passed: 0, failed: 0, skipped: 0 };

for (const { name, command } of steps) {
  const started = Date.now();
  console.log(`\n== ${name}`);
  const [program, ...args] = command;
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  console.log(`== ${name}: ${status === 0 ? "passed" : "FAILED"} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  count(program === "vitest" ? testCounts() : undefined, status === 0);
}

rmSync(report, { force: true });
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 ? 1 : 0);

function testCounts(): typeof total | undefined {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return undefined;
  }
}

function count(counts: typeof total | undefined, passed: boolean): void {
  if (counts === undefined) {
    total[passed ? "passed" : "failed"]++;
    return;
  }
  total.passed += counts.passed;
  total.skipped += counts.skipped;
  // A runner that failed without a failed test (a file that does not load, say) has failed all the same.
  total.failed += passed ? counts.failed : Math.max(1, counts.failed);
}
