import { execFile } from "node:child_process";
import { get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { median } from "../measure.ts";
import type { Table } from "../report.ts";
import type { Wave } from "./connections-child.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "connections-child.ts");
/** Calls at once. */
const count = 500;
const contenders = ["SDK", "SDK, pooledFetch", "callscope", "callscope, pooledFetch"];

/** 500 calls at once, and 500 more after them: the connections that the server sees opened. */
export async function connections(origin: string): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  for (const name of contenders) {
    const waves: Wave[][] = [];
    for (let round = 0; round < 3; round++) {
      const { stdout } = await run(process.execPath, [program, name, origin, String(count)]);
      waves.push(JSON.parse(stdout) as Wave[]);
    }
    const of = (wave: number, key: keyof Wave) => median(waves.map((round) => round[wave]?.[key] ?? Number.NaN));
    rows.push([name, of(0, "opened"), of(1, "opened"), of(0, "cpu"), of(1, "cpu"), of(0, "wall"), of(1, "wall")]);
  }
  return [
    {
      title: `${count} calls at once, and ${count} more after them`,
      columns: [
        "contender",
        ...["connections opened", "by the second 500"],
        ...["CPU ms", "the second 500", "wall ms", "the second 500"],
      ],
      rows,
      notes: ["The server counts. A process each, which makes no other call: its compiling is in the first CPU time."],
    },
  ];
}

/** How many connections the server has seen; asking takes one. */
export async function connectionsSeen(origin: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(origin, { agent: false }, async (response) => resolve(Number(await text(response))));
    request.on("error", reject);
  });
}
