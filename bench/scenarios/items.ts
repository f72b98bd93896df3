import { streamObject } from "ai";
import { openai } from "callscope/openai";
import * as z from "zod";
import { PartialJson } from "../../src/json/partial-json.ts";
import { pooledClient, sdkClient } from "../clients.ts";
import { median } from "../measure.ts";
import { aiModel } from "../peers/ai-sdk.ts";
import { peers } from "../peers/index.ts";
import { eventsOf, fetchEvents, type RawChunk } from "../raw.ts";
import type { Table } from "../report.ts";
import { Item, Items, model } from "../samples.ts";

const prompt = "List the items";
const body = { model, messages: [{ role: "user" as const, content: prompt }] };
const counts = [500, 1000, 2000, 4000];
/** The row of the table over all scenarios. */
const shown = 2000;
/** One that has taken so long for an array, in milliseconds of CPU time, is not asked for a longer one. */
const patience = process.env.BENCH_LONG === "1" ? 12_000 : 2500;

const isQuick = process.env.BENCH_QUICK === "1";

/** Reads a streamed array, every partial value of it, and reports each length it saw. */
interface Reader {
  readonly name: string;
  read(origin: string, count: number, see: (length: number) => void): Promise<void>;
}

/** By hand: every delta into our incremental parser, its value read each time. */
async function intoPartialJson(events: AsyncIterable<RawChunk>, see: (length: number) => void): Promise<void> {
  const json = new PartialJson();
  for await (const { choices } of events) if (json.push(choices[0]?.delta.content ?? "")) see(lengthOf(json.value));
}

const byHand: readonly Reader[] = [
  {
    name: "fetch + PartialJson",
    read: (origin, count, see) => intoPartialJson(fetchEvents(origin, `items/items/${count}`, body), see),
  },
  {
    name: "SDK, own reader + PartialJson",
    async read(origin, count, see) {
      const client = sdkClient(origin, `items/items/${count}`);
      const response = await client.chat.completions.create({ ...body, stream: true }).asResponse();
      await intoPartialJson(eventsOf<RawChunk>(response), see);
    },
  },
  {
    name: "SDK + PartialJson",
    async read(origin, count, see) {
      const client = sdkClient(origin, `items/items/${count}`);
      await intoPartialJson(await client.chat.completions.create({ ...body, stream: true }), see);
    },
  },
];

const pooled = pooledClient("http://127.0.0.1", "");

const ours: readonly Reader[] = [
  {
    name: "callscope",
    async read(origin, count, see) {
      const client = sdkClient(origin, `items/items/${count}`);
      const call = openai.call(model, { client, stream: true, responseModel: Items }, () => prompt);
      for await (const partial of call()) see(lengthOf(partial));
    },
  },
  {
    name: "callscope, pooledFetch",
    async read(origin, count, see) {
      const client = pooled.withOptions({ baseURL: `${origin}/items/items/${count}/v1` });
      const call = openai.call(model, { client, stream: true, responseModel: Items }, () => prompt);
      for await (const partial of call()) see(lengthOf(partial));
    },
  },
  {
    name: "callscope, jsonMode",
    async read(origin, count, see) {
      const client = sdkClient(origin, `items/items/${count}`);
      const call = openai.call(model, { client, stream: true, jsonMode: true, responseModel: Items }, () => prompt);
      for await (const partial of call()) see(lengthOf(partial));
    },
  },
  {
    name: "callscope, elements()",
    async read(origin, count, see) {
      let length = 0;
      const client = sdkClient(origin, `items/value/${count}`);
      const call = openai.call(model, { client, stream: true, responseModel: z.array(Item) }, () => prompt);
      for await (const item of call().elements()) if (item) see(++length);
    },
  },
];

const others: readonly Reader[] = [
  ...peers.flatMap(({ name, partials }): Reader[] => {
    if (partials === undefined) return [];
    return [
      {
        name,
        async read(origin, count, see) {
          for await (const partial of partials(origin, `items/items/${count}`)(prompt)) see(lengthOf(partial));
        },
      },
    ];
  }),
  {
    name: "AI SDK, array elements",
    async read(origin, count, see) {
      let length = 0;
      const languageModel = aiModel(origin, `items/elements/${count}`);
      const { elementStream } = streamObject({ model: languageModel, output: "array", schema: Item, prompt });
      for await (const item of elementStream) if (item) see(++length);
    },
  },
];

const readers = [...byHand, ...ours, ...others];

function lengthOf(value: unknown): number {
  const { items } = (value ?? {}) as { items?: unknown[] };
  return items?.length ?? 0;
}

/** What one reader took for one array. */
interface Taken {
  readonly cpus: number[];
  lengths: number;
}

/** (d) A JSON array that grows by 16 characters, every partial value read. */
export async function streamedItems(origin: string): Promise<Table[]> {
  const taken = new Map<Reader, Map<number, Taken>>(readers.map((reader) => [reader, new Map()]));
  const last = new Map<Reader, number>();
  for (let round = 0; round < (isQuick ? 2 : 4); round++) {
    for (const count of counts) {
      for (const reader of readers) {
        const cost = last.get(reader) ?? 0;
        // The first round warms up. A slow one is warm by its first array, is measured once, and is left out where it would
        // take minutes.
        if (cost > patience || (cost > patience / 5 && round > 1)) continue;
        const { cpu, lengths } = await readOnce(reader, origin, count);
        if (cpu > patience / 5) last.set(reader, cpu);
        if (round === 0 && cpu <= patience / 5) continue;
        const { cpus } = taken.get(reader)?.get(count) ?? { cpus: [] };
        taken.get(reader)?.set(count, { cpus: [...cpus, cpu], lengths });
      }
    }
  }
  return tables(taken);
}

function tables(taken: ReadonlyMap<Reader, ReadonlyMap<number, Taken>>): Table[] {
  const cost = (reader: Reader, count: number) => {
    const { cpus } = taken.get(reader)?.get(count) ?? {};
    return cpus === undefined ? undefined : median(cpus);
  };
  const titles = counts.map((count) => count.toLocaleString("en-US"));
  const values = readers.flatMap((reader) => {
    const value = cost(reader, shown);
    return value === undefined ? [] : [[reader.name.replace(/^(SDK.*|fetch) \+ PartialJson$/, "$1"), value] as const];
  });
  return [
    {
      title: "d. A streamed array, every partial value read: CPU ms",
      columns: ["contender", ...titles, "growth 1,000 / 500", "growth 4,000 / 2,000"],
      rows: readers.map((reader) => {
        const [least, less, more, most] = counts.map((count) => cost(reader, count));
        return [reader.name, least, less, more, most, quotient(less, least), quotient(most, more)];
      }),
      notes: [
        "Growth 2 is linear, 4 is quadratic. Who takes seconds is measured once, and not asked for longer arrays, unless `--long` is given.",
      ],
      summary: { row: "2,000 objects, every partial read, ms", values: Object.fromEntries(values) },
    },
    {
      title: "d. Different lengths seen of the array",
      columns: ["contender", ...titles],
      rows: readers.map((reader) => [reader.name, ...counts.map((count) => taken.get(reader)?.get(count)?.lengths)]),
      notes: ["The array has each of these lengths once, beside 0."],
    },
  ];
}

async function readOnce({ read }: Reader, origin: string, count: number): Promise<{ cpu: number; lengths: number }> {
  const lengths = new Set<number>();
  const start = process.cpuUsage();
  await read(origin, count, (length) => void lengths.add(length));
  const { user, system } = process.cpuUsage(start);
  lengths.delete(0);
  return { cpu: (user + system) / 1000, lengths: lengths.size };
}

function quotient(more: number | undefined, less: number | undefined): number | undefined {
  return more === undefined || less === undefined ? undefined : more / less;
}
