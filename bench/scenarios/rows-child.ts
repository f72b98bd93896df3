import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Layer } from "callscope";
import { openai } from "callscope/openai";
import { map } from "callscope/rows";
import { model } from "../samples.ts";

// Run by itself: rows that a layer answers. `no journal|journal COUNT FOLDER` prints the peak of its resident memory in
// megabytes; `make` fills a journal, and `resume` goes on with it.

/** What going on with a journal took: milliseconds until the first new request, microseconds a row that is done. */
export interface Resumed {
  readonly first: number;
  readonly cpu: number;
  readonly wall: number;
}

const [what = "", length = "", folder = ""] = process.argv.slice(2);
const count = Number(length);
const path = join(folder, "rows.db");
let asked: () => void = () => {};
const answers: Layer = {
  name: "answers",
  async send() {
    asked();
    const message = { role: "assistant", content: "Yes, it is.", refusal: null };
    return {
      response: {
        id: "chatcmpl-1",
        object: "chat.completion",
        created: 1760000000,
        model,
        choices: [{ index: 0, message, finish_reason: "stop", logprobs: null }],
        usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 },
      },
    };
  },
};
const call = openai.call(model, { layers: [answers] }, (text: string) => `Is this urgent? ${text}`);
const key = (row: string) => row;

function* rows(from: number, to: number) {
  for (let index = from; index < to; index++) yield `row ${index}`;
}

if (what === "resume") await resume();
else if (what === "make") await make();
else await peak();

async function peak(): Promise<void> {
  const kept = what === "journal" ? { journal: path } : {};
  await map(call, rows(0, 10_000), { key, ...kept });
  if (what === "journal") for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
  const { done } = await map(call, rows(0, count), { key, ...kept });
  if (done !== count) throw new Error(`${done} rows are done.`);
  // `maxRSS` is in kilobytes.
  console.log(process.resourceUsage().maxRSS / 1024);
}

/** A row as `map` writes it, a million times under other keys. */
async function make(): Promise<void> {
  await map(call, rows(0, 1), { key, journal: path, name: "night" });
  const db = new DatabaseSync(path);
  const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)";
  db.exec("PRAGMA synchronous = OFF; BEGIN");
  db.prepare(`${numbers} INSERT INTO rows (run, key, ordinal, status, version, cost, input_tokens, output_tokens, requests,
    tag, ended, error) SELECT run, 'row ' || i, i, status, version, cost, input_tokens, output_tokens, requests, tag, ended,
    error FROM n JOIN rows ON rows.id = 1 ORDER BY i`).run(count);
  db.exec(`INSERT INTO answers SELECT rows.id, args, value, exact, loop, prepared, received FROM rows JOIN answers ON row = 1
    WHERE rows.id > 1 ORDER BY rows.id`);
  db.exec("COMMIT");
  db.close();
}

async function resume(): Promise<void> {
  const start = performance.now();
  let first = Number.NaN;
  let cpu = process.cpuUsage();
  let begun = performance.now();
  asked = () => {
    first = performance.now() - start;
    cpu = process.cpuUsage();
    begun = performance.now();
  };
  const all = function* () {
    yield `new ${performance.timeOrigin}`;
    yield* rows(0, count);
  };
  const { done, own } = await map(call, all(), { key, journal: path, name: "night" });
  if (done !== count + 1 || own.done !== 1) throw new Error(`${done} rows are done, ${own.done} new ones.`);
  const { user, system } = process.cpuUsage(cpu);
  const wall = ((performance.now() - begun) * 1000) / count;
  console.log(JSON.stringify({ first, cpu: (user + system) / count, wall } satisfies Resumed));
}
