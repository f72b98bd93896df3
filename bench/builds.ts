import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as wire from "./stub-answers.ts";

// Two builds of this library side by side in one process, over clients that answer at once from memory: what a call and an
// event of a stream cost in the layer alone. `node bench/builds.ts OLD_CHECKOUT NEW_CHECKOUT`; the ratio is new to old.

interface Contender {
  readonly call: () => Promise<unknown>;
  readonly stream: () => Promise<unknown>;
}

interface Wire {
  readonly name: string;
  readonly client: object;
  readonly model: string;
}

async function* each(events: readonly unknown[]) {
  for (const event of events) yield event;
}

const answered = (answer: unknown, events: readonly unknown[], { stream }: { stream?: boolean }) =>
  Promise.resolve(stream ? each(events) : answer);

const wires: readonly Wire[] = [
  {
    name: "openai",
    model: "gpt-4o-mini",
    client: { chat: { completions: { create: (sent: object) => answered(wire.chatAnswer, wire.chatChunks, sent) } } },
  },
  {
    name: "anthropic",
    model: "claude-haiku-4-5",
    client: { messages: { create: (sent: object) => answered(wire.anthropicAnswer, wire.anthropicEvents, sent) } },
  },
  {
    name: "gemini",
    model: "gemini-2.5-flash",
    client: {
      vertexai: false,
      models: {
        generateContent: async () => wire.geminiAnswer,
        generateContentStream: async () => each(wire.geminiChunks),
      },
    },
  },
];

async function contender(root: string, { name, client, model }: Wire): Promise<Contender> {
  const path = join(resolve(root), `dist/providers/${name}/index.js`);
  const { call } = (await import(pathToFileURL(path).href)) as {
    call: (model: string, options: object, write: unknown) => (genre: string) => unknown;
  };
  const write = (genre: string) => `Recommend a ${genre} book`;
  const whole = call(model, { client }, write);
  const streamed = call(model, { client, stream: true }, write);
  return {
    call: async () => (await (whole("fantasy") as Promise<{ content: string }>)).content,
    stream: async () => {
      let length = 0;
      const stream = streamed("fantasy") as AsyncIterable<[{ content: string }, unknown]>;
      for await (const [chunk] of stream) length += chunk.content.length;
      return length;
    },
  };
}

/** CPU time of this process, microseconds. */
async function time(work: () => Promise<unknown>, times: number): Promise<number> {
  const start = process.cpuUsage();
  for (let count = 0; count < times; count++) await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / times;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function compare(old: () => Promise<unknown>, now: () => Promise<unknown>, times: number) {
  const [before, after]: [number[], number[]] = [[], []];
  for (let round = 0; round < 15; round++) {
    // Who begins changes, so that neither has the warmer caches.
    const turns =
      round % 2 === 0
        ? ([
            [old, before],
            [now, after],
          ] as const)
        : ([
            [now, after],
            [old, before],
          ] as const);
    for (const [work, times_] of turns) times_.push(await time(work, times));
  }
  const ratio = median(after.slice(3).map((value, index) => value / (before[index + 3] ?? Number.NaN)));
  return { before: median(before.slice(3)), after: median(after.slice(3)), ratio };
}

const [oldRoot = "", newRoot = "."] = process.argv.slice(2);
for (const one of wires) {
  const [old, now] = [await contender(oldRoot, one), await contender(newRoot, one)];
  const call = await compare(old.call, now.call, 2000);
  const stream = await compare(old.stream, now.stream, 5);
  const row = (name: string, { before, after, ratio }: typeof call, per: number) =>
    console.log(
      `${one.name} ${name}: ${(before / per).toFixed(2)} -> ${(after / per).toFixed(2)} µs, ${ratio.toFixed(2)}`,
    );
  row("call", call, 1);
  row("event", stream, wire.chunks);
}
