import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { exportTo } from "./export.ts";
import { JournalError } from "./journal-error.ts";
import { JournalFile } from "./journal-file.ts";
import type { StoredFailure } from "./types.ts";

/** A run as the journal has it. */
export interface JournalRunInfo {
  readonly name: string;
  readonly done: number;
  readonly failed: number;
  /** US dollars of all its requests; `undefined` where one of them has no certain price. */
  readonly cost: number | undefined;
  /** Epoch milliseconds. */
  readonly created: number;
}

/** Which rows of a journal are meant. */
export interface RowChoice {
  /** Of which run; of all of them by default. */
  readonly name?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  /** Only rows that ended before. */
  readonly before?: Date | undefined;
  readonly status?: "done" | "failed" | undefined;
}

/** A journal's file, to be looked at and tidied up. */
export interface Journal extends Disposable {
  /** Its runs, the oldest first. */
  runs(): JournalRunInfo[];
  /** The rows that failed: the dead letters. */
  failures(choice?: Omit<RowChoice, "status">): IterableIterator<StoredFailure & { readonly run: string }>;
  /** Deletes rows, with all that is kept of them, and gives how many. A later run asks them again. */
  delete(choice: RowChoice): number;
  /** Writes rows to a file, by its ending JSON lines (`.jsonl`) or CSV (`.csv`), and gives how many. */
  export(path: string, choice?: RowChoice): number;
  close(): void;
}

const keys = ["name", "keys", "before", "status"] as const;

/** Opens a journal that is there. Throws `JournalError` for one that is not, or is none. */
export function openJournal(path: string): Journal {
  if (typeof path !== "string" || path === "") {
    throw new ConfigError(`openJournal() takes the path of a journal; it was given ${describe(path)}.`);
  }
  const file = new JournalFile(path, { create: false });
  return {
    runs: () => file.guard(() => runsOf(file)),
    failures: (choice = {}) => failuresOf(file, choice),
    delete(choice) {
      if (keys.every((key) => choice?.[key] === undefined)) {
        throw new ConfigError("delete() is told which rows: by `name`, `keys`, `before` or `status`.");
      }
      const [where, values] = whereOf(choice);
      return file.transaction(() => {
        refuseHeld(file, choice.name);
        const sql = `DELETE FROM rows WHERE id IN (SELECT rows.id FROM rows JOIN runs ON runs.id = rows.run ${where})`;
        return Number(file.statement(sql).run(...values).changes);
      });
    },
    export(to, choice = {}) {
      const [where, values] = whereOf(choice);
      return exportTo(to, file, where, values);
    },
    close: () => file.close(),
    [Symbol.dispose]: () => file.close(),
  };
}

function runsOf(file: JournalFile): JournalRunInfo[] {
  const sql = `SELECT runs.name, runs.created, count(rows.id) FILTER (WHERE rows.status = 'done') AS done,
    count(rows.id) FILTER (WHERE rows.status = 'failed') AS failed, total(rows.cost) AS cost,
    count(rows.id) - count(rows.cost) AS uncertain
    FROM runs LEFT JOIN rows ON rows.run = runs.id GROUP BY runs.id ORDER BY runs.id`;
  const found = file.statement(sql).all() as unknown as (JournalRunInfo & { uncertain: number })[];
  return found.map(({ name, created, done, failed, cost, uncertain }) => {
    return { name, done, failed, cost: uncertain > 0 ? undefined : cost, created };
  });
}

function* failuresOf(file: JournalFile, choice: RowChoice): Generator<StoredFailure & { readonly run: string }> {
  const [where, values] = whereOf({ ...choice, status: "failed" });
  const sql = `SELECT runs.name AS run, rows.error FROM rows JOIN runs ON runs.id = rows.run ${where} ORDER BY rows.id`;
  const found = file.guard(() => file.statement(sql).all(...values)) as unknown as { run: string; error: string }[];
  for (const { run, error } of found) yield { run, ...(JSON.parse(error) as StoredFailure) };
}

/** The rows that are meant, as SQL. */
function whereOf(choice: RowChoice): [where: string, values: (string | number)[]] {
  const unknown = Object.keys(choice).find((key) => !(keys as readonly string[]).includes(key));
  if (unknown !== undefined) throw new ConfigError(`Rows are not chosen by \`${unknown}\`: by ${keys.join(", ")}.`);
  const parts: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parts.push(sql);
    values.push(value);
  };
  add("runs.name = ?", choice.name);
  add("rows.key IN (SELECT value FROM json_each(?))", choice.keys && JSON.stringify(choice.keys));
  add("rows.ended < ?", choice.before?.getTime());
  add("rows.status = ?", choice.status);
  return [parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values];
}

// What a worker has passed over must not be gone behind its back.
function refuseHeld(file: JournalFile, name: string | undefined): void {
  const sql = "SELECT name, pid, host FROM runs WHERE lease_until > ? AND (? IS NULL OR name = ?)";
  const held = file.statement(sql).get(Date.now(), name ?? null, name ?? null);
  if (held === undefined) return;
  const what = `process ${held.pid} on ${held.host} works on its run "${held.name}"`;
  throw new JournalError("busy", file.path, `Nothing is deleted from the journal ${file.path}: ${what}.`);
}
