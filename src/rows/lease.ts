import { builtin } from "./builtin.ts";
import { JournalError } from "./journal-error.ts";
import type { JournalFile } from "./journal-file.ts";
import type { LeaseOptions } from "./types.ts";

// Who works on a run. The lease is the row of the run: an owner, and a beat that counts while the owner lives. Whether it
// lives is told by its process where that can be seen, else by the beat: clocks jump, and differ between machines.

const defaultDuration = 15_000;

// Owners of this process that could not be crossed out, the disk being full: nobody works by them any more.
const givenUp = new Set<string>();

/** Notes that a lease is over which could not be given back in the file. */
export function giveUp({ owner }: Lease): void {
  givenUp.add(owner);
}

interface Holder {
  readonly owner: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly lease_until: number | null;
  readonly beat: number;
}

/** One worker's hold of one run. */
export interface Lease {
  readonly owner: string;
  /** Milliseconds between two beats. */
  readonly beatEvery: number;
  /** When it ends unless it is renewed, by this worker's clock. */
  until(): number;
}

/** Takes the run, at once where nobody holds it or its holder is dead. `waits` is told when that has to be found out. */
export async function takeLease(
  file: JournalFile,
  run: number,
  options: LeaseOptions,
  waits: (sentence: string) => void,
): Promise<Lease> {
  const { duration = defaultDuration, now = Date.now, host = builtin("node:os").hostname() } = options;
  const lease: Lease = {
    owner: crypto.randomUUID(),
    beatEvery: duration / 3,
    until: () => now() + duration,
  };
  const take = (from: string | null) =>
    file.takeOver(run, from, { ...lease, host, pid: process.pid, at: lease.until() });
  const held = file.holder(run) as Holder;
  if (held.owner === null || (held.host === host && (!isAlive(held.pid) || givenUp.has(held.owner)))) {
    if (take(held.owner)) return lease;
    throw busy(file.path, file.holder(run) as Holder);
  }
  // Its process lives and its time is not over: no need to wait.
  if (held.host === host && (held.lease_until ?? 0) > now()) throw busy(file.path, held);
  waits(`The journal is held by ${nameOf(held)}: waiting ${Math.ceil(duration / 1000)} s to see whether it lives.`);
  for (let waited = 0; waited < duration; waited += duration / 15) {
    await new Promise((resolve) => setTimeout(resolve, duration / 15));
    const seen = file.holder(run) as Holder;
    if (seen.owner === null) break;
    if (seen.owner !== held.owner || seen.beat !== held.beat) throw busy(file.path, seen);
  }
  const last = file.holder(run) as Holder;
  if (take(last.owner)) return lease;
  throw busy(file.path, file.holder(run) as Holder);
}

function busy(path: string, holder: Holder): JournalError {
  const what = `The journal ${path} is in use: ${nameOf(holder)} works on this run.`;
  return new JournalError("busy", path, `${what} Wait for it, end it, or give this run a \`name\` of its own.`);
}

function nameOf({ pid, host }: Holder): string {
  return `process ${pid} on ${host}`;
}

/** False for a process of this machine that does not exist. */
function isAlive(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code !== "ESRCH";
  }
}
