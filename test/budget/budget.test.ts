import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("one warm call crosses at most 20 functions of ours in at most 9 files", () => {
  const program = join(import.meta.dirname, "one-call.ts");
  const crossed = JSON.parse(execFileSync("node", [program], { encoding: "utf8" })) as {
    file: string;
    functions: string[];
  }[];
  expect(crossed.map(({ file }) => file)).toContain("call/call.ts");
  expect(crossed.length).toBeLessThanOrEqual(9);
  expect(crossed.flatMap(({ functions }) => functions).length).toBeLessThanOrEqual(20);
});
