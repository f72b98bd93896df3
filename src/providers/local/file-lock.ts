import { randomUUID } from "node:crypto";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds without a sign of life after which even a lock whose process cannot be asked about is taken over. */
const staleAfter = 10 * 60_000;
const heartbeatEvery = 30_000;
const pollEvery = 100;

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Epoch milliseconds of the taking. */
  readonly time: number;
}

/** How to wait for a lock: `onWait` is called at every look (ten a second) at which somebody else still holds it. */
export interface LockOptions {
  signal?: AbortSignal | undefined;
  onWait?: (() => void | Promise<void>) | undefined;
}

/**
 * Runs `work` while this process, and this call alone, holds the lock file at `path`, whose folder must exist. A lock
 * left by a process that died is taken over at once, one that gave no sign of life for ten minutes in any case.
 *
 * A holder that slept through its ten minutes may wake up beside its successor. So what the lock guards must be safe by
 * itself (here by the checksum and the atomic rename); what it spares is the second download.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { signal, onWait } = options;
  const content = JSON.stringify({ pid: process.pid, host: hostname(), time: Date.now(), id: randomUUID() });
  while (!(await take(path, content))) {
    if (await removeStale(path)) continue;
    await onWait?.();
    await sleep(pollEvery, undefined, { signal });
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeatEvery).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    // Whoever took the lock over from us (this machine slept, say) keeps it.
    if ((await readLock(path))?.text === content) await rm(path, { force: true });
  }
}

async function take(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** True when it is worth trying to take the lock again at once. */
async function removeStale(path: string): Promise<boolean> {
  const lock = await readLock(path);
  if (lock === undefined) return true;
  if (!lock.stale) return false;
  // Of several that saw the same stale lock only one at a time may remove it, and only as long as it is that one:
  // otherwise a late one would remove the fresh lock of a quicker one.
  const guard = `${path}.takeover`;
  if (!(await take(guard, ""))) {
    if ((await readLock(guard))?.stale) await rm(guard, { force: true });
    return false;
  }
  try {
    if ((await readLock(path))?.text === lock.text) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
  return true;
}

async function readLock(path: string): Promise<{ text: string; stale: boolean } | undefined> {
  try {
    const text = await readFile(path, "utf8");
    return { text, stale: isStale(text, (await stat(path)).mtimeMs) };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isStale(content: string, modified: number): boolean {
  const silence = Date.now() - modified;
  const holder = parseHolder(content);
  // No holder inside: its process died, or the disk was full, between creating the file and writing to it.
  if (holder === undefined) return silence > 10_000;
  if (silence > staleAfter) return true;
  if (holder.host !== hostname()) return false;
  // In a container that was restarted the dead process often had this one's own number.
  if (holder.pid === process.pid) return holder.time < Date.now() - process.uptime() * 1000 - 1000;
  return !isAlive(holder.pid);
}

function parseHolder(content: string): Holder | undefined {
  try {
    const { pid, host, time }: Partial<Holder> = JSON.parse(content);
    const valid = Number.isSafeInteger(pid) && pid! > 0 && typeof host === "string" && typeof time === "number";
    return valid ? { pid: pid!, host, time } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
