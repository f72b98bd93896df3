import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";

// The page of `callscope view`: one file that loads nothing. Its worker stands in it as a text, and its policy allows this
// very script alone.

const source = resolve(import.meta.dirname, "../src/page");

/** Gives the page as one text of HTML. */
export async function buildPage(): Promise<string> {
  const worker = await bundle(join(source, "worker/worker.ts"));
  const script = await bundle(join(source, "app/main.ts"), { workerSource: JSON.stringify(worker) });
  const html = readFileSync(join(source, "index.html"), "utf8");
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "connect-src 'self'",
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const style = readFileSync(join(source, "style.css"), "utf8").replace(/\n\s*/g, "\n");
  return html
    .replace('content="policy"', () => `content="${policy}"`)
    .replace("<style></style>", () => `<style>${style}</style>`)
    .replace("<script></script>", () => `<script>${script}</script>`);
}

async function bundle(input: string, define: Record<string, string> = {}): Promise<string> {
  const build = await rolldown({ input, platform: "browser", transform: { define } });
  const { output } = await build.generate({ format: "iife", minify: true, codeSplitting: false });
  await build.close();
  // Nothing in it may end the element that it stands in.
  return output[0].code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}
