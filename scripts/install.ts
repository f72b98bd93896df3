import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

// What stands between an empty folder and the first answer, with callscope and with the AI SDK, in one run on one machine:
// packages, megabytes, seconds to install, seconds to the first answer of a loopback server; and a cold build of the site. `node scripts/install.ts` writes
// scripts/install/measured.json, of which the README and the site's first page show a table. It needs npm's registry; each
// installs three times in turns, from npm's own cache after the first, and the median counts.

const root = resolve(import.meta.dirname, "..");
const run = promisify(execFile);
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly devDependencies: Readonly<Record<string, string>>;
};
const at = (name: string) => `${name}@${devDependencies[name]}`;

interface Contender {
  readonly packages: readonly string[];
  readonly program: string;
}

/** The same job on both sides: one text, and its tokens. */
async function contenders(folder: string): Promise<Readonly<Record<string, Contender>>> {
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
  return {
    callscope: {
      packages: [join(folder, stdout.trim().split("\n").at(-1) ?? ""), at("openai"), at("zod")],
      program: `import { openai } from "callscope/openai";
const response = await openai.call("gpt-4o-mini", (genre) => \`Recommend a \${genre} book\`)("fantasy");
console.log(response.content, response.outputTokens);`,
    },
    "AI SDK": {
      packages: [at("ai"), at("@ai-sdk/openai"), at("zod")],
      program: `import { openai } from "@ai-sdk/openai";
import { generateText } from "ai";
const { text, usage } = await generateText({ model: openai.chat("gpt-4o-mini"), prompt: "Recommend a fantasy book" });
console.log(text, usage.outputTokens);`,
    },
  };
}

/** Files and bytes below a folder, and how many packages. */
function weigh(folder: string): { packages: number; bytes: number } {
  let packages = 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    bytes += statSync(join(entry.parentPath, entry.name)).size;
    if (entry.name === "package.json" && /node_modules\/(?:@[^/]+\/)?[^/]+$/.test(entry.parentPath)) packages++;
  }
  return { packages, bytes };
}

async function tryOnce(parent: string, { packages, program }: Contender, url: string) {
  const cwd = mkdtempSync(join(parent, "empty-"));
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ private: true, type: "module" }));
  writeFileSync(join(cwd, "first.js"), program);
  const begun = performance.now();
  await run("npm", ["install", "--no-audit", "--no-fund", "--silent", ...packages], { cwd });
  const installed = performance.now();
  const env = { ...process.env, OPENAI_API_KEY: "key", OPENAI_BASE_URL: url };
  const { stdout } = await run(process.execPath, ["first.js"], { cwd, env });
  const answered = performance.now();
  if (stdout.trim() !== "Mistborn 5") throw new Error(`It printed ${stdout}`);
  return { ...weigh(cwd), install: (installed - begun) / 1000, answer: (answered - installed) / 1000 };
}

/** Seconds of a cold build of the site: nothing of an earlier one is left. */
async function buildDocs(): Promise<number> {
  for (const folder of [".cache", "docs/.vitepress/dist"]) rmSync(join(root, folder), { recursive: true, force: true });
  const begun = performance.now();
  await run(process.execPath, ["scripts/site.ts"], { cwd: root });
  return Math.round((performance.now() - begun) / 1000);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "Mistborn", refusal: null },
      finish_reason: "stop",
      logprobs: null,
    },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
};

const parent = mkdtempSync(join(tmpdir(), "callscope-install-"));
const server = createServer((_, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
try {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const sides = await contenders(parent);
  const runs: Record<string, Awaited<ReturnType<typeof tryOnce>>[]> = {};
  for (let round = 0; round < 3; round++) {
    for (const [name, side] of Object.entries(sides)) {
      const tried = await tryOnce(parent, side, url);
      runs[name] = [...(runs[name] ?? []), tried];
    }
  }
  const measured = Object.entries(runs).map(([name, tries]) => ({
    name,
    packages: tries[0]?.packages,
    megabytes: Number(((tries[0]?.bytes ?? 0) / 1e6).toFixed(1)),
    install: Number(median(tries.map(({ install }) => install)).toFixed(1)),
    answer: Number(median(tries.map(({ answer }) => answer)).toFixed(2)),
  }));
  const docs = await buildDocs();
  const versions = {
    openai: devDependencies.openai,
    ai: devDependencies.ai,
    zod: devDependencies.zod,
    node: process.version,
  };
  const written = { date: new Date().toISOString().slice(0, 10), versions, measured, docs };
  writeFileSync(join(import.meta.dirname, "install/measured.json"), `${JSON.stringify(written, null, 2)}\n`);
  console.table(measured);
  console.log(`The site was built in ${docs} s.`);
} finally {
  server.close();
  rmSync(parent, { recursive: true, force: true });
}
