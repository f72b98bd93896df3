import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "./file-lock.ts";

let living: ChildProcess;
beforeAll(() => {
  living = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
});
afterAll(() => living.kill());

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "callscope-lock-"));
  path = join(folder, "model.lock");
});
afterEach(() => rm(folder, { recursive: true }));

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid!;
}

function leaveLock(holder: { pid?: number | undefined; host?: string; time?: number }): Promise<void> {
  return writeFile(path, JSON.stringify({ pid: process.pid, host: hostname(), time: Date.now(), ...holder }));
}

/** Whether a lock left as it is now is waited for. */
async function isHeld(): Promise<boolean> {
  const stop = new AbortController();
  const options = { signal: stop.signal, onWait: () => stop.abort() };
  return withLock(path, async () => false, options).catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
    return true;
  });
}

describe("withLock", () => {
  it("runs one at a time, gives what the work gives and leaves nothing", async () => {
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await sleep(20);
      log.push(`${name} ends`);
      return name;
    };
    const names = await Promise.all(["a", "b", "c"].map((name) => withLock(path, work(name))));
    expect(names).toEqual(["a", "b", "c"]);
    for (let at = 0; at < log.length; at += 2) expect(log[at + 1]).toBe(log[at]!.replace("begins", "ends"));
    expect(log).toHaveLength(6);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is free again after the work failed", async () => {
    const failing = withLock(path, () => Promise.reject(new Error("no network")));
    await expect(failing).rejects.toThrow("no network");
    expect(await isHeld()).toBe(false);
  });

  it("waits for a living process, and is woken by the signal", async () => {
    await leaveLock({ pid: living.pid });
    expect(await isHeld()).toBe(true);
    expect(JSON.parse(await readFile(path, "utf8")).pid).toBe(living.pid);
  });

  it("takes over the lock of a dead process at once", async () => {
    await leaveLock({ pid: await deadPid() });
    expect(await isHeld()).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it("takes over a lock without a sign of life for ten minutes, whoever holds it", async () => {
    await leaveLock({ pid: living.pid });
    const nineMinutesAgo = new Date(Date.now() - 9 * 60_000);
    await utimes(path, nineMinutesAgo, nineMinutesAgo);
    expect(await isHeld()).toBe(true);
    const elevenMinutesAgo = new Date(Date.now() - 11 * 60_000);
    await utimes(path, elevenMinutesAgo, elevenMinutesAgo);
    expect(await isHeld()).toBe(false);
  });

  it("does not judge a process of another machine by its number", async () => {
    await leaveLock({ pid: await deadPid(), host: "another.machine" });
    expect(await isHeld()).toBe(true);
  });

  it("knows a lock of its own number from before a restart", async () => {
    await leaveLock({ time: Date.now() - process.uptime() * 1000 - 60_000 });
    expect(await isHeld()).toBe(false);
    await leaveLock({});
    expect(await isHeld()).toBe(true);
  });

  it.each(["", "{", "null", '{"pid":0,"host":"x","time":1}'])(
    "takes over the unreadable lock %j only after 10 seconds",
    async (content) => {
      await writeFile(path, content);
      expect(await isHeld()).toBe(true);
      const before = new Date(Date.now() - 11_000);
      await utimes(path, before, before);
      expect(await isHeld()).toBe(false);
    },
  );

  it("lets one of many take over a stale lock at a time", async () => {
    await leaveLock({ pid: await deadPid() });
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(path, work)));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("gets over a takeover that was itself cut off, after 10 seconds", async () => {
    await leaveLock({ pid: await deadPid() });
    await writeFile(`${path}.takeover`, "");
    expect(await isHeld()).toBe(true);
    const before = new Date(Date.now() - 11_000);
    await utimes(`${path}.takeover`, before, before);
    expect(await withLock(path, async () => "free")).toBe("free");
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves a lock that was taken over from it to the new holder", async () => {
    await withLock(path, () => leaveLock({ pid: living.pid }));
    expect(JSON.parse(await readFile(path, "utf8")).pid).toBe(living.pid);
  });

  it("passes on what the file system says, without trying for ever", async () => {
    await expect(withLock(join(folder, "none", "lock"), async () => 1)).rejects.toMatchObject({ code: "ENOENT" });
    await mkdir(path);
    await expect(withLock(path, async () => 1)).rejects.toMatchObject({ code: "EISDIR" });
  });
});
