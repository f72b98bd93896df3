import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimePath } from "../../scripts/runtimes.ts";
import { chromiumPresent, startChromium } from "../support/browser.ts";
import { bundleFor } from "./bundle.ts";
import { elsewhere, everywhere, onServers } from "./expected.ts";
import { startRuntimeServer } from "./server.ts";

// One program on the built package, on every runtime that it is said to run on: calls, streams, structured answers, a tool
// loop, layers, errors, and every provider's SDK, against a server on this machine. `npm run build` comes first.

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
const limit = { timeout: 120_000 };

/** A test of what may not be installed: a skipped one that says so, and in CI a failed one. */
function testOn(name: string, present: boolean, how: string, work: () => Promise<void>): void {
  const sentence = `There is no ${name} on this machine: ${how}.`;
  test.skipIf(!present)(present ? name : sentence, limit, async () => {
    if (!present) expect.fail(sentence);
    await work();
  });
}

const byScript = "node scripts/runtimes.ts installs it";

describe("on a server", () => {
  const modules: readonly (readonly [name: RuntimeName, args: readonly string[]])[] = [
    ["node-22", ["test/runtimes/entry.mjs"]],
    ["node-22", ["test/runtimes/entry.cjs"]],
    ["node-24", ["test/runtimes/entry.mjs"]],
    ["node-24", ["test/runtimes/entry.cjs"]],
    ["bun", ["test/runtimes/entry.mjs"]],
    ["bun", ["test/runtimes/entry.cjs"]],
    ["deno", ["run", "--no-lock", "--allow-all", "test/runtimes/entry.mjs"]],
  ];

  test.each(["entry.mjs", "entry.cjs"])("Node's own version, %s", limit, (file) =>
    reports(process.execPath, [`test/runtimes/${file}`]),
  );

  for (const [name, args] of modules) {
    const path = runtimePath(name);
    testOn(`${name} (${args.at(-1)})`, path !== undefined, byScript, () => reports(path ?? "", args));
  }
});

/** Runs it as a process of its own, and holds what it prints against what every runtime must. */
async function reports(command: string, args: readonly string[]): Promise<void> {
  await using server = await startRuntimeServer();
  const { PATH = "", HOME = "" } = process.env;
  const { stdout } = await run(command, [...args, server.url], { cwd: root, env: { PATH, HOME, NO_COLOR: "1" } });
  expect(JSON.parse(stdout)).toEqual({ ...everywhere, abilities: onServers });
}

describe("in a bundle", () => {
  test("there is no module of Node's, nor anything that only Node has", limit, async () => {
    const code = await bundleFor("browser", "page.mjs");
    // In the comments of an SDK there are examples for Node.
    const imported = code
      .split("\n")
      .filter((line) => !/^\s*\*/.test(line) && /(?:from|import\(|require\()\s*"node:/.test(line));
    expect(imported).toEqual([]);
  });

  testOn("Chromium", chromiumPresent, "apt-get install chromium", async () => {
    await using server = await startRuntimeServer(await bundleFor("browser", "page.mjs"));
    await using browser = await startChromium();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(server.url);
    await page.waitForFunction("globalThis.run");
    expect(await page.evaluate("globalThis.run()")).toEqual({ ...everywhere, abilities: elsewhere });
    expect(complaints).toEqual([]);
  });

  const workerd = runtimePath("workerd");
  // Since 2025-09 a worker has a part of Node's modules, SQLite not among them; what stands for them before is nothing.
  const scoped = { scope: "works", file: onServers.file, rows: "works", traceFile: "works" };
  for (const [date, able] of [
    ["2024-09-01", elsewhere],
    ["2026-11-01", { ...elsewhere, ...scoped }],
  ] as const) {
    testOn(`workerd as of ${date}`, workerd !== undefined, byScript, async () => {
      await using server = await startRuntimeServer();
      const code = await bundleFor("workerd", "worker.mjs");
      await using worker = await startWorkerd(workerd ?? "", code, date);
      const answer = await fetch(`${worker.url}/?server=${encodeURIComponent(server.url)}`);
      expect(await answer.json()).toEqual({ ...everywhere, abilities: able });
    });
  }
});

/** A worker with its module, on a port that it chooses; what it asks for may be on this machine. */
async function startWorkerd(
  path: string,
  code: string,
  date: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = mkdtempSync(join(tmpdir(), "callscope-workerd-"));
  writeFileSync(join(folder, "worker.js"), code);
  writeFileSync(join(folder, "config.capnp"), configAsOf(date));
  const child = spawn(path, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const close = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    if (child.kill()) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: `http://127.0.0.1:${await portOf(child)}`, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

const configAsOf = (date: string) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "everywhere", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "${date}",
  globalOutbound = "everywhere",
);
`;

async function portOf(child: ChildProcess): Promise<number> {
  let text = "";
  for await (const piece of child.stdio[3] as Readable) {
    text += piece;
    const port = /"port":(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`workerd ended before it listened: ${text}`);
}
