import { execFile, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { recipeAnswers } from "./support/recipe-answers.ts";
import { startServer } from "./support/server.ts";

// The programs of the first page and of the recipes, each run by itself as a reader runs it: what it prints is what the
// page shows. The answers come from a loopback server.
const examples = resolve(import.meta.dirname, "../examples");

/** The programs, and the file that says what each prints; a second run in the same folder has a second one. */
const programs: Readonly<Record<string, readonly string[]>> = {
  "first.ts": ["start/output/first.txt"],
  "start/extract.ts": ["start/output/extract.txt"],
  "chaining/parallel.ts": ["chaining/output/parallel.txt"],
  "responses/basic.ts": ["responses/output.txt"],
  "recipes/servers.ts": ["recipes/output/servers.txt"],
  "recipes/keys.ts": ["recipes/output/keys.txt"],
  "recipes/nightly.ts": ["recipes/output/nightly.txt", "recipes/output/nightly-again.txt"],
  "recipes/rag.ts": ["recipes/output/rag.txt"],
  "recipes/chat.ts": ["recipes/output/chat.txt"],
  "recipes/panel.ts": ["recipes/output/panel.txt"],
  "recipes/evaluation.ts": ["recipes/output/evaluation.txt", "recipes/output/evaluation-again.txt"],
  "recipes/voice.ts": ["recipes/output/voice.txt"],
  "recipes/moving.ts": ["recipes/output/moving.txt"],
};

/** What a reader types. */
const typed: Readonly<Record<string, string>> = { "recipes/chat.ts": "Recommend a fantasy book\nAnd a shorter one?\n" };

const environment = (url: string) => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  NO_COLOR: "1",
  OPENAI_API_KEY: "key",
  OPENAI_API_KEY_EU: "key-eu",
  OPENAI_API_KEY_US: "key-us",
  OPENAI_BASE_URL: `${url}/v1`,
  ANTHROPIC_API_KEY: "key",
  ANTHROPIC_BASE_URL: url,
});

/** Runs a program in a folder: what it printed. */
async function run(path: string, cwd: string, url: string): Promise<string> {
  const running = promisify(execFile)(process.execPath, [join(examples, path)], {
    cwd,
    env: environment(url),
    timeout: 60_000,
  });
  running.child.stdin?.end(typed[path] ?? "");
  return (await running).stdout.trimEnd();
}

describe("the programs of the first page and of the recipes", () => {
  test.each(Object.entries(programs))("%s prints what its page shows", { timeout: 60_000 }, async (path, outputs) => {
    const cwd = await mkdtemp(join(tmpdir(), "callscope-recipe-"));
    try {
      await using server = await startServer(recipeAnswers());
      for (const output of outputs) {
        const printed = await run(path, cwd, server.url);
        await expect(`${printed}\n`).toMatchFileSnapshot(join(examples, output));
      }
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  test("the test of the first page passes without a network", { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--test", "--test-reporter=spec", join(examples, "start/books.test.ts")],
      { env: environment("http://127.0.0.1:9"), timeout: 60_000 },
    );
    const lines = stdout.split("\n").filter((line) => /^[✔✖] /.test(line));
    const printed = lines.map((line) => line.replace(/ \([\d.]+ms\)$/, "")).join("\n");
    expect(`${printed}\n`).toBe(await readFile(join(examples, "start/output/test.txt"), "utf8"));
  });

  test("the first page's tsconfig.json has nothing to say against its programs", { timeout: 60_000 }, async () => {
    const compiler = join(examples, "../node_modules/typescript/bin/tsc");
    await promisify(execFile)(process.execPath, [compiler, "-p", join(examples, "start")], { timeout: 60_000 });
  });

  test("the route of the first page streams", { timeout: 60_000 }, async () => {
    await using server = await startServer(recipeAnswers());
    const port = await freePort();
    const child = spawn(process.execPath, [join(examples, "start/server.ts")], {
      env: { ...environment(server.url), PORT: String(port) },
      stdio: "inherit",
    });
    try {
      const printed = await asked(`http://127.0.0.1:${port}/?genre=fantasy`);
      expect(`${printed}\n`).toBe(await readFile(join(examples, "start/output/server.txt"), "utf8"));
    } finally {
      child.kill();
    }
  });

  test("the lock file of the evaluation says what the call says", { timeout: 60_000 }, async () => {
    const command = join(examples, "../dist/cli/index.js");
    const cwd = join(examples, "recipes");
    await promisify(execFile)(process.execPath, [command, "lock", "--check", "topics.ts"], { cwd, timeout: 60_000 });
  });

  test("none is left out", () => {
    const files = globSync(["start/*.ts", "recipes/*.ts", "chaining/*.ts", "responses/*.ts"], { cwd: examples });
    // Modules of the others.
    const parts = ["start/books.ts", "start/books.test.ts", "start/server.ts", "recipes/topics.ts"];
    expect(files.sort()).toEqual([...Object.keys(programs).filter((path) => path !== "first.ts"), ...parts].sort());
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Asks until the server listens. */
async function asked(url: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((later) => setTimeout(later, 50));
    }
  }
}
