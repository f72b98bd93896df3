import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sampleLines } from "../../bench/view/sample-trace.ts";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { openai } from "../../src/providers/openai/index.ts";
import { tool } from "../../src/tools/tool.ts";
import { trace } from "../../src/trace/index.ts";
import { openPage, pagePresent, pageSentence } from "../support/browser.ts";
import { completion, startChat, toolCall } from "../support/chat-server.ts";
import { startViewer } from "../support/viewer.ts";

// The built page in a real browser: build first.
const folder = mkdtempSync(join(tmpdir(), "callscope-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A trace of a real loop, whose tool and answer say what would be markup. */
async function tracedLoop(file: string): Promise<void> {
  await using server = await startChat(
    completion({ tool_calls: [toolCall("lookup", { query: "<b>Dune</b>" })] }),
    completion({ content: "It is <img src=x onerror=alert(1)> on shelf B. Key sk-proj-0123456789abcdef." }),
  );
  const layer = trace(file);
  const lookup = tool({
    name: "lookup",
    parameters: { type: "object", properties: { query: { type: "string" } } },
    call: () => "shelf B",
  });
  const call = openai.call(
    "gpt-4o-mini",
    { client: server.client, layers: [layer], tools: [lookup] },
    () => "Where is Dune?",
  );
  await toolLoop(call)();
  await layer.flush();
}

const title = pagePresent ? "the page" : pageSentence;

describe.skipIf(!pagePresent)(title, { timeout: 120_000 }, () => {
  test("shows a real loop as a waterfall, by keys alone, and nothing of it is markup or a key", async () => {
    const file = join(folder, "loop.jsonl");
    await tracedLoop(file);
    await using viewer = await startViewer(file);
    await using browser = await openPage();
    const { page, faults } = browser;
    await page.goto(viewer.url);
    await page.getByRole("row", { name: "Where is Dune?" }).waitFor();
    await page.locator("#grid").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("treeitem").first().waitFor();
    const bars = await page
      .getByRole("treeitem")
      .evaluateAll((items) => items.map((item) => item.getAttribute("aria-label")?.split(" ").slice(0, 2)));
    expect(bars).toEqual([
      ["loop", "gpt-4o-mini"],
      ["request", "gpt-4o-mini"],
      ["tool", "lookup"],
      ["request", "gpt-4o-mini"],
    ]);
    await page.keyboard.press("End");
    await page.locator(".said", { hasText: "on shelf B" }).waitFor();
    const said = await page.locator(".said").textContent();
    expect(said).toContain("<img src=x onerror=alert(1)>");
    expect(said).toContain("Key [redacted].");
    expect(await page.locator(".said img").count()).toBe(0);
    await page.keyboard.press("ArrowUp");
    await page.locator(".said", { hasText: "<b>Dune</b>" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#detail").waitFor({ state: "hidden" });
    expect(await page.locator("*:focus").getAttribute("id")).toBe("grid");
    expect(faults).toEqual([]);
  });

  test("filters, searches and counts, and its address keeps what was chosen", async () => {
    const file = join(folder, "many.jsonl");
    writeFileSync(file, `${Array.from(sampleLines({ calls: 1000, bytes: 1500 })).join("\n")}\n`);
    await using viewer = await startViewer(file);
    await using browser = await openPage();
    const { page, faults } = browser;
    const runs = (count: string) =>
      page
        .locator("#summary dd")
        .first()
        .filter({ hasText: new RegExp(`^${count}$`) })
        .waitFor();
    await page.goto(viewer.url);
    await runs("1,000");
    await page.getByRole("checkbox", { name: "failed" }).check();
    await runs("20");
    await page.reload();
    await runs("20");
    await page.getByRole("button", { name: "failed" }).click();
    await runs("1,000");
    await page.keyboard.press("/");
    await page.keyboard.type("NUMBER 77.");
    await runs("1");
    await page.getByRole("row", { name: "number 77." }).waitFor();
    await page.locator("#search").fill("messages");
    await page.getByRole("heading", { name: "No run fits" }).waitFor();
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await runs("1,000");
    await page.locator("#sort").selectOption("cost-");
    await page.keyboard.press("Escape");
    await page.keyboard.press("t");
    await page.getByRole("heading", { name: "By model" }).waitFor();
    const table = page.locator("#totals table").last();
    await table.locator("tfoot td").first().waitFor();
    expect(await table.locator("tbody tr").count()).toBe(6);
    expect(await table.locator("tfoot td").first().textContent()).toBe("1,100");
    expect(faults).toEqual([]);
  });

  test("follows the file: it appears, grows, and is replaced", async () => {
    const file = join(folder, "live.jsonl");
    rmSync(file, { force: true });
    await using viewer = await startViewer(file);
    await using browser = await openPage({ dark: true, width: 390 });
    const { page, faults } = browser;
    await page.goto(viewer.url);
    await page.getByRole("heading", { name: "Nothing yet" }).waitFor();
    const line = (phase: string, id: number, more: object) =>
      `${JSON.stringify({ type: "request", phase, id, trace: "t", at: new Date().toISOString(), ...more })}\n`;
    const asked = (text: string) => ({
      provider: "p",
      model: "m",
      purpose: "call",
      attempt: 1,
      stream: true,
      messages: [{ role: "user", content: text }],
    });
    writeFileSync(file, line("start", 1, asked("The first")));
    await page.getByRole("row", { name: "running" }).waitFor();
    appendFileSync(file, line("end", 1, { ms: 5, cost: 0.5, message: { role: "assistant", content: "Yes" } }));
    await page.getByRole("row", { name: "done" }).filter({ hasText: "$0.50" }).waitFor();
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide).toBe(390);
    rmSync(file);
    writeFileSync(file, line("start", 1, asked("Another file")));
    await page.getByRole("row", { name: "Another file" }).waitFor();
    expect(await page.getByRole("row", { name: "The first" }).count()).toBe(0);
    expect(faults).toEqual([]);
  });
});
