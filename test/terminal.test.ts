import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

// What docs/terminal.md shows is what the built command prints beside the example: build first.
const root = resolve(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs/terminal.md"), "utf8");
const shown = Array.from(
  page.matchAll(/```text\n\$ npx callscope ([^\n]+)\n([^`]*)```/g),
  ([, line = "", output = ""]) => {
    return [line, output] as const;
  },
);

test("the page shows what every command prints", () => {
  expect(new Set(shown.map(([line]) => line.split(" ")[0]))).toEqual(new Set(["lock", "lint", "models", "prices"]));
});

test.each(shown)("callscope %s", (line, output) => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/cli/index.js"), ...line.split(" ")], {
    cwd: join(root, "examples/terminal"),
    env: { ...process.env, NO_COLOR: "1" },
    encoding: "utf8",
  });
  expect({ stdout, stderr }).toEqual({ stdout: output, stderr: "" });
});
