import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { median } from "../measure.ts";
import type { Table } from "../report.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "memory-child.ts");
const contenders = ["imports only", "openai SDK", "callscope"];

/** (g) The most memory a process takes for 200 streams of 2,000 chunks at once. */
export async function memory(origin: string): Promise<Table[]> {
  const peaks = new Map<string, number[]>(contenders.map((name) => [name, []]));
  for (let round = 0; round < 9; round++) {
    for (const name of contenders) {
      const { stdout } = await run(process.execPath, [program, name, origin]);
      peaks.get(name)?.push(Number(stdout));
    }
  }
  const sdk = median(peaks.get("openai SDK") ?? []);
  const rows = contenders.map((name) => {
    const peak = median(peaks.get(name) ?? []);
    return [name, peak, peak / sdk];
  });
  return [{ title: "g. 200 streams of 2,000 chunks at once", columns: ["contender", "peak RSS MB", "x"], rows }];
}
