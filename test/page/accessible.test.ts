import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleLines } from "../../bench/view/sample-trace.ts";
import { openPage, pagePresent, pageSentence } from "../support/browser.ts";
import { startViewer } from "../support/viewer.ts";

// The page in ten states, light and dark: what axe finds of contrast, names, roles and structure, and a screenshot of each in
// .cache/screenshots, for people.
const folder = mkdtempSync(join(tmpdir(), "callscope-accessible-"));
const shots = resolve(import.meta.dirname, "../../.cache/screenshots/view");
const file = join(folder, "many.jsonl");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Found {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds; its code runs in the page. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: Found[] }>("axe.run(document)");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
  );
}

const listed = async (page: Page) => {
  await page.locator("#summary dd", { hasText: /^1,000$/ }).waitFor();
  await page.locator(".content .row:not(.absent)").first().waitFor();
};

const opened = async (page: Page) => {
  await listed(page);
  await page.locator("#grid").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("treeitem").first().waitFor();
};

/** A state of the page, and how a person comes to it. */
const states: readonly {
  readonly name: string;
  readonly width?: number;
  readonly trace?: "absent";
  readonly reach: (page: Page) => Promise<void>;
}[] = [
  { name: "list", reach: listed },
  { name: "list on a phone", width: 390, reach: listed },
  {
    name: "nothing yet",
    trace: "absent",
    reach: (page) => page.getByRole("heading", { name: "Nothing yet" }).waitFor(),
  },
  {
    name: "filtered",
    reach: async (page) => {
      await listed(page);
      await page.getByRole("checkbox", { name: "failed" }).check();
      await page.locator("#summary dd", { hasText: /^20$/ }).first().waitFor();
    },
  },
  {
    name: "nothing fits",
    reach: async (page) => {
      await listed(page);
      await page.locator("#search").fill("nobody said this");
      await page.getByRole("heading", { name: "No run fits" }).waitFor();
    },
  },
  { name: "run", reach: opened },
  { name: "run on a phone", width: 390, reach: opened },
  {
    name: "request",
    reach: async (page) => {
      await opened(page);
      await page.keyboard.press("End");
      await page.locator(".said").first().waitFor();
    },
  },
  {
    name: "totals",
    reach: async (page) => {
      await listed(page);
      await page.keyboard.press("t");
      await page.getByRole("heading", { name: "By model" }).waitFor();
      await page.locator("#totals table tfoot td").last().waitFor();
    },
  },
  {
    name: "keys",
    reach: async (page) => {
      await listed(page);
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  },
];

describe.skipIf(!pagePresent)(pagePresent ? "is accessible" : pageSentence, { timeout: 120_000 }, () => {
  beforeAll(() => {
    mkdirSync(shots, { recursive: true });
    writeFileSync(file, `${Array.from(sampleLines({ calls: 1000, bytes: 1500 })).join("\n")}\n`);
  });

  describe.each(states)("$name", ({ name, width, trace, reach }) => {
    test.each(["light", "dark"])("%s", async (scheme) => {
      await using viewer = await startViewer(trace === "absent" ? join(folder, "absent.jsonl") : file);
      await using browser = await openPage({ dark: scheme === "dark", ...(width !== undefined && { width }) });
      const { page, faults } = browser;
      await page.goto(viewer.url);
      await reach(page);
      await page.screenshot({ path: join(shots, `${name.replaceAll(" ", "-")}-${scheme}.png`) });
      expect(await faultsOf(page)).toEqual([]);
      expect(faults).toEqual([]);
    });
  });
});
