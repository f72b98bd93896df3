import { ConfigError } from "../errors/errors.ts";
import { JournalFile } from "./journal-file.ts";
import type { JournalRun } from "./journal-run.ts";

// What is known of batches beside the rows of a journal: one that is handed in, and the requests in it. A batch is written
// down before it is handed in and gets its id after that; in between nobody knows what became of it.
const schema = `
CREATE TABLE IF NOT EXISTS batches (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL UNIQUE,
  service TEXT, since INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS batch_items (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL, batch INTEGER REFERENCES batches (id),
  request TEXT NOT NULL, ordinal INTEGER NOT NULL, args TEXT, tag TEXT, replaces INTEGER,
  prepared TEXT NOT NULL, attempts TEXT NOT NULL, asked INTEGER NOT NULL, UNIQUE (run, key)
);
CREATE INDEX IF NOT EXISTS batch_items_by_batch ON batch_items (batch, request);
`;

/** A batch that has not been read to its end. */
export interface OpenBatch {
  readonly id: number;
  /** Which call of the run it was made for. */
  readonly version: number;
  readonly name: string;
  /** Its id at the service; `null` where it is not known whether it arrived. */
  readonly service: string | null;
  /** Epoch milliseconds, just before it was handed in. */
  readonly since: number;
}

/** A row that is in a batch, or waits for the next one. */
export interface Item {
  readonly key: string;
  /** What the request is called in the batch. */
  readonly request: string;
  readonly ordinal: number;
  /** The arguments, as JSON. */
  readonly args: string | null;
  readonly tag: string | null;
  readonly replaces: number | null;
  /** The prepared call, as JSON. */
  readonly prepared: string;
  /** What was tried before, as JSON. */
  readonly attempts: string;
  /** How often it was asked again. */
  readonly asked: number;
}

const columns = "key, request, ordinal, args, tag, replaces, prepared, attempts, asked";

/** The batches of one run: in its journal, or in memory where there is none. */
export class BatchStore {
  readonly #file: JournalFile;
  readonly #run: number;
  readonly #version: number;
  readonly #isOwn: boolean;

  constructor(journal: JournalRun | undefined) {
    const place = journal?.place ?? { file: new JournalFile(":memory:"), run: 0, version: 1 };
    this.#file = place.file;
    this.#run = place.run;
    this.#version = place.version;
    this.#isOwn = journal === undefined;
    this.#file.define(schema);
    // What waited for the next batch of another call waits for nothing any more.
    this.#write("DELETE FROM batch_items WHERE run = ? AND batch IS NULL AND version <> ?", this.#run, this.#version);
  }

  open(): readonly OpenBatch[] {
    const sql = "SELECT id, version, name, service, since FROM batches WHERE run = ? ORDER BY id";
    return this.#all(sql, this.#run) as OpenBatch[];
  }

  isCurrent({ version }: OpenBatch): boolean {
    return version === this.#version;
  }

  keys(): readonly string[] {
    const rows = this.#all("SELECT key FROM batch_items WHERE run = ?", this.#run) as { key: string }[];
    return rows.map(({ key }) => key);
  }

  /** What the requests of a batch are called, in their order. */
  requests(batch: OpenBatch): readonly string[] {
    const rows = this.#all("SELECT request FROM batch_items WHERE batch = ? ORDER BY id", batch.id);
    return (rows as { request: string }[]).map(({ request }) => request);
  }

  item(batch: OpenBatch, request: string): Item | undefined {
    return this.#all(`SELECT ${columns} FROM batch_items WHERE batch = ? AND request = ?`, batch.id, request)[0] as
      | Item
      | undefined;
  }

  /** The rows of a batch; without one those that wait for the next. */
  *items(batch: OpenBatch | undefined): Generator<Item> {
    const sql = `SELECT id, ${columns} FROM batch_items WHERE run = ? AND batch IS ? AND id > ? ORDER BY id LIMIT 256`;
    for (let last = -1; ; ) {
      const page = this.#all(sql, this.#run, batch?.id ?? null, last) as (Item & { id: number })[];
      yield* page;
      const { id } = page.at(-1) ?? {};
      if (id === undefined) return;
      last = id;
    }
  }

  /** Writes down that these rows are about to be handed in. */
  intend(name: string, items: readonly Item[], since: number): OpenBatch {
    return this.#file.transaction(() => {
      const sql = "INSERT INTO batches (run, version, name, since) VALUES (?, ?, ?, ?)";
      const { lastInsertRowid } = this.#file.statement(sql).run(this.#run, this.#version, name, since);
      const id = Number(lastInsertRowid);
      for (const item of items) this.#put(item, id);
      return { id, version: this.#version, name, service: null, since };
    });
  }

  /** A row that waits for the next batch. */
  wait(item: Item): void {
    this.#file.transaction(() => this.#put(item, null));
  }

  #put({ key, request, ordinal, args, tag, replaces, prepared, attempts, asked }: Item, batch: number | null): void {
    const sql = `INSERT OR REPLACE INTO batch_items (run, version, batch, ${columns})
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    const facts = [key, request, ordinal, args, tag, replaces, prepared, attempts, asked] as const;
    this.#file.statement(sql).run(this.#run, this.#version, batch, ...facts);
  }

  submitted(batch: OpenBatch, service: string): OpenBatch {
    this.#write("UPDATE batches SET service = ? WHERE id = ?", service, batch.id);
    return { ...batch, service };
  }

  /** It is about to be handed in once more. */
  renew(batch: OpenBatch, since: number): OpenBatch {
    this.#write("UPDATE batches SET since = ? WHERE id = ?", since, batch.id);
    return { ...batch, since };
  }

  remove(keys: readonly string[]): void {
    this.#file.transaction(() => {
      for (const key of keys) {
        this.#file.statement("DELETE FROM batch_items WHERE run = ? AND key = ?").run(this.#run, key);
      }
    });
  }

  /** The batch is over, or never was: rows that were asked before wait for the next one, the others are open again. */
  drop(batch: OpenBatch, kept: boolean): void {
    this.#file.transaction(() => {
      const again = kept ? "UPDATE batch_items SET batch = NULL WHERE batch = ? AND asked > 0" : undefined;
      if (again !== undefined) this.#file.statement(again).run(batch.id);
      this.#file.statement("DELETE FROM batch_items WHERE batch = ?").run(batch.id);
      this.#file.statement("DELETE FROM batches WHERE id = ?").run(batch.id);
    });
  }

  /** The service had no room for it: its rows wait for a later one, as they are. */
  putOff(batch: OpenBatch): void {
    this.#file.transaction(() => {
      this.#file.statement("UPDATE batch_items SET batch = NULL WHERE batch = ?").run(batch.id);
      this.#file.statement("DELETE FROM batches WHERE id = ?").run(batch.id);
    });
  }

  close(): void {
    if (this.#isOwn) this.#file.close();
  }

  #all(sql: string, ...values: (string | number | null)[]): unknown[] {
    return this.#file.guard(() => this.#file.statement(sql).all(...values));
  }

  #write(sql: string, ...values: (string | number)[]): void {
    this.#file.transaction(() => void this.#file.statement(sql).run(...values));
  }
}

/** Rows that are in a batch are paid for: `map` must not ask them once more. Throws `ConfigError`. */
export function refuseOpenBatches(journal: JournalRun): void {
  const { file, run } = journal.place;
  const has = file.guard(() => file.statement("SELECT 1 FROM sqlite_schema WHERE name = 'batches'").get());
  if (has === undefined) return;
  const open = file.guard(() => file.statement("SELECT 1 FROM batches WHERE run = ?").get(run));
  if (open === undefined) return;
  throw new ConfigError(
    `The journal ${journal.path} has batches of this run that are not read yet: finish it with batch(), or give map() a \`name\` of its own.`,
  );
}
