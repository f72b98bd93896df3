import { streamObject } from "ai";
import { openai } from "callscope/openai";
import * as z from "zod";
import { PartialJson } from "../../src/json/partial-json.ts";
import { aiModel, langChainModel, sdkClient } from "../clients.ts";
import { median } from "../measure.ts";
import { fetchEvents } from "../raw.ts";
import type { Table } from "../report.ts";
import { Item, Items, model } from "../samples.ts";

const prompt = "List the items";
const body = { model, messages: [{ role: "user" as const, content: prompt }] };
const counts = [500, 1000, 2000, 4000];

/** Reads a streamed array, every partial value of it, and reports each length it saw. */
interface Reader {
  readonly name: string;
  /** The longest array it is asked for. */
  readonly most: number;
  read(origin: string, count: number, see: (length: number) => void): Promise<void>;
}

const quadratic = 1000;

const readers: readonly Reader[] = [
  {
    name: "fetch + PartialJson",
    most: 4000,
    async read(origin, count, see) {
      const json = new PartialJson();
      for await (const { choices } of fetchEvents(origin, `items/items/${count}`, body)) {
        if (json.push(choices[0]?.delta.content ?? "")) see(lengthOf(json.value));
      }
    },
  },
  {
    name: "openai SDK + PartialJson",
    most: 4000,
    async read(origin, count, see) {
      const json = new PartialJson();
      const client = sdkClient(origin, `items/items/${count}`);
      const stream = await client.chat.completions.create({ ...body, stream: true });
      for await (const { choices } of stream) {
        if (json.push(choices[0]?.delta.content ?? "")) see(lengthOf(json.value));
      }
    },
  },
  {
    name: "callscope",
    most: 4000,
    async read(origin, count, see) {
      const client = sdkClient(origin, `items/items/${count}`);
      const call = openai.call(model, { client, stream: true, responseModel: Items }, () => prompt);
      for await (const partial of call()) see(lengthOf(partial));
    },
  },
  {
    name: "callscope, jsonMode",
    most: 4000,
    async read(origin, count, see) {
      const client = sdkClient(origin, `items/items/${count}`);
      const call = openai.call(model, { client, stream: true, jsonMode: true, responseModel: Items }, () => prompt);
      for await (const partial of call()) see(lengthOf(partial));
    },
  },
  {
    name: "callscope, elements()",
    most: 4000,
    async read(origin, count, see) {
      let length = 0;
      const client = sdkClient(origin, `items/value/${count}`);
      const call = openai.call(model, { client, stream: true, responseModel: z.array(Item) }, () => prompt);
      for await (const item of call().elements()) if (item) see(++length);
    },
  },
  {
    name: "AI SDK, partial objects",
    most: quadratic,
    async read(origin, count, see) {
      const languageModel = aiModel(origin, `items/items/${count}`);
      const { partialObjectStream } = streamObject({ model: languageModel, schema: Items, prompt });
      for await (const partial of partialObjectStream) see(lengthOf(partial));
    },
  },
  {
    name: "AI SDK, array elements",
    most: 4000,
    async read(origin, count, see) {
      let length = 0;
      const languageModel = aiModel(origin, `items/elements/${count}`);
      const { elementStream } = streamObject({ model: languageModel, output: "array", schema: Item, prompt });
      for await (const item of elementStream) if (item) see(++length);
    },
  },
  {
    name: "LangChain.js",
    most: quadratic,
    async read(origin, count, see) {
      const structured = langChainModel(origin, `items/items/${count}`).withStructuredOutput(Items, {
        method: "functionCalling",
      });
      for await (const partial of await structured.stream(prompt)) see(lengthOf(partial));
    },
  },
];

function lengthOf(value: unknown): number {
  const { items } = (value ?? {}) as { items?: unknown[] };
  return items?.length ?? 0;
}

/** (d) A JSON array that grows by 16 characters, every partial value read. */
export async function streamedItems(origin: string): Promise<Table[]> {
  const costs = readers.map(() => new Map<number, number[]>());
  const seen = readers.map(() => new Map<number, number>());
  for (let round = 0; round < 3; round++) {
    for (const count of counts) {
      for (const [index, reader] of readers.entries()) {
        // Quadratic ones are shown once; the first round warms the others up.
        if (count > reader.most || (reader.most === quadratic && round !== 1)) continue;
        const { cpu, lengths } = await readOnce(reader, origin, count);
        seen[index]?.set(count, lengths);
        if (round > 0) costs[index]?.set(count, [...(costs[index]?.get(count) ?? []), cpu]);
      }
    }
  }
  const cost = (index: number, count: number) =>
    costs[index]?.has(count) ? median(costs[index].get(count)!) : undefined;
  return [
    {
      title: "d. A streamed array, every partial value read: CPU ms",
      columns: [
        "contender",
        ...counts.map((count) => count.toLocaleString("en-US")),
        "growth 1,000 / 500",
        "growth 4,000 / 2,000",
      ],
      rows: readers.map(({ name }, index) => {
        const [least, less, more, most] = counts.map((count) => cost(index, count));
        return [name, least, less, more, most, quotient(less, least), quotient(most, more)];
      }),
      notes: [
        "Growth 2 is linear, 4 is quadratic. Contenders that parse the whole text again with every delta are run once and up to 1,000 objects only: 2,000 take them half a minute.",
      ],
    },
    {
      title: "d. Different lengths seen of the array",
      columns: ["contender", ...counts.map((count) => count.toLocaleString("en-US"))],
      rows: readers.map(({ name }, index) => [name, ...counts.map((count) => seen[index]?.get(count))]),
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
