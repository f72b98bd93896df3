import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { quiet } from "../test/support/browser.ts";
import { serve } from "./site/serve.ts";

// The built site in a real browser: ten pages at two widths, light and dark, without a network. No page is empty, logs an
// error or asks elsewhere; text has its contrast; the switch is reached and used by keys and stays chosen. The
// screenshots are left in .cache/screenshots for people. Without a browser it says so in a sentence.

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "docs/.vitepress/dist");
const shots = join(root, ".cache/screenshots");
const widths = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const pages = [
  "index",
  "start",
  "calls",
  "tools",
  "structured-output",
  "recipes/panel",
  "providers/anthropic",
  "errors/parse",
  "coming-from/mirascope",
  "reference/callscope",
] as const;

const browser = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path !== undefined && existsSync(path),
);
const problems: string[] = [];

async function look(executablePath: string): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), "callscope-site-"));
  const site = await serve(dist);
  mkdirSync(shots, { recursive: true });
  try {
    for (const scheme of ["light", "dark"] as const) {
      const context = await chromium.launchPersistentContext(join(profile, scheme), {
        ...quiet,
        executablePath,
        colorScheme: scheme,
      });
      try {
        for (const path of pages) await lookAt(context, site.url, path, scheme);
        if (scheme === "light") await useKeys(context, site.url);
      } finally {
        await context.close();
      }
    }
  } finally {
    await site.close();
    rmSync(profile, { recursive: true, force: true });
  }
  for (const problem of problems) console.error(problem);
  console.log(`${pages.length} pages at 2 widths, light and dark, ${problems.length} problems.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function lookAt(context: BrowserContext, url: string, path: string, scheme: string): Promise<void> {
  const page = await context.newPage();
  const say = (what: string) => problems.push(`${path}, ${scheme}: ${what}`);
  page.on("console", (message) => message.type() === "error" && say(`the console says ${message.text()}`));
  page.on("pageerror", (error) => say(`an error: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) say(`it asks ${request.url()}`);
  });
  page.on("response", (response) => response.status() >= 400 && say(`${response.status()} for ${response.url()}`));
  try {
    for (const [name, size] of Object.entries(widths)) {
      await page.setViewportSize(size);
      await page.goto(`${url}/${path}.html`, { waitUntil: "load" });
      await page.waitForTimeout(200);
      const file = join(shots, `${path.replaceAll("/", "-")}-${name}-${scheme}.png`);
      const { byteLength } = await page.screenshot({ path: file });
      if (byteLength < 15_000) say(`${name}: the screenshot has ${byteLength} bytes: it is empty.`);
      const text = await page.locator("main, .VPContent").first().textContent();
      if ((text ?? "").length < 200) say(`${name}: it has ${text?.length} characters of text.`);
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
      if (wide > 0) say(`${name}: it is ${wide} pixels wider than the screen.`);
      for (const found of await faultsOf(page)) say(`${name}: ${found}`);
    }
  } finally {
    await page.close();
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Found {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly any: readonly { readonly message: string }[] }[];
}

const rules = [
  "color-contrast",
  "link-name",
  "button-name",
  "label",
  "select-name",
  "image-alt",
  "html-has-lang",
  "document-title",
];

/** What axe finds: contrast, names of controls, structure. The code runs in the page. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const options = JSON.stringify({ runOnly: { type: "rule", values: rules } });
  const { violations } = await page.evaluate<{ violations: Found[] }>(`axe.run(document, ${options})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, any }) => `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ""}`),
  );
}

/** The keyboard alone: into the page, to the switch, another provider; it stays on the next page and after a reload. */
async function useKeys(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  try {
    await page.setViewportSize(widths.desktop);
    await page.goto(`${url}/calls.html`, { waitUntil: "load" });
    const focused = () => page.evaluate<string>("document.activeElement?.id ?? ''");
    let steps = 0;
    while (!(await focused()).endsWith("-p") && steps++ < 60) await page.keyboard.press("Tab");
    if (steps > 60) problems.push("calls: the switch is not reached by the Tab key.");
    await page.keyboard.press("ArrowDown");
    await page.waitForTimeout(100);
    const shown = async () => {
      const blocks = page.locator(".example[data-p]:visible .from");
      return [...new Set((await blocks.allInnerTexts()).map((text) => text.split("/").at(-1)))];
    };
    const want = ["anthropic.ts"];
    for (const path of ["calls", "streams", "structured-output"]) {
      if (path !== "calls") await page.goto(`${url}/${path}.html`, { waitUntil: "load" });
      const names = await shown();
      if (!names.every((name) => want.includes(name ?? "") || path === "calls")) {
        problems.push(`${path}: Anthropic was chosen, and ${names.join(", ")} is shown.`);
      }
      if (!names.includes("anthropic.ts")) problems.push(`${path}: Anthropic was chosen, and is not shown.`);
    }
    await page.keyboard.press("Control+k");
    await page.waitForTimeout(500);
    await page.keyboard.type("budget");
    await page.waitForTimeout(1000);
    const results = await page.locator(".VPLocalSearchBox .result").count();
    if (results === 0) problems.push("The search finds nothing for budget.");
    await page.screenshot({ path: join(shots, "search-desktop-light.png") });
  } finally {
    await page.close();
  }
}

if (browser === undefined) {
  console.log(
    "There is no Chromium on this machine (apt-get install chromium, or CHROMIUM=path): the site is not looked at.",
  );
} else await look(browser);
