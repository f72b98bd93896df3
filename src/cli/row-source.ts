import { existsSync } from "node:fs";
import { csv, jsonl } from "../rows/files.ts";
import type { OptionValues } from "./command.ts";
import { isRecord } from "./is-record.ts";
import { Misuse } from "./misuse.ts";

/** The rows of a file, and how each is made into arguments and a key. */
export interface RowInput {
  readonly rows: AsyncIterable<unknown>;
  readonly args: (row: unknown) => unknown[];
  readonly key: ((row: unknown) => string) | undefined;
}

/** What --rows, --arg and --key say. Throws `Misuse`. */
export function rowInput({ rows: file, arg, key }: OptionValues): RowInput {
  if (file === undefined) throw new Misuse("Name the rows: --rows tickets.jsonl, or tickets.csv.");
  const path = String(file);
  if (!existsSync(path)) throw new Misuse(`There is no file ${path}.`);
  const columns = (arg as readonly string[] | undefined) ?? [];
  return {
    rows: rowsOf(path),
    args: (row) => (columns.length > 0 ? columns.map((name) => cellOf(row, name)) : Array.isArray(row) ? row : [row]),
    key: key === undefined ? undefined : (row) => String(cellOf(row, String(key))),
  };
}

function rowsOf(path: string): AsyncIterable<unknown> {
  if (/\.(?:jsonl|ndjson)$/i.test(path)) return jsonl(path);
  if (/\.csv$/i.test(path)) return csv(path);
  if (/\.tsv$/i.test(path)) return csv(path, { delimiter: "\t" });
  throw new Misuse(`Rows are read from a file whose name ends in .jsonl, .csv or .tsv; not ${path}.`);
}

function cellOf(row: unknown, name: string): unknown {
  if (isRecord(row) && Object.hasOwn(row, name)) return row[name];
  throw new Misuse(`A row has no ${name}${isRecord(row) ? `; it has ${Object.keys(row).join(", ")}` : ""}.`);
}
