import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Page } from "playwright-core";
import { quiet } from "../../test/support/browser.ts";
import { writeSample } from "./sample-trace.ts";

// How fast the page of `callscope view` is with a large trace, beside what the browser needs to read and parse the file by
// itself. Run by hand after a build: node bench/view/measure.ts [calls] [bytes of a call].

const [calls = "100000", bytes = "2000"] = process.argv.slice(2);
const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "callscope-view-"));
const file = join(folder, "sample.jsonl");
const repeats = 3;

interface Measured {
  readonly [name: string]: number;
}

writeSample(file, { calls: Number(calls), bytes: Number(bytes) });
console.log(`${Number(calls).toLocaleString("en-US")} calls, ${(statSync(file).size / 1e6).toFixed(0)} MB`);
const server = spawn(process.execPath, [join(root, "dist/cli/index.js"), "view", file, "--json"]);
const browser = await chromium.launchPersistentContext(join(folder, "profile"), {
  ...quiet,
  viewport: { width: 1440, height: 900 },
});
try {
  const url = await addressOf(server);
  const page = browser.pages()[0] ?? (await browser.newPage());
  const rows: Measured[] = [];
  for (let turn = 0; turn < repeats; turn++)
    rows.push({ ...(await byItself(page, url)), ...(await byThePage(page, url)) });
  report(rows);
} finally {
  await browser.close();
  server.kill("SIGINT");
  rmSync(folder, { recursive: true, force: true });
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((done) => {
    child.stdout?.once("data", (line: Buffer) => done((JSON.parse(line.toString()) as { url: string }).url));
  });
}

/** The browser alone: the file read from the same server, split into lines, each parsed. In a worker, as the page does. */
async function byItself(page: Page, url: string): Promise<Measured> {
  await page.goto(url);
  await page.evaluate(() => document.body.replaceChildren());
  const alone = await page.evaluate(async (address) => {
    const work = `onmessage = async ({ data }) => {
      const began = performance.now();
      const response = await fetch(data);
      const size = Number(response.headers.get("x-trace-size"));
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      let rest = "", read = 0, lines = 0;
      while (read < size) {
        const { value } = await reader.read();
        read += value.length;
        const parts = (rest + decoder.decode(value, { stream: true })).split("\\n");
        rest = parts.pop();
        for (const part of parts) { JSON.parse(part); lines++; }
      }
      reader.cancel();
      postMessage({ ms: performance.now() - began, lines });
    };`;
    const worker = new Worker(URL.createObjectURL(new Blob([work], { type: "text/javascript" })));
    const said = await new Promise<{ ms: number; lines: number }>((done) => {
      worker.onmessage = ({ data }) => done(data);
      worker.postMessage(`${address}trace?from=0`);
    });
    worker.terminate();
    return said;
  }, url);
  return { "read and parse": alone.ms };
}

async function byThePage(page: Page, url: string): Promise<Measured> {
  await page.goto("about:blank");
  const began = performance.now();
  await page.goto(url);
  await page.waitForSelector(".content .row:not(.absent)");
  const firstPaint = performance.now() - began;
  const all = Number(calls);
  const failed = Math.floor(all / 50);
  // A filter while the file is still being read, and its final answer: all runs that fit are there.
  await page.locator('[data-facet="status"] input[value="error"]').check();
  await shown(page, failed);
  const read = performance.now() - began;
  const cleared = await timed(page, () => page.locator("#chips .chip").first().click(), all);
  const filtered = await timed(page, () => page.locator('[data-facet="status"] input[value="error"]').check(), failed);
  await timed(page, () => page.locator("#chips .chip").first().click(), all);
  const searched = await timed(page, () => page.locator("#search").fill(`number ${all - 7}.`), 1);
  await timed(page, () => page.locator("#search").fill(""), all);
  const longest = await scrolled(page);
  await page.evaluate(() => document.querySelector("#grid")?.scrollTo(0, 0));
  const open = await timed(page, () => page.locator("#row-2").click(), undefined);
  return {
    "first rows painted": firstPaint,
    "file read, filter answered": read,
    "filter, of a read file": filtered,
    "filter taken away": cleared,
    "search, of a read file": searched,
    "a run opened": open,
    "longest task while scrolling": longest.clock,
    "the same, of its own time": longest.own,
  };
}

/** Milliseconds until so many runs are shown, the first of them painted; `undefined`: until a run is open. */
async function timed(page: Page, act: () => Promise<unknown>, runs: number | undefined): Promise<number> {
  const began = performance.now();
  await act();
  await shown(page, runs);
  return performance.now() - began;
}

async function shown(page: Page, runs: number | undefined): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      if (wanted === undefined) return document.querySelector("#detail .message") !== null;
      const isThere = document.querySelector(".content .row:not(.absent):not([hidden])") !== null;
      return isThere && document.querySelector("#summary dd")?.textContent === wanted;
    },
    runs?.toLocaleString("en-US"),
    { polling: 5, timeout: 120_000 },
  );
}

/**
 * Scrolls through the list, slowly and by leaps, and gives the longest task of the page's thread meanwhile: by the clock,
 * and by the time that the thread itself ran, which other processes do not lengthen.
 */
async function scrolled(page: Page): Promise<{ readonly clock: number; readonly own: number }> {
  const session = await page.context().newCDPSession(page);
  const tasks: { dur?: number; tdur?: number; name: string; tid: number; args?: { name?: string } }[] = [];
  session.on("Tracing.dataCollected", ({ value }) => tasks.push(...(value as unknown as typeof tasks)));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "__metadata"] },
  });
  await page.locator("#grid").hover();
  for (let step = 0; step < 60; step++) await page.mouse.wheel(0, step % 10 === 9 ? 200_000 : 900);
  await page.evaluate(async () => {
    const grid = document.querySelector("#grid") as HTMLElement;
    for (let step = 0; step < 120; step++) {
      grid.scrollTop = (grid.scrollHeight * step) / 120;
      await new Promise(requestAnimationFrame);
    }
  });
  await page.waitForTimeout(300);
  const over = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.end");
  await over;
  const main = new Set(tasks.filter(({ args }) => args?.name === "CrRendererMain").map(({ tid }) => tid));
  const own = tasks.filter(({ tid, dur }) => main.has(tid) && dur !== undefined);
  const longest = (values: readonly number[]) => values.reduce((one, other) => Math.max(one, other), 0) / 1000;
  return { clock: longest(own.map(({ dur = 0 }) => dur)), own: longest(own.map(({ tdur = 0 }) => tdur)) };
}

function report(rows: readonly Measured[]): void {
  const base = median(rows.map((row) => row["read and parse"] ?? 0));
  for (const name of Object.keys(rows[0] ?? {})) {
    const values = rows.map((row) => row[name] ?? 0);
    const middle = median(values);
    console.log(
      `${name.padEnd(30)} ${middle.toFixed(0).padStart(6)} ms  ${(middle / base).toFixed(2).padStart(5)}  (${values.map((value) => value.toFixed(0)).join(" ")})`,
    );
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
