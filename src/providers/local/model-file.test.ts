import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  content,
  file,
  hangAt,
  type ModelServer,
  sendBytes,
  startModelServer,
  trickle,
  untilSize,
} from "../../../test/support/model-server.ts";
import { ConfigError } from "../../errors/errors.ts";
import { cacheFolder } from "./model-cache.ts";
import type { ModelProgress } from "./model-file.ts";
import { webSource } from "./model-source.ts";

let server: ModelServer;
let folder: string;
let cached: string;
beforeEach(async () => {
  server = await startModelServer();
  folder = server.folder;
  cached = join(folder, file.fileName);
});
afterEach(() => server.stop());

async function failure(promise: Promise<unknown>): Promise<ConfigError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
}

describe("the cache", () => {
  it("keeps what was fetched", async () => {
    expect(await server.find()).toBe(cached);
    expect(await server.find({ sources: [], onProgress: () => expect.unreachable() })).toBe(cached);
    expect(await server.isWhole(cached)).toBe(true);
  });

  it("takes a file that was put there, by its checksum", async () => {
    await writeFile(cached, content);
    expect(await server.find({ sources: [] })).toBe(cached);
  });

  it("computes a checksum again when size or time have changed, and only then", async () => {
    const time = new Date("2025-02-07T07:02:00Z");
    await writeFile(cached, content);
    await utimes(cached, time, time);
    await server.find({ sources: [] });
    // Other bytes behind the same size and time show whether the file is read.
    await writeFile(cached, Buffer.alloc(file.bytes));
    await utimes(cached, time, time);
    expect(await server.find({ sources: [] })).toBe(cached);
    await utimes(cached, time, new Date());
    await failure(server.find({ sources: [] }));
  });

  it("replaces a file of another size or content", async () => {
    for (const wrong of [Buffer.from("GGUF"), Buffer.alloc(file.bytes)]) {
      await writeFile(cached, wrong);
      expect(await server.isWhole(await server.find())).toBe(true);
    }
    expect(server.ranges).toHaveLength(2);
  });

  it("is where the environment or the system says", () => {
    const home = { HOME: "/home/ada" };
    expect(cacheFolder({ ...home, CALLSCOPE_CACHE: "/data", XDG_CACHE_HOME: "/xdg" }, "linux")).toBe("/data");
    expect(cacheFolder({ ...home, XDG_CACHE_HOME: "/xdg" }, "linux")).toBe(join("/xdg", "callscope"));
    expect(cacheFolder({ ...home, XDG_CACHE_HOME: "xdg" }, "linux")).toBe(join("/home/ada", ".cache", "callscope"));
    expect(cacheFolder(home, "darwin")).toBe(join("/home/ada", "Library", "Caches", "callscope"));
    expect(cacheFolder({ LOCALAPPDATA: "/local" }, "win32")).toBe(join("/local", "callscope", "cache"));
    expect(cacheFolder({}, "linux")).toBe(join(homedir(), ".cache", "callscope"));
  });

  it("is made when missing, and found by its variable", async () => {
    const environment = { CALLSCOPE_CACHE: join(folder, "a", "b") };
    expect(await server.find({ cacheDirectory: undefined, environment })).toBe(join(folder, "a", "b", file.fileName));
  });

  it("that cannot be made is one sentence", async () => {
    await writeFile(join(folder, "file"), "");
    const cacheDirectory = join(folder, "file", "cache");
    const error = await failure(server.find({ cacheDirectory }));
    expect(error.message).toBe(
      `No model can be kept in "${cacheDirectory}": set CALLSCOPE_CACHE to a folder that can be written, or CALLSCOPE_MODEL to the path of a GGUF file.`,
    );
    expect(error.cause).toHaveProperty("code");
  });
});

describe("one's own model", () => {
  it("is taken as it is, by the option before the variable, as an absolute path", async () => {
    const [option, variable] = [join(folder, "a.bin"), join(folder, "b.gguf")];
    await writeFile(option, "GGUF and whatever");
    await writeFile(variable, "GGUF");
    const environment = { CALLSCOPE_MODEL: variable };
    expect(await server.find({ environment })).toBe(variable);
    const path = await server.find({ environment, path: relative(process.cwd(), option) });
    expect([path, isAbsolute(path)]).toEqual([option, true]);
    expect(server.ranges).toEqual([]);
  });

  it("that is none is one sentence that names the option or the variable", async () => {
    const missing = join(folder, "missing.gguf");
    expect((await failure(server.find({ environment: { CALLSCOPE_MODEL: missing } }))).message).toBe(
      `The variable CALLSCOPE_MODEL names "${missing}", which does not exist: give the path of a GGUF file.`,
    );
    expect((await failure(server.find({ path: missing }))).cause).toMatchObject({ code: "ENOENT" });
    expect((await failure(server.find({ path: folder }))).message).toBe(
      `The option \`path\` names "${folder}", which is not a file: give the path of a GGUF file.`,
    );
    for (const wrong of ["", "GGU", "PK\x03\x04 a zip"]) {
      await writeFile(join(folder, "wrong"), wrong);
      const error = await failure(server.find({ path: join(folder, "wrong") }));
      expect(error.message).toContain("which is not a GGUF model");
    }
    expect(server.ranges).toEqual([]);
  });
});

describe("the sources", () => {
  const source = (name: string) => webSource(name, () => server.url);

  it("are tried in order until one gives the right bytes", async () => {
    const wrong = Buffer.from(content).fill(0, 1000, 2000);
    server.answers.push(sendBytes(200, wrong), sendBytes(404, ""));
    const heard = new Set<string>();
    const sources = ["a liar", "an empty one", "a good one", "a spare one"].map(source);
    const path = await server.find({ sources, onProgress: (progress) => heard.add(progress.source) });
    expect(await server.isWhole(path)).toBe(true);
    expect([...heard]).toEqual(["a liar", "a good one"]);
    expect(server.ranges).toEqual([undefined, undefined, undefined]);
  });

  it("are left alone when the signal is aborted before", async () => {
    await expect(server.find({ signal: AbortSignal.abort("no") })).rejects.toBe("no");
    expect(server.ranges).toEqual([]);
  });

  it("when all fail, are named in one sentence, and its cause says why", async () => {
    server.answers.push(sendBytes(404, ""));
    const closed = webSource("a closed port", () => "http://127.0.0.1:1/");
    const error = await failure(server.find({ sources: [source("the server"), closed] }));
    expect(error.message).toBe(
      "The model Tiny is not here and could not be fetched: set CALLSCOPE_MODEL to the path of a GGUF file, or give this machine access to the server or a closed port.",
    );
    const cause = error.cause as AggregateError;
    expect(cause).toBeInstanceOf(AggregateError);
    expect(cause.errors).toEqual([expect.any(Error), expect.any(Error)]);
    expect(cause.errors[0].message).toBe("the server: answered with HTTP status 404");
    expect(cause.errors[1].message).toMatch(/^a closed port: fetch failed \(.+\)$/);
    expect(cause.errors[1].cause).toBeInstanceOf(TypeError);
    expect(await readdir(folder)).toEqual([]);
  });

  it("may be none: then only the cache and one's own model count", async () => {
    const { message } = await failure(server.find({ sources: [] }));
    expect(message).toMatch(/: set CALLSCOPE_MODEL to the path of a GGUF file\.$/);
  });
});

describe("several processes", () => {
  const script = `
    import { findModelFile } from ${JSON.stringify(new URL("./model-file.ts", import.meta.url).href)};
    import { webSource } from ${JSON.stringify(new URL("./model-source.ts", import.meta.url).href)};
    const [url, cacheDirectory, file] = process.argv.slice(2);
    const sources = [webSource("the server", () => url)];
    const heard = new Set();
    const onProgress = ({ source }) => heard.add(source);
    const path = await findModelFile({ file: JSON.parse(file), sources, cacheDirectory, environment: {}, onProgress });
    console.log(JSON.stringify({ path, heard: [...heard] }));`;

  async function start(cache: string) {
    const path = join(folder, "find.mjs");
    await writeFile(path, script);
    const args = [path, server.url, cache, JSON.stringify(file)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    return { child, output: text(child.stdout), ended: once(child, "exit") };
  }

  it("that ask at once fetch once", async () => {
    server.answers.push(trickle(1500));
    const cache = join(folder, "cache");
    const children = await Promise.all([start(cache), start(cache), start(cache)]);
    const results = await Promise.all(children.map(async ({ output }) => JSON.parse(await output)));
    for (const { path } of results) expect(path).toBe(join(cache, file.fileName));
    const heard: string[] = results.flatMap((result) => result.heard);
    expect(heard.filter((source) => source === "the server")).toHaveLength(1);
    expect(new Set(heard)).toEqual(new Set(["the server", "another process"]));
    expect(server.ranges).toEqual([undefined]);
    expect((await readdir(cache)).sort()).toEqual([file.fileName, `${file.fileName}.verified`]);
  });

  it("stop waiting for another when aborted, with the reason", async () => {
    const reason = new Error("enough");
    const lock = { pid: process.pid, host: hostname(), time: Date.now() };
    await writeFile(`${cached}.lock`, JSON.stringify(lock));
    const stop = new AbortController();
    const onProgress = (progress: ModelProgress) => {
      expect(progress).toEqual({ received: 0, total: file.bytes, source: "another process" });
      stop.abort(reason);
    };
    await expect(server.find({ signal: stop.signal, onProgress })).rejects.toBe(reason);
    expect(server.ranges).toEqual([]);
  });

  it("go on at once where one of them was killed", async () => {
    server.answers.push(hangAt(100_000));
    const cache = join(folder, "cache");
    const { child, ended } = await start(cache);
    await untilSize(join(cache, `${file.fileName}.part`), 100_000);
    child.kill("SIGKILL");
    await ended;
    expect((await stat(join(cache, `${file.fileName}.lock`))).isFile()).toBe(true);
    const path = await server.find({ cacheDirectory: cache, signal: AbortSignal.timeout(5000) });
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(server.ranges).toEqual([undefined, "bytes=100000-"]);
    expect((await readdir(cache)).sort()).toEqual([file.fileName, `${file.fileName}.verified`]);
  });
});
