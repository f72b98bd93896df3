import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { JournalError } from "../../src/rows/index.ts";
import { map } from "../../src/rows/map.ts";
import { shout, textOf } from "./row-call.ts";
import { query, type RowServer, startRows, temporaryFolder } from "./row-server.ts";
import { startWorker, wait } from "./row-worker.ts";

// What may happen to a run over rows, each at a time of its own, and what came of it.

/** What a fault did to a run that was then finished. */
export interface Outcome {
  /** Rows without an answer at the end. */
  readonly lost: number;
  /** Requests for rows whose answer was in the journal already. */
  readonly again: number;
  /** Requests beyond those in the books, and the most there may be. */
  readonly extra: number;
  readonly bound: number;
  /** True where requests and tokens in the journal are those that the server has answered for the rows in it. */
  readonly booked: boolean;
}

/** A number from 0 to 1, never 1. */
export type Random = () => number;

/** A fault, by its name in the docs. */
export type Fault = (random: Random) => Promise<Outcome>;

const concurrency = 8;
// What the server says of each answer.
const perRow = { requests: 1, input: 10, output: 5 };

/** A server that knows which rows are in the journal. */
interface Watched extends RowServer {
  readonly kept: Set<string>;
  readonly again: number;
  /** Notes what is in the journal. */
  look(journal: string): void;
}

async function startWatched(pause: () => Promise<void>): Promise<Watched> {
  const kept = new Set<string>();
  let again = 0;
  const server = await startRows((text) => {
    if (kept.has(text)) again++;
    return pause();
  });
  return {
    ...server,
    kept,
    look(journal) {
      for (const { key } of query(journal, "SELECT key FROM results") as { key: string }[]) kept.add(key);
    },
    get again() {
      return again;
    },
    get most() {
      return server.most;
    },
    get connections() {
      return server.connections;
    },
  };
}

function outcomeOf(server: Watched, journal: string, rows: number, bound: number): Outcome {
  const sql = `SELECT count(*) AS done, sum(requests) AS requests, sum(input_tokens) AS input, sum(output_tokens) AS output
    FROM results WHERE status = 'done'`;
  const [books] = query(journal, sql) as { done: number; requests: number; input: number; output: number }[];
  const { done = 0, requests = 0, input = 0, output = 0 } = books ?? {};
  return {
    lost: rows - done,
    again: server.again,
    extra: server.requests.length - requests,
    bound,
    booked: requests === done * perRow.requests && input === done * perRow.input && output === done * perRow.output,
  };
}

/** The worker is killed at a random time, and another one finishes. */
export const kill: Fault = async (random) => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  await using server = await startWatched(() => wait(random() * 20));
  const work = { journal, rows: 150, concurrency };
  using first = startWorker(server, work);
  while (server.requests.length === 0) await wait(1);
  await wait(random() * 150);
  first.process.kill("SIGKILL");
  const isOver = (await first.said) !== undefined;
  server.look(journal);
  using second = startWorker(server, work);
  await second.said;
  return outcomeOf(server, journal, work.rows, isOver ? 0 : concurrency);
};

/** A second worker comes while the first one lives and is refused; the first one is killed, and a third one takes over. */
export const twoWorkers: Fault = async (random) => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  // Nobody is finished before the second one has come.
  let come = false;
  await using server = await startWatched(() => wait(come ? random() * 20 : 40));
  const work = { journal, rows: 400, concurrency };
  using first = startWorker(server, work);
  while (server.requests.length === 0) await wait(1);
  using second = startWorker(server, { ...work, rows: 100_000 });
  const refused = await second.said;
  if (refused?.fault !== "busy") throw new Error(`The second worker was not refused: ${JSON.stringify(refused)}`);
  come = true;
  await wait(random() * 100);
  first.process.kill("SIGKILL");
  const isOver = (await first.said) !== undefined;
  server.look(journal);
  using third = startWorker(server, work);
  await third.said;
  return outcomeOf(server, journal, work.rows, isOver ? 0 : concurrency);
};

/** The clock goes an hour forward and back while a run works, and others with clocks of their own want it. */
export const clock: Fault = async (random) => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  await using server = await startWatched(() => wait(random() * 20));
  const rows = Array.from({ length: 400 }, (_, index) => `row ${index}`);
  const hour = 3_600_000;
  const { now } = Date;
  let jump = 0;
  Date.now = () => now() + jump;
  const jumps = setInterval(() => {
    jump = Math.round(random() * 2 - 1) * hour;
  }, 30);
  try {
    const kept = { journal, args: textOf, key: (row: string) => row, concurrency };
    const run = map(shout(server.client), rows, { ...kept, lease: { duration: 1500 } }).then((totals) => totals);
    while (server.requests.length === 0) await wait(1);
    const other = { duration: 1500, now: () => now() + (random() < 0.5 ? hour : -hour) };
    const refused = await map(shout(server.client), ["x"], { ...kept, lease: other }).then(
      () => undefined,
      (error: unknown) => error,
    );
    // The first one may be over before the second one has seen that it lives.
    const isBusy = refused instanceof JournalError && refused.fault === "busy";
    if (!isBusy && refused !== undefined) throw refused;
    const { done } = await run;
    if (done !== rows.length) throw new Error(`${done} rows`);
    return outcomeOf(server, journal, rows.length + (isBusy ? 0 : 1), 0);
  } finally {
    clearInterval(jumps);
    Date.now = now;
  }
};

/** Why a small disk cannot be made here; `undefined` where it can. */
export function noDisk(): string | undefined {
  using folder = temporaryFolder();
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path(".")]);
  if (status === 0) spawnSync("umount", [folder.path(".")]);
  return status === 0 ? undefined : "A small disk of its own is mounted only where that is allowed: by root on Linux.";
}

/** A disk of its own, so many kilobytes. */
function smallDisk(folder: string, kilobytes: number): Disposable & { grow(kilobytes: number): void } {
  const mount = (size: number, how: string) => {
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `${how}size=${size}k`, "tmpfs", folder]);
    if (status !== 0) throw new Error(String(stderr));
  };
  mount(kilobytes, "");
  return { grow: (size) => mount(size, "remount,"), [Symbol.dispose]: () => void spawnSync("umount", [folder]) };
}

/** The disk is full in the middle of a run, which ends; with more room, another one finishes. */
export const disk: Fault = async (random) => {
  using folder = temporaryFolder();
  const place = folder.path("disk");
  mkdirSync(place);
  using full = smallDisk(place, 500 + Math.floor(random() * 500));
  const journal = `${place}/a.db`;
  await using server = await startWatched(() => wait(random() * 5));
  const rows = Array.from({ length: 500 }, (_, index) => `row ${index}`);
  const kept = { journal, args: textOf, key: (row: string) => row, concurrency };
  const told = new Set<string>();
  const run = map(shout(server.client), rows, kept);
  let error: unknown;
  try {
    for await (const row of run) told.add(row.key);
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof JournalError) || error.fault !== "full") throw error ?? new Error("The disk was not full.");
  if (error.unsaved.length === 0) throw new Error("The rows that could not be kept are not told.");
  full.grow(20_000);
  server.look(journal);
  // All that was told is kept.
  if ([...told].some((key) => !server.kept.has(key))) throw new Error("What was told is not kept.");
  const { done } = await map(shout(server.client), rows, kept);
  if (done !== rows.length) throw new Error(`${done} rows`);
  return outcomeOf(server, journal, rows.length, error.unsaved.length <= concurrency ? concurrency : 0);
};

/** All of them, as the docs name them. */
export const faults: Readonly<Record<string, Fault>> = {
  "kill -9 of the worker": kill,
  "disk full": disk,
  "the clock jumps": clock,
  "two workers": twoWorkers,
};
