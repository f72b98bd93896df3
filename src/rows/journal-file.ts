import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openSqlite } from "../layers/open-sqlite.ts";
import { builtin } from "./builtin.ts";
import { JournalError, journalError } from "./journal-error.ts";

const applicationId = 0x63_73_6a_31;
const version = 1;

// `rows` is narrow, so that passing over what is done reads little; `answers` has the rest; `results` shows both.
const schema = `
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL, call TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1, created INTEGER NOT NULL,
  owner TEXT, host TEXT, pid INTEGER, lease_until INTEGER, beat INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE rows (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (id), key TEXT NOT NULL, ordinal INTEGER NOT NULL,
  status TEXT NOT NULL, version INTEGER NOT NULL, cost REAL, input_tokens INTEGER, output_tokens INTEGER,
  requests INTEGER NOT NULL, tag TEXT, ended INTEGER NOT NULL, error TEXT
);
CREATE UNIQUE INDEX rows_by_key ON rows (run, key);
CREATE TABLE answers (
  row INTEGER PRIMARY KEY REFERENCES rows (id) ON DELETE CASCADE,
  args TEXT, value TEXT, exact INTEGER NOT NULL, loop TEXT, prepared TEXT, received TEXT
);
CREATE VIEW results AS
  SELECT runs.name AS run, rows.key, rows.ordinal, rows.status, answers.args, answers.value, rows.error, rows.cost,
    rows.input_tokens, rows.output_tokens, rows.requests, rows.tag,
    strftime('%Y-%m-%dT%H:%M:%fZ', rows.ended / 1000.0, 'unixepoch') AS ended, answers.received
  FROM rows JOIN runs ON runs.id = rows.run LEFT JOIN answers ON answers.row = rows.id;
`;

/** How a journal is opened. */
export interface OpenOptions {
  readonly durability?: "normal" | "full" | undefined;
  readonly maxBytes?: number | undefined;
  /** False for one that must be there. */
  readonly create?: boolean;
}

/** What a run of the journal is. */
export interface RunRow {
  readonly id: number;
  readonly name: string;
  readonly fingerprint: string;
  readonly call: string;
  readonly version: number;
  readonly created: number;
}

interface NewHolder {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  readonly at: number;
}

/** A journal's file: one connection, and what concerns its runs as a whole. What it throws is a `JournalError`. */
export class JournalFile {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, { durability = "normal", maxBytes, create = true }: OpenOptions = {}) {
    this.path = path;
    if (!create && !builtin("node:fs").existsSync(path)) {
      throw new JournalError("unwritable", path, `There is no journal ${path}.`);
    }
    this.#db = this.guard(() => openSqlite("A journal", path, 5000));
    try {
      this.guard(() => this.#open(durability, maxBytes));
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  #open(durability: "normal" | "full", maxBytes: number | undefined): void {
    const db = this.#db;
    const read = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    // Of a file that is new: an answer takes a few kilobytes, and pages of the usual four would be half empty.
    db.exec("PRAGMA page_size = 16384");
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    db.exec("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON");
    const empty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
    if (empty) {
      this.transaction(() => {
        // Another worker may have been first.
        if (db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined) return;
        db.exec(`${schema} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
      });
    }
    if (read("application_id") !== applicationId || read("user_version") !== version) {
      const what = read("application_id") === applicationId ? "one of a later version" : "no journal of rows";
      throw new JournalError("foreign", this.path, `The file ${this.path} is ${what}: give another \`journal\`.`);
    }
    if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / read("page_size"))}`);
  }

  /** Runs what may fail in SQLite. */
  guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw journalError(this.path, error);
    }
  }

  /** Makes tables that are not there yet. */
  define(tables: string): void {
    this.guard(() => this.#db.exec(tables));
  }

  /** A statement, prepared once. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All of it or nothing. */
  transaction<Result>(work: () => Result): Result {
    return this.guard(() => {
      this.statement("BEGIN IMMEDIATE").run();
      try {
        const result = work();
        this.statement("COMMIT").run();
        return result;
      } catch (error) {
        // A full disk may have rolled it back already.
        if (this.#db.isTransaction) this.statement("ROLLBACK").run();
        throw error;
      }
    });
  }

  run(name: string): RunRow | undefined {
    const sql = "SELECT id, name, fingerprint, call, version, created FROM runs WHERE name = ?";
    return this.guard(() => this.statement(sql).get(name) as unknown as RunRow | undefined);
  }

  addRun(name: string, fingerprint: string, call: string): void {
    const sql = "INSERT OR IGNORE INTO runs (name, fingerprint, call, created) VALUES (?, ?, ?, ?)";
    this.guard(() => this.statement(sql).run(name, fingerprint, call, Date.now()));
  }

  /** The run is another call's from now on: the rows of the earlier one are open again. */
  replaceCall(run: number, fingerprint: string, call: string): void {
    const sql = "UPDATE runs SET fingerprint = ?, call = ?, version = version + 1 WHERE id = ?";
    this.guard(() => this.statement(sql).run(fingerprint, call, run));
  }

  holder(run: number): unknown {
    const sql = "SELECT owner, host, pid, lease_until, beat FROM runs WHERE id = ?";
    return this.guard(() => this.statement(sql).get(run));
  }

  /** True where nobody was quicker. */
  takeOver(run: number, from: string | null, { owner, host, pid, at }: NewHolder): boolean {
    const sql = `UPDATE runs SET owner = ?, host = ?, pid = ?, lease_until = ?, beat = beat + 1
      WHERE id = ? AND owner IS ?`;
    return this.guard(() => Number(this.statement(sql).run(owner, host, pid, at, run, from).changes) === 1);
  }

  /** True while the run is still this owner's. */
  beat(run: number, owner: string, until: number): boolean {
    const sql = "UPDATE runs SET beat = beat + 1, lease_until = ? WHERE id = ? AND owner = ?";
    return this.guard(() => Number(this.statement(sql).run(until, run, owner).changes) === 1);
  }

  letGo(run: number, owner: string): void {
    const sql = "UPDATE runs SET owner = NULL, host = NULL, pid = NULL, lease_until = NULL WHERE id = ? AND owner = ?";
    this.guard(() => this.statement(sql).run(run, owner));
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}
