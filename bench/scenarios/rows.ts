import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openai } from "callscope/openai";
import { map } from "callscope/rows";
import pLimit from "p-limit";
import { sdkClient } from "../clients.ts";
import { measure, median } from "../measure.ts";
import { compared, type Table } from "../report.ts";
import { model } from "../samples.ts";
import type { Resumed } from "./rows-child.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "rows-child.ts");
const concurrency = 64;

function folder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "callscope-bench-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Rows of a provider that takes 2 ms, 64 at once: a bare loop over the SDK, and `map` without and with a journal. */
export async function rowsLive(origin: string): Promise<Table[]> {
  using journals = folder();
  const client = sdkClient(origin, "slow/2");
  const tickets = Array.from({ length: 2000 }, (_, id) => {
    return { id: `ticket-${id}`, text: `Ticket ${id}: the printer on the third floor is on fire again.` };
  });
  const ask = (text: string) => `Is this urgent? ${text}`;
  const call = openai.call(model, { client }, ask);
  const given = {
    key: ({ id }: { id: string }) => id,
    args: ({ text }: { text: string }): [string] => [text],
    concurrency,
  };
  let count = 0;
  const check = (done: number) => {
    if (done !== tickets.length) throw new Error(`${done} rows are done.`);
  };
  async function bareLoop(): Promise<void> {
    const limit = pLimit(concurrency);
    let done = 0;
    const one = async (text: string) => {
      const messages = [{ role: "user" as const, content: ask(text) }];
      const { choices } = await client.chat.completions.create({ model, messages });
      if (choices[0]?.message.content) done++;
    };
    await Promise.all(tickets.map(({ text }) => limit(one, text)));
    check(done);
  }
  const name = "openai SDK, p-limit";
  const contenders = [
    { name, run: bareLoop },
    { name: "map", run: async () => check((await map(call, tickets, given)).done) },
    {
      name: "map, journal",
      run: async () =>
        check((await map(call, tickets, { ...given, journal: join(journals.path, `${count++}.db`) })).done),
    },
  ];
  const effort = { operations: 1, rounds: 7, warmUp: 1, units: tickets.length, limit: 250_000 };
  const figures = await measure(contenders, name, effort);
  return [compared(`${tickets.length.toLocaleString("en-US")} rows, 2 ms each, 64 at once`, "row", figures)];
}

/** The most memory a process takes for rows of a generator that a layer answers, after a warm-up. */
export async function rowsMemory(): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  for (const journal of ["no journal", "journal"]) {
    const peaks: number[] = [];
    for (const count of [10_000, 1_000_000]) {
      using place = folder();
      const { stdout } = await run(process.execPath, [program, journal, String(count), place.path]);
      peaks.push(Number(stdout));
    }
    const [few = Number.NaN, many = Number.NaN] = peaks;
    rows.push([journal, few, many, many / few]);
  }
  return [
    {
      title: "Rows from a generator, answered by a layer: peak RSS, MB",
      columns: ["", "10,000 rows", "1,000,000 rows", "x"],
      rows,
    },
  ];
}

/** A journal of a million rows: how long until the first new request leaves, and what passing over a row costs. */
export async function rowsResume(): Promise<Table[]> {
  using place = folder();
  await run(process.execPath, [program, "make", "1000000", place.path]);
  const seen: Resumed[] = [];
  for (let round = 0; round < 3; round++) {
    const { stdout } = await run(process.execPath, [program, "resume", "1000000", place.path]);
    seen.push(JSON.parse(stdout) as Resumed);
  }
  const of = (key: keyof Resumed) => median(seen.map(({ [key]: value }) => value));
  return [
    {
      title: "A journal of 1,000,000 rows",
      columns: ["first new request, ms", "CPU µs/row passed over", "wall µs/row passed over"],
      rows: [[of("first"), of("cpu"), of("wall")]],
      notes: [
        "The open row comes first; before it the file is opened and its run taken. Then all others are passed over.",
      ],
    },
  ];
}
