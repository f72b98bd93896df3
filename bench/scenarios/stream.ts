import { sdkReader } from "callscope";
import { openai } from "callscope/openai";
import { pooledClient, sdkClient } from "../clients.ts";
import { type Contender, measure } from "../measure.ts";
import { fetchEvents } from "../raw.ts";
import { compared, type Table } from "../report.ts";
import { model, recommend } from "../samples.ts";

const chunks = 2000;
const baseline = "openai SDK";

/** (c) 2,000 text chunks, at once and one a millisecond, and the time until the first one. */
export async function textStream(origin: string): Promise<Table[]> {
  const burst = await measure(readers(origin, `text/${chunks}`), baseline, {
    operations: 5,
    rounds: 11,
    warmUp: 25,
    units: chunks,
  });
  const first = await measure(openers(origin, `text/${chunks}`), baseline, { operations: 30, rounds: 9, warmUp: 30 });
  // Several at once, since most of the time of a paced stream is waiting.
  const together = 4;
  const paced = readers(origin, `paced/${chunks}`).map(({ name, run }) => ({
    name,
    run: () => Promise.all(Array.from({ length: together }, run)),
  }));
  const units = chunks * together;
  const slow = await measure(paced, baseline, { operations: 1, rounds: 3, warmUp: 1, units, limit: 30_000 });
  return [
    compared("c. 2,000 text chunks at once", "chunk", burst),
    compared("c. 2,000 text chunks, one a millisecond, four streams at a time", "chunk", slow),
    {
      title: "c. Until the first text, in a stream that is then left",
      columns: ["contender", "wall µs", "CPU µs, opening and leaving", "added CPU µs"],
      rows: first.map(({ name, given = 0, cpu, added }) => [name, given * 1000, cpu, added]),
    },
  ];
}

/** Reads until the stream ends, or until `see` has seen enough. */
interface Reader {
  readonly name: string;
  read(see: (text: string) => boolean): Promise<void>;
}

function sources(origin: string, route: string): Reader[] {
  const client = sdkClient(origin, route);
  const body = () => ({ model, messages: [{ role: "user" as const, content: recommend("fantasy") }] });
  const call = openai.call(model, { client, stream: true }, recommend);
  const bySdk = call.with({ client: sdkReader(sdkClient(origin, route)) });
  const pooled = call.with({ client: pooledClient(origin, route) });
  return [
    {
      name: "fetch, own split",
      async read(see) {
        for await (const { choices } of fetchEvents(origin, route, body())) {
          if (see(choices[0]?.delta.content ?? "")) return;
        }
      },
    },
    {
      name: baseline,
      async read(see) {
        const stream = await client.chat.completions.create({ ...body(), stream: true });
        for await (const { choices } of stream) if (see(choices[0]?.delta.content ?? "")) return;
      },
    },
    {
      name: "callscope",
      async read(see) {
        for await (const [{ content }] of call("fantasy")) if (see(content)) return;
      },
    },
    {
      name: "callscope, sdkReader",
      async read(see) {
        for await (const [{ content }] of bySdk("fantasy")) if (see(content)) return;
      },
    },
    {
      name: "callscope, pooledFetch",
      async read(see) {
        for await (const [{ content }] of pooled("fantasy")) if (see(content)) return;
      },
    },
  ];
}

function readers(origin: string, route: string): Contender[] {
  return sources(origin, route).map(({ name, read }) => ({
    name,
    async run() {
      let seen = 0;
      await read((text) => {
        if (text !== "") seen++;
        return false;
      });
      if (seen !== chunks) throw new Error(`${name} saw ${seen} of ${chunks} chunks.`);
    },
  }));
}

function openers(origin: string, route: string): Contender[] {
  return sources(origin, route).map(({ name, read }) => ({
    name,
    async run() {
      const begin = performance.now();
      await read((text) => text !== "");
      return performance.now() - begin;
    },
  }));
}
