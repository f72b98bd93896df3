import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { plainOrLeftOut } from "../json/plain.ts";
import type { Row } from "../rows/types.ts";
import { failureData } from "./call-failure.ts";
import { Misuse } from "./misuse.ts";

/** Where rows go as they end. */
export interface RowOutput {
  write(row: Row<unknown>): Promise<void>;
  end(): Promise<void>;
}

/** Writes each row as a line of JSON, to a file or the standard output; a slow reader slows the run down. */
export function linesTo(file: string | undefined): RowOutput {
  if (file !== undefined && !/\.(?:jsonl|ndjson)$/i.test(file)) {
    throw new Misuse(`--out writes JSON lines: name a file that ends in .jsonl, not ${file}.`);
  }
  const stream = file === undefined ? process.stdout : createWriteStream(file, { mode: 0o600 });
  const failed = new Promise<never>((_, fail) => {
    stream.once("error", (error) =>
      fail(new Misuse(`${file ?? "The standard output"} cannot be written: ${error.message}`)),
    );
  });
  failed.catch(() => {});
  return {
    async write(row) {
      if (stream.write(`${JSON.stringify(rowData(row))}\n`)) return;
      await Promise.race([once(stream, "drain"), failed]);
    },
    async end() {
      if (stream === process.stdout) return;
      await Promise.race([new Promise<void>((done) => stream.end(() => done())), failed]);
    },
  };
}

/** Collects nothing: each row is written into one JSON value that the totals end. */
export function valueTo(): RowOutput & { finish(totals: object): Promise<void> } {
  let count = 0;
  const write = async (text: string) => {
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  };
  return {
    write: (row) => write(`${count++ === 0 ? '{"rows":[\n' : ",\n"}${JSON.stringify(rowData(row))}`),
    end: async () => {},
    finish: (totals) => write(`${count === 0 ? '{"rows":[' : "\n"}],"totals":${JSON.stringify(totals)}}\n`),
  };
}

function rowData(row: Row<unknown>): object {
  const { key, ordinal, status, resumed, args, cost, inputTokens, outputTokens, requests, tag } = row;
  const facts = {
    key,
    ordinal,
    status,
    resumed,
    args: plainOrLeftOut(args),
    cost,
    inputTokens,
    outputTokens,
    requests,
    tag,
  };
  if (row.status === "failed") return { ...facts, error: failureData(row.error) };
  return { ...facts, value: valueIn(row.value) };
}

/** What a call gave, without all that was sent for it. */
function valueIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("content" in value && "toolCalls" in value) return value.content;
  if ("responses" in value && "response" in value)
    return (value.response as { content?: unknown } | undefined)?.content;
  return plainOrLeftOut(value);
}
