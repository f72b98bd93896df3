import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

/** Where Debian's package has it, or where `CHROMIUM` says. */
export const chromiumPath: string = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const chromiumPresent: boolean = existsSync(chromiumPath);

/** Whether the page of `callscope view` is built and there is a browser to open it in; else `pageSentence` says what is absent. */
export const pagePresent: boolean = chromiumPresent && existsSync(resolve(import.meta.dirname, "../../dist/page.html"));
export const pageSentence: string = chromiumPresent
  ? "There is no dist/page.html: node scripts/build.ts makes it."
  : "There is no Chromium on this machine: apt-get install chromium, or CHROMIUM=path.";

/** How it is launched: without a window, and without anything that it does by itself on the network. */
export const quiet = {
  executablePath: chromiumPath,
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** Starts it. Close it with `await using`. */
export function startChromium(): Promise<Browser> {
  return chromium.launch(quiet);
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
  const context = await chromium.launchPersistentContext(profile, {
    ...quiet,
    viewport: { width: options.width ?? 1280, height: 800 },
    colorScheme: options.dark ? "dark" : "light",
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
