import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { switchScript, switchStyle } from "../docs/.vitepress/theme/switch-head.ts";
import { meet, versionOf } from "../scripts/faults/run.ts";
import { faults } from "../scripts/faults/server.ts";
import { measuredFaults } from "../scripts/faults-table.ts";
import { contents } from "../scripts/site/contents.ts";
import { exportsOf } from "../scripts/site/declarations.ts";
import { referencePages } from "../scripts/site/reference.ts";
import { sitePage } from "../scripts/site/stage.ts";
import { providers, styles, variantsOf } from "../scripts/site/variants.ts";

const root = resolve(import.meta.dirname, "..");

describe("a page of the site", () => {
  const block = (marker: string) => `# A\n\n<!-- example: ${marker} -->\n\`\`\`ts\nx\n\`\`\`\n`;

  test("has every provider's block in the place of one, and the switch above it", () => {
    const page = sitePage("docs/calls.md", block("calls/params/openai.ts#params"));
    expect(page).toMatch(/^---\nswitch: true\n---\n/);
    for (const { name } of providers) expect(page).toContain(`data-p="${name}"`);
    expect(page).toContain("budget_tokens: 1024");
    expect(page.match(/class="example other"/g)).toHaveLength(providers.length - 1);
  });

  test("has the four styles of each provider", () => {
    const page = sitePage("docs/streams.md", block("calls/streams/openai.ts#stream"));
    for (const { name } of styles) expect(page.split(`data-s="${name}"`)).toHaveLength(providers.length + 1);
  });

  test("shows the page's own provider where one has none", () => {
    const shown = variantsOf("audio/openai.ts#whole").flatMap(({ providers }) => providers ?? []);
    expect(shown.sort()).toEqual(providers.map(({ name }) => name).sort());
  });

  test("of a provider has its blocks alone", () => {
    const page = sitePage("docs/providers/groq.md", block("calls/params/groq.ts#params"));
    expect(page).not.toContain("data-p");
    expect(page).toContain("\nx\n");
  });

  test("links within the site, to programs too", () => {
    const text = sitePage(
      "docs/recipes/a.md",
      "[a](../calls.md#errors) [b](../../examples/first.ts) [c](https://a.b) [d](#e)",
    );
    expect(text).toBe("[a](/calls#errors) [b](/examples/first#first-ts) [c](https://a.b) [d](#e)");
    expect(() => sitePage("docs/a.md", "[a](../src/index.ts)")).toThrow("docs/a.md links to ../src/index.ts");
  });

  test("leaves the text of code alone", () => {
    const text = "```text\n[a](b.ts)\n```\n";
    expect(sitePage("docs/a.md", text)).toBe(text);
  });
});

describe("the switch", () => {
  const run = (stored: string | null) => {
    const dataset: Record<string, string> = {};
    const localStorage = {
      getItem() {
        if (stored === "refused") throw new Error("not allowed");
        return stored;
      },
    };
    runInNewContext(switchScript(providers, styles), { document: { documentElement: { dataset } }, localStorage });
    return dataset;
  };

  test("takes what was chosen, and the first of each where nothing was or can be read", () => {
    expect(run('{"p":"groq","s":"template"}')).toEqual({ p: "groq", s: "template" });
    for (const stored of [null, "{", "refused", "null", '{"p":"<x>","s":7}']) {
      expect(run(stored)).toEqual({ p: "openai", s: "text" });
    }
  });

  test("hides all but what is chosen, without its script all but the first", () => {
    const style = switchStyle(providers, styles);
    expect(style).toContain('html[data-p="groq"] .example[data-p]:not([data-p~="groq"])');
    expect(style).toContain('html:not([data-s]) .example[data-s]:not([data-s~="text"])');
  });
});

describe("the contents", () => {
  test("name every page that is no provider's and no error's, once", () => {
    const listed = Object.values(contents).flatMap(({ pages }) => pages.map(({ path }) => path));
    const others = ["changelog", "contributing", "bench"];
    const found = globSync("docs/**/*.md", { cwd: root, exclude: ["docs/.vitepress/**"] })
      .map((file) => file.slice("docs/".length, -".md".length))
      .filter((path) => !/^(?:providers|errors)\/|^(?:index|providers)$/.test(path));
    expect(listed.sort()).toEqual([...found, ...others].sort());
  });
});

describe("the reference", () => {
  test("has a page a subpath, with docstrings and declarations", () => {
    const pages = referencePages(root);
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
    expect(pages).toHaveLength(Object.keys(exports).length - 1);
    const main = pages.find(({ title }) => title === "callscope")?.text ?? "";
    expect(main).toContain("### fallback {#fallback}");
    expect(main).toContain("### Message {#type-message}");
    expect(main).toMatch(/### classify \{#classify\}\n\n\S/);
  });

  test("leaves no exported name without a docstring", () => {
    const names = exportsOf(join(root, "dist/index.d.ts")).filter(({ doc }) => doc === "");
    expect(names.map(({ name }) => name)).toEqual([]);
  });
});

describe("the same faults", () => {
  test("were measured with the versions that are installed", () => {
    const { packages } = measuredFaults();
    const names = {
      openai: "openai",
      "ai-sdk": "ai",
      langchain: "@langchain/openai",
      instructor: "@instructor-ai/instructor",
    };
    for (const [name, installed] of Object.entries(names)) expect(packages[name], name).toBe(versionOf(installed));
  });

  test.each(faults)("$title: callscope does what the page says", { timeout: 60_000 }, async (fault) => {
    const { message, ...told } = measuredFaults().outcomes[fault.name]?.callscope ?? {};
    expect(await meet("callscope", fault)).toMatchObject(told);
    expect(message === undefined || message.length > 0).toBe(true);
  });
});

test("what a clone has none of is not in the pages", () => {
  for (const file of globSync("docs/**/*.md", { cwd: root, exclude: ["docs/.vitepress/**"] })) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, path = ""] of text.matchAll(/<!-- example: ([^# ]+)/g)) {
      expect(existsSync(join(root, "examples", path)), `${file}: ${path}`).toBe(true);
    }
  }
});
