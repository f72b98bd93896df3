import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { CacheStore } from "./cache-store.ts";
import { openSqlite } from "./open-sqlite.ts";

/** A store of a cache in a file, which processes of one machine share. */
export interface SqliteStore extends CacheStore, Disposable {
  /** Closes the file; the store cannot be used after that. */
  close(): void;
}

// How long one process waits for another that writes; milliseconds.
const patience = 5_000;

/**
 * Keeps answers in a SQLite file, by Node's own `node:sqlite`. What is too old is deleted when the file is opened, and
 * nothing else ever is: without a `ttl` it grows. Throws `ConfigError` where the runtime has no SQLite.
 */
export function sqliteStore(path: string): SqliteStore {
  if (typeof path !== "string" || path === "") {
    throw new ConfigError(`sqliteStore() needs the path of a file, or ":memory:"; it was given ${describe(path)}.`);
  }
  const database = openSqlite("sqliteStore()", path, patience);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec(
    "CREATE TABLE IF NOT EXISTS callscope_cache (key TEXT PRIMARY KEY, value TEXT NOT NULL, until REAL) WITHOUT ROWID",
  );
  database.prepare("DELETE FROM callscope_cache WHERE until <= ?").run(Date.now());
  const found = database.prepare("SELECT value FROM callscope_cache WHERE key = ? AND (until IS NULL OR until > ?)");
  const keep = database.prepare("INSERT OR REPLACE INTO callscope_cache (key, value, until) VALUES (?, ?, ?)");
  const close = () => database.close();
  return {
    get: (key) => found.get(key, Date.now())?.value as string | undefined,
    set: (key, value, ttl) => void keep.run(key, value, ttl === undefined ? null : Date.now() + ttl),
    close,
    [Symbol.dispose]: close,
  };
}
