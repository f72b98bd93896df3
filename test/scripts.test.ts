import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { differences, fromTable } from "../scripts/bundle-sizes.ts";
import { claimsOf, pointsOf } from "../scripts/checklist.ts";
import { fillPage } from "../scripts/docs.ts";

const source = `import { a } from "b";
{
  // #region outer
  const x = 1;

  // #region inner
    call(x);
  // #endregion
  // #endregion
}
`;
const read = (path: string) => (path === "a.ts" ? source : undefined);
const page = (marker: string, ...block: string[]) => ["# Page", marker, ...block, "", "End."].join("\n");

describe("a page of the documentation", () => {
  test("takes a region without its markers and its indentation, and is then left as it is", () => {
    const before = page("<!-- example: a.ts#outer -->", "```ts", "old", "```");
    const { text, problems } = fillPage(before, read);
    expect(problems).toEqual([]);
    expect(text).toBe(page("<!-- example: a.ts#outer -->", "```ts", "const x = 1;", "", "  call(x);", "```"));
    expect(fillPage(text, read).text).toBe(text);
    expect(fillPage(page("<!-- example: a.ts#inner -->", "```ts", "```"), read).text).toContain("```ts\ncall(x);\n```");
  });

  test("takes a whole file", () => {
    const { text } = fillPage(page("<!-- example: a.ts -->", "```ts", "```"), read);
    expect(text).toContain(`import { a } from "b";\n{\n  const x = 1;`);
    expect(text).not.toContain("#region");
  });

  test.each([
    ["a region that is not there", page("<!-- example: a.ts#none -->", "```ts", "```"), 'has no region "none"'],
    ["a file that is not there", page("<!-- example: b.ts -->", "```ts", "```"), "examples/b.ts does not exist"],
    ["code without a source", page("", "```ts", "x", "```"), "a ts block without a source"],
    ["a command nobody allowed", page("", "```sh", "rm -rf x", "```"), 'the command "rm -rf x" is not on the list'],
    ["a part without an end", page("<!-- providers:start -->"), 'the part "providers" has no end'],
    ["a block without an end", page("", "```text", "x"), "the block has no end"],
  ])("does not take %s", (_, text, sentence) => {
    const { problems, text: filled } = fillPage(text, read);
    expect(problems).toEqual([expect.stringContaining(sentence)]);
    expect(filled).toBe(text);
  });

  test("may show output, and the commands that are allowed", () => {
    const text = page("", "```text", "x", "```", "```sh", "npm install && npm test", "```");
    expect(fillPage(text, read)).toEqual({ text, problems: [] });
  });

  // What were not linear here would take hours, and the runner's own limit would end it.
  test("comes to an end on a long page", () => {
    for (const line of ["```ts\n", "```ts\n```\n", "<!-- providers:start -->\n", "<!-- example: \n"]) {
      fillPage(line.repeat(100_000), read);
    }
  });
});

describe("every link of the documentation leads somewhere", () => {
  const root = resolve(import.meta.dirname, "..");
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...globSync("docs/**/*.md", { cwd: root, exclude: ["docs/.vitepress/**"] }),
  ];
  const slugs = (file: string) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .map((line) =>
        line
          .replace(/^#+ /, "")
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, "")
          .replaceAll(" ", "-"),
      );

  test.each(pages)("in %s", (name) => {
    const file = join(root, name);
    const links = [...readFileSync(file, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? "");
    for (const link of links.filter((one) => !one.startsWith("https://"))) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      expect(existsSync(target), link).toBe(true);
      if (anchor !== undefined) expect(slugs(target), link).toContain(anchor);
    }
  });
});

describe("the checklist", () => {
  test("is section 11 of the document", () => {
    const text =
      "## 10. X\n1. [core] not this\n## 11. Y\n1. [core] One.\n2. [extended] Two.\n3. Three.\n## 12. Z\n4. [core] no";
    expect(pointsOf(text)).toEqual([
      { number: 1, level: "core", text: "One." },
      { number: 2, level: "extended", text: "Two." },
    ]);
  });

  test("is claimed by numbers and ranges above a test", () => {
    const text = `// checklist: 1, 5-7\ntest("a", () => {});\n  // checklist: 3\n  describe("b", () => {});`;
    expect(claimsOf(text)).toEqual({ numbers: [1, 5, 6, 7, 3], problems: [] });
  });

  test.each([
    ["// checklist: one\ntest()", '"one" is neither a number nor a range'],
    ["test();\n// checklist: 4\n", "stands above nothing"],
  ])("%j is no claim", (text, sentence) => {
    expect(claimsOf(text).problems).toEqual([expect.stringContaining(sentence)]);
  });
});

describe("the sizes of bundles", () => {
  const size = (first: number, all = first) => ({ first, all });

  test("are read from the table however its columns are padded", () => {
    const text = "| `callscope/a` |   10 |  200 |\n| `callscope` | 3 | 4 |";
    expect([...fromTable(text)]).toEqual([
      ["callscope/a", size(10, 200)],
      ["callscope", size(3, 4)],
    ]);
  });

  test("may be two in a hundred off, up or down, and no subpath may be left out", () => {
    const table = new Map([
      ["a", size(1000)],
      ["b", size(1000)],
    ]);
    expect(differences(table, new Map([...table, ["a", size(1020, 980)]]))).toEqual([]);
    const measured = new Map([
      ["a", size(1021, 979)],
      ["c", size(1)],
    ]);
    expect(differences(table, measured)).toEqual([
      "a (first) has 1021 bytes, not 1000.",
      "a (all) has 979 bytes, not 1000.",
      "b is no subpath any more.",
      "c is not in the table.",
    ]);
  });
});
