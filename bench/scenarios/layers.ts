import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Table } from "../report.ts";
import type { Added } from "./layer-child.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "layers-child.ts");

/** What the layers that come with the package add to a call and to a chunk of the same call without them. */
export async function layers(): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  for (const name of ["openai", "anthropic", "gemini"]) {
    for (const stack of ["retry", "limit", "budget", "retry+limit+budget", "retry+limit+budget+observe"]) {
      const { stdout } = await run(process.execPath, [program, name, stack]);
      const { call, chunk } = JSON.parse(stdout) as Added;
      rows.push([name, stack, call, chunk]);
    }
  }
  return [
    {
      title: "Layers around a call",
      columns: ["provider", "layers", "added µs/call", "added µs/chunk"],
      rows,
      notes: ["CPU time above the same call of callscope on the same stub without layers."],
    },
  ];
}
