import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian's package has it. */
export const chromiumPath = "/usr/bin/chromium";
export const chromiumPresent: boolean = existsSync(chromiumPath);

/** Starts it, without anything that it does by itself on the network. Close it with `await using`. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
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
  });
}
