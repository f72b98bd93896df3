import type { Used } from "./ask.ts";
import { type CallParts, changesBetween, fingerprintOf } from "./fingerprint.ts";
import { JournalError } from "./journal-error.ts";
import { JournalFile, type OpenOptions } from "./journal-file.ts";
import { giveUp, type Lease, takeLease } from "./lease.ts";
import type { StoredAnswer } from "./stored.ts";
import type { LeaseOptions, StoredFailure } from "./types.ts";

/** A row that is in the journal. */
export interface KnownRow {
  readonly id: number;
  readonly status: "done" | "failed";
  /** Of which call it is: not the run's own where that was another one since. */
  readonly version: number;
  readonly cost: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly requests: number;
  readonly tag: string | null;
  readonly error: string | null;
}

/** A row that is to be written. */
export interface NewRow {
  readonly key: string;
  readonly ordinal: number;
  readonly used: Used;
  readonly tag: string | undefined;
  readonly answer: StoredAnswer | undefined;
  readonly args: string | null;
  readonly failure: StoredFailure | undefined;
  /** What it takes the place of. */
  readonly replaces: number | undefined;
}

/** How a run of the journal is begun. */
export interface BeginOptions extends OpenOptions {
  readonly path: string;
  readonly name: string | undefined;
  readonly parts: CallParts;
  readonly changed: "refuse" | "rerun";
  readonly lease: LeaseOptions;
  /** Told when something has to be waited for. */
  readonly waits: (sentence: string) => void;
}

type Columns = [
  id: number,
  key: string,
  status: "done" | "failed",
  version: number,
  cost: number | null,
  input: number | null,
  output: number | null,
  requests: number,
  tag: string | null,
  error: string | null,
];

const columns = "id, key, status, version, cost, input_tokens, output_tokens, requests, tag, error";
// Ids that are looked through at once, at most, and how far beyond the last ones a row may be to go on from there.
const widest = 1024;
const stragglers = 256;

/** One run of a journal, held by this worker. */
export class JournalRun {
  readonly #file: JournalFile;
  readonly #run: number;
  readonly #version: number;
  readonly #lease: Lease;
  readonly #ahead = new Map<string, KnownRow>();
  #aheadTo = 0;
  #width = 8;
  #used = 0;
  #met = new Uint8Array(1024);
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(file: JournalFile, run: number, version: number, lease: Lease) {
    this.#file = file;
    this.#run = run;
    this.#version = version;
    this.#lease = lease;
    this.#timer = setInterval(() => this.#beat(), lease.beatEvery);
    this.#timer.unref();
  }

  /** The file and the number of the run in it: for what is kept beside its rows. */
  get place(): { readonly file: JournalFile; readonly run: number; readonly version: number } {
    return { file: this.#file, run: this.#run, version: this.#version };
  }

  get path(): string {
    return this.#file.path;
  }

  // A beat that fails is told by the next commit.
  #beat(): void {
    try {
      this.#file.beat(this.#run, this.#lease.owner, this.#lease.until());
    } catch {}
  }

  /** The row of this key, of this call or of the one before it. */
  find(key: string): KnownRow | undefined {
    const ahead = this.#ahead.get(key);
    if (ahead !== undefined) {
      this.#ahead.delete(key);
      this.#used++;
      return ahead;
    }
    return this.#file.guard(() => {
      const statement = this.#file.statement(`SELECT ${columns} FROM rows WHERE run = ? AND key = ?`);
      const found = statement.get(this.#run, key) as Record<string, never> | undefined;
      if (found === undefined) return undefined;
      const row = Object.values(found) as unknown as Columns;
      this.#readAhead(row[0]);
      return known(row);
    });
  }

  /** True for a row of this run that is of the call as it is now. */
  isCurrent({ version }: KnownRow): boolean {
    return version === this.#version;
  }

  // Rows mostly come in the order in which they were written: the next ones are read at once, more each time it helps.
  #readAhead(id: number): void {
    if (id <= this.#aheadTo && this.#aheadTo - id < stragglers) return;
    this.#width = this.#used * 2 >= this.#width ? Math.min(widest, this.#width * 2) : 8;
    this.#used = 0;
    const from = id > this.#aheadTo && id - this.#aheadTo < stragglers ? this.#aheadTo : id;
    if (from === id || this.#ahead.size > 4 * widest) this.#ahead.clear();
    this.#aheadTo = from + this.#width;
    const statement = this.#file.statement(`SELECT ${columns} FROM rows WHERE id > ? AND id <= ? AND +run = ?`);
    statement.setReturnArrays(true);
    for (const row of statement.all(from, this.#aheadTo, this.#run) as unknown as Columns[]) {
      if (row[0] !== id) this.#ahead.set(row[1], known(row));
    }
  }

  /** True the first time this row is met in this run. A bit a row, so that any number of them fits. */
  meet(id: number): boolean {
    const byte = id >>> 3;
    if (byte >= this.#met.length) {
      const grown = new Uint8Array(Math.max(byte + 1, this.#met.length * 2));
      grown.set(this.#met);
      this.#met = grown;
    }
    const bit = 1 << (id & 7);
    const before = this.#met[byte] as number;
    this.#met[byte] = before | bit;
    return (before & bit) === 0;
  }

  /** What is kept of an answer. */
  answer(id: number): StoredAnswer {
    const sql = "SELECT args, value, exact, loop, prepared, received FROM answers WHERE row = ?";
    const stored = this.#file.guard(() => this.#file.statement(sql).get(id)) as unknown as StoredAnswer | undefined;
    if (stored !== undefined) return stored;
    throw new JournalError("corrupt", this.path, `The journal ${this.path} has a row without its answer.`);
  }

  /** Writes rows, all of them or none. When it returns, they are acknowledged. */
  commit(rows: readonly NewRow[]): void {
    const file = this.#file;
    const { owner } = this.#lease;
    file.transaction(() => {
      if (!file.beat(this.#run, owner, this.#lease.until())) {
        const what = "this worker was taken for dead, and another one has gone on with its run";
        throw new JournalError("lost", this.path, `The journal ${this.path} was lost: ${what}.`);
      }
      const ended = Date.now();
      for (const row of rows) this.#write(row, ended);
    });
  }

  #write({ key, ordinal, used, tag, answer, args, failure, replaces }: NewRow, ended: number): void {
    const file = this.#file;
    if (replaces !== undefined) file.statement("DELETE FROM rows WHERE id = ?").run(replaces);
    const insert =
      file.statement(`INSERT INTO rows (run, key, ordinal, status, version, cost, input_tokens, output_tokens,
      requests, tag, ended, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    const { cost = null, inputTokens = null, outputTokens = null, requests } = used;
    const status = failure === undefined ? "done" : "failed";
    const error = failure === undefined ? null : JSON.stringify(failure);
    const facts = [cost, inputTokens, outputTokens, requests, tag ?? null, ended, error] as const;
    const { lastInsertRowid } = insert.run(this.#run, key, ordinal, status, this.#version, ...facts);
    const keep = file.statement(`INSERT INTO answers (row, args, value, exact, loop, prepared, received)
      VALUES (?, ?, ?, ?, ?, ?, ?)`);
    const { value = null, exact = 0, loop = null, prepared = null, received = null } = answer ?? {};
    keep.run(lastInsertRowid, answer?.args ?? args, value, exact, loop, prepared, received);
    this.meet(Number(lastInsertRowid));
  }

  /** Lets go of the run and closes the file. What ended the run is what is told, not that this could not be written. */
  close(): void {
    clearInterval(this.#timer);
    try {
      this.#file.letGo(this.#run, this.#lease.owner);
    } catch {
      giveUp(this.#lease);
    } finally {
      this.#file.close();
    }
  }
}

function known([id, , status, version, cost, inputTokens, outputTokens, requests, tag, error]: Columns): KnownRow {
  return { id, status, version, cost, inputTokens, outputTokens, requests, tag, error };
}

/** Opens the journal and takes its run of this name. Throws `JournalError`. */
export async function beginRun(options: BeginOptions): Promise<JournalRun> {
  const { path, parts, changed, lease, waits } = options;
  const fingerprint = fingerprintOf(parts);
  const name = options.name ?? fingerprint;
  const file = new JournalFile(path, options);
  try {
    const call = JSON.stringify(parts);
    if (file.run(name) === undefined) file.addRun(name, fingerprint, call);
    const found = file.run(name);
    if (found === undefined) throw new JournalError("lost", path, `The journal ${path} lost its run "${name}".`);
    const isOther = found.fingerprint !== fingerprint;
    if (isOther && changed === "refuse") throw otherCall(path, name, JSON.parse(found.call), parts);
    const held = await takeLease(file, found.id, lease, waits);
    if (isOther) file.replaceCall(found.id, fingerprint, call);
    return new JournalRun(file, found.id, found.version + (isOther ? 1 : 0), held);
  } catch (error) {
    file.close();
    throw error;
  }
}

function otherCall(path: string, name: string, before: CallParts, after: CallParts): JournalError {
  const changes = changesBetween(before, after);
  const what = `The run "${name}" of the journal ${path} was made by another call: ${changes.join(", ")} changed.`;
  const ways = 'Give `changed: "rerun"` to ask its rows again, or another `name` to keep both.';
  return new JournalError("changed", path, `${what} ${ways}`, { changes });
}
