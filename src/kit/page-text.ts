import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { HtmlToTextOptions } from "html-to-text";
import { MissingPackageError } from "../errors/errors.ts";
import { ToolFailure } from "./tool-failure.ts";

/** Where the text of a page is looked for, the best place first; where none of them has any, it is the whole page. */
const places = ["main", "article", 'div[class*="content"]', 'div[class*="main"]', undefined] as const;
/** What stands on a page beside its text. */
const aside = ["script", "style", "noscript", "template", "svg", "nav", "header", "footer", "aside", "img"] as const;

const common: HtmlToTextOptions = {
  selectors: [
    ...aside.map((selector) => ({ selector, format: "skip" })),
    { selector: "a", options: { ignoreHref: true } },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
  wordwrap: false,
  // A page may be nested deeper than a program's stack.
  limits: { maxDepth: 200, ellipsis: "[Nested too deeply.]" },
};
const attempts = places.map((place) =>
  place === undefined ? common : { ...common, baseElements: { selectors: [place], returnDomByDefault: false } },
);

// Somebody else's page in a thread of its own: one that is made to be slow neither stops the program nor lasts.
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const { convert } = require(workerData.library);
let text = "";
for (const options of workerData.attempts) {
  text = convert(workerData.html, options);
  if (text.trim() !== "") break;
}
parentPort.postMessage(text);
`;

/**
 * The text that a person reads on a page: what stands in its `main`, else its articles, else in what is named for its
 * content, else all of it. Lines are trimmed and empty ones left out. `""` for a page without text. Throws `ToolFailure`
 * for one that takes longer than `timeout` milliseconds or more than 256 MB.
 */
export async function pageText(html: string, timeout: number, signal: AbortSignal | undefined): Promise<string> {
  signal?.throwIfAborted();
  const workerData = { html, attempts, library: resolved("html-to-text") };
  // The library warns on the standard error output of what it leaves out.
  const outputs = { stdout: true, stderr: true };
  const resourceLimits = { maxOldGenerationSizeMb: 256 };
  const worker = new Worker(program, { eval: true, workerData, resourceLimits, ...outputs });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const slow = new ToolFailure("limit", `The page cannot be made into text within ${timeout} ms.`);
  const timer = setTimeout(() => reject(slow), timeout);
  const leave = () => reject(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  worker.once("message", resolve);
  worker.once("error", (cause) => reject(new ToolFailure("failed", "The page cannot be made into text.", { cause })));
  try {
    return tidied(await promise);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
    await worker.terminate();
  }
}

function resolved(packageName: string): string {
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch (cause) {
    throw new MissingPackageError(packageName, "callscope/tools", { cause });
  }
}

function tidied(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join("\n");
}
