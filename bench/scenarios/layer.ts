import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Table } from "../report.ts";
import { lanes } from "../stubs.ts";
import type { Added } from "./layer-child.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "layer-child.ts");
const larger = join(import.meta.dirname, "layer-calls-child.ts");

/** Our layer alone, on clients that answer from memory: what it adds to a call and to a chunk. */
export async function layer(): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  // A process each: most programs use one provider, and code that has seen one shape of object is faster.
  for (const { name } of lanes) {
    const { stdout } = await run(process.execPath, [program, name]);
    const { call, chunk } = JSON.parse(stdout) as Added;
    rows.push([name, call, chunk]);
  }
  const calls = JSON.parse((await run(process.execPath, [larger])).stdout) as Readonly<Record<string, number>>;
  return [
    {
      title: "Our layer alone, larger calls of OpenAI's",
      columns: ["call", "added µs/call"],
      rows: Object.entries(calls),
      notes: ["The extraction's stub parses the JSON and validates it with the same zod schema."],
    },
    {
      title: "Our layer alone",
      columns: ["provider", "added µs/call", "added µs/chunk"],
      rows,
      notes: ["CPU time above the same stub read without callscope; the chunks come without a wait between them."],
    },
  ];
}
