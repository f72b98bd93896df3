import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

/** The browser that is installed here; `undefined` where there is none, which is said in a sentence. */
export const browserPath: string | undefined = candidates.find((path) => path !== undefined && existsSync(path));
if (browserPath === undefined) {
  process.stderr.write("No Chromium is installed: the tests of the page are skipped.\n");
}

/** A page of a browser of its own. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong in it: exceptions, refused scripts, requests to elsewhere. */
  readonly faults: readonly string[];
}

/** Opens a browser that talks to nobody but to this machine. */
export async function openPage(options: { readonly dark?: boolean; readonly width?: number } = {}): Promise<OpenPage> {
  const profile = mkdtempSync(join(tmpdir(), "callscope-browser-"));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath ?? "",
    headless: true,
    viewport: { width: options.width ?? 1280, height: 800 },
    colorScheme: options.dark ? "dark" : "light",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => {
    if (!/^(?:http:\/\/127\.0\.0\.1:|blob:|data:)/.test(request.url())) faults.push(request.url());
  });
  return {
    page,
    faults,
    async [Symbol.asyncDispose]() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
