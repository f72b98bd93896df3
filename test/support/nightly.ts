import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";

// The night's job of the examples, run by itself, killed and started again.
const program = resolve(import.meta.dirname, "../../examples/rows/job.ts");

/** What one night is. */
export interface Night {
  readonly folder: string;
  readonly rows: number;
  /** The budget, over all its processes. */
  readonly tokens: number;
  readonly environment: NodeJS.ProcessEnv;
}

/** What a job prints at its end. */
export interface JobTotals {
  readonly done: number;
  readonly failed: number;
  readonly resumed: number;
  readonly stopped: string;
  readonly asked: number;
}

/** How one process of it ended: with its totals, or killed after so many rows. */
export interface JobEnd {
  /** The rows it said were kept, in that order. */
  readonly kept: readonly string[];
  readonly totals: JobTotals | undefined;
}

/** Runs the job; with `killAfter` it is killed when it has said so many rows. */
export async function runJob(night: Night, killAfter = Number.POSITIVE_INFINITY): Promise<JobEnd> {
  const child: ChildProcess = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" },
      ...night.environment,
      ...{ JOB_FOLDER: night.folder, JOB_ROWS: String(night.rows), JOB_TOKENS: String(night.tokens) },
    },
  });
  const ended = once(child, "close");
  const kept: string[] = [];
  let totals: JobTotals | undefined;
  // What it printed before it was killed is read to the end: all of that was kept.
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line.startsWith("{")) totals = JSON.parse(line) as JobTotals;
    else if (/^r\d+ done$/.test(line)) kept.push(line.slice(0, line.indexOf(" ")));
    else throw new Error(`The job printed ${line}`);
    if (kept.length === killAfter) child.kill("SIGKILL");
  }
  await ended;
  return { kept, totals };
}

/** What the night's books say was taken out, requests that were cut off included. */
export function booksOf({ folder }: Night): { readonly tokens: number; readonly requests: number } {
  const db = new DatabaseSync(join(folder, "books.db"), { readOnly: true });
  try {
    return db.prepare("SELECT tokens, requests FROM books").get() as { tokens: number; requests: number };
  } finally {
    db.close();
  }
}
