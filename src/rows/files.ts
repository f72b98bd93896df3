import type { ReadStream } from "node:fs";
import { describe } from "../errors/describe.ts";
import { ConfigError, MissingPackageError } from "../errors/errors.ts";
import { listIssues } from "../errors/issue.ts";
import type { Infer, StandardSchemaV1 } from "../schema/schema.ts";
import { builtin } from "./builtin.ts";
import { SourceError } from "./row-error.ts";
import { Unreadable } from "./source.ts";

/** What the rows of a file are held to. */
export interface FileOptions<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  /** Each row is validated by it, and is what it makes of it. A row that does not fit fails, and the run goes on. */
  readonly schema?: Schema | undefined;
}

/** How a CSV file is read. */
export interface CsvOptions<Schema extends StandardSchemaV1 = StandardSchemaV1> extends FileOptions<Schema> {
  /** One sign. A comma by default. */
  readonly delimiter?: string | undefined;
}

/**
 * The rows of a file of JSON lines, read as they are needed, as often as it is iterated. Empty lines are passed over. A line
 * that is no JSON, or does not fit the schema, fails by a `SourceError` under the key `line N`, and the run goes on.
 */
export function jsonl(path: string): AsyncIterable<unknown>;
export function jsonl<Schema extends StandardSchemaV1>(
  path: string,
  options: { readonly schema: Schema },
): AsyncIterable<Infer<Schema>>;
export function jsonl(path: string, { schema }: FileOptions = {}): AsyncIterable<unknown> {
  checkPath("jsonl()", path);
  return {
    async *[Symbol.asyncIterator]() {
      const input = opened(path);
      const lines = builtin("node:readline").createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
      let line = 0;
      try {
        for await (const read of lines) {
          const text = line++ === 0 ? read.replace(/^\ufeff/, "") : read;
          if (text.trim() !== "") yield await rowOf(path, line, () => JSON.parse(text), schema);
        }
      } finally {
        lines.close();
        input.destroy();
      }
    },
  };
}

/**
 * The rows of a CSV file with a header, each an object of texts by column, read as they are needed by the package
 * `csv-parse`. A record that does not fit the schema fails by a `SourceError` under the key `line N`, and the run goes on;
 * a file that is no CSV ends the run. Throws `MissingPackageError` when it is iterated without that package.
 */
export function csv(path: string, options?: { readonly delimiter?: string }): AsyncIterable<Record<string, string>>;
export function csv<Schema extends StandardSchemaV1>(
  path: string,
  options: CsvOptions<Schema> & { readonly schema: Schema },
): AsyncIterable<Infer<Schema>>;
export function csv(path: string, { schema, delimiter = "," }: CsvOptions = {}): AsyncIterable<unknown> {
  checkPath("csv()", path);
  return {
    async *[Symbol.asyncIterator]() {
      const { parse } = await import("csv-parse").catch((cause) => {
        throw new MissingPackageError("csv-parse", "csv()", { cause });
      });
      const input = opened(path);
      const records = input.pipe(parse({ columns: true, bom: true, delimiter, info: true, skip_empty_lines: true }));
      input.on("error", (error) => records.destroy(error));
      try {
        for await (const { record, info } of records as AsyncIterable<{ record: object; info: { lines: number } }>) {
          yield await rowOf(path, info.lines, () => record, schema);
        }
      } finally {
        input.destroy();
        records.destroy();
      }
    },
  };
}

function opened(path: string): ReadStream {
  return builtin("node:fs").createReadStream(path, { encoding: "utf8" });
}

async function rowOf(
  path: string,
  line: number,
  read: () => unknown,
  schema: StandardSchemaV1 | undefined,
): Promise<unknown> {
  let row: unknown;
  try {
    row = read();
  } catch (cause) {
    return new Unreadable(new SourceError(path, line, "this is no JSON.", { cause }));
  }
  if (schema === undefined) return row;
  const { issues, value } = (await schema["~standard"].validate(row)) as {
    issues?: Parameters<typeof listIssues>[0];
    value?: unknown;
  };
  if (issues === undefined) return value;
  return new Unreadable(new SourceError(path, line, `the row does not fit its schema: ${listIssues(issues)}`));
}

function checkPath(what: string, path: unknown): void {
  if (typeof path === "string" && path !== "") return;
  throw new ConfigError(`${what} takes the path of a file; it was given ${describe(path)}.`);
}
