import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { RowServer } from "./row-server.ts";

const program = join(import.meta.dirname, "row-child.ts");

/** A worker in a process of its own. */
export interface RowWorker extends Disposable {
  readonly process: ChildProcess;
  /** The last line it printed, parsed; `undefined` where it was killed before. */
  readonly said: Promise<Record<string, unknown> | undefined>;
}

/** What a worker is to do. */
export interface Work {
  readonly journal: string;
  readonly rows: number;
  readonly concurrency: number;
}

/** Starts it. End it by its own process, or wait for `said`. */
export function startWorker(
  server: RowServer,
  { journal, rows, concurrency }: Work,
  more: SpawnOptions = {},
): RowWorker {
  const child = spawn(process.execPath, [program, server.url, journal, String(rows), String(concurrency)], {
    stdio: ["ignore", "pipe", "inherit"],
    ...more,
  });
  const printed = child.stdout === null ? Promise.resolve("") : text(child.stdout);
  const said = Promise.all([printed, once(child, "exit")]).then(([output]) => {
    const line = output.trim().split("\n").at(-1) ?? "";
    return line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : undefined;
  });
  // One that was stopped hears of nothing else.
  return { process: child, said, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

/** What came of a run whose workers were killed again and again. */
export interface Killed {
  readonly kills: number;
  /** Requests beyond one a row. */
  readonly extra: number;
  readonly totals: Record<string, unknown>;
}

/** Kills the workers of one run at random times, so often, then lets the last one finish. `dead` is told of each end. */
export async function killAgainAndAgain(
  server: RowServer,
  work: Work,
  times: number,
  random: () => number,
  dead: () => void = () => {},
): Promise<Killed> {
  let kills = 0;
  for (;;) {
    const asked = server.requests.length;
    using worker = startWorker(server, work);
    if (kills < times) {
      // At some time after its first requests: while rows are asked, answered and written.
      while (server.requests.length === asked && worker.process.exitCode === null) await wait(1);
      await wait(random() * 120);
      if (worker.process.exitCode === null && worker.process.signalCode === null) {
        worker.process.kill("SIGKILL");
        kills++;
      }
    }
    const totals = await worker.said;
    dead();
    if (totals !== undefined) return { kills, extra: server.requests.length - work.rows, totals };
  }
}

/** Milliseconds. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
