import { sdkReader } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";
import { anthropicClient, claude, pooledAnthropic, pooledClient, sdkClient } from "../clients.ts";
import type { Contender } from "../measure.ts";
import type { Vendor } from "../peers/peer.ts";
import { eventsOf, fetchEvents, type RawChunk, type RawMessageEvent } from "../raw.ts";
import { model, recommend } from "../samples.ts";

/** One way to read a streamed text. */
export interface Reader {
  readonly name: string;
  /** Reads until the stream ends, or until `see` has seen enough. */
  read(see: (text: string) => boolean): Promise<void>;
}

const genre = "fantasy";
const messages = () => [{ role: "user" as const, content: recommend(genre) }];
const textOf = ({ choices }: RawChunk) => choices[0]?.delta.content ?? "";
const textOfMessage = ({ delta }: RawMessageEvent) => delta?.text ?? "";

async function each<Event>(
  events: AsyncIterable<Event>,
  textOf: (event: Event) => string,
  see: (text: string) => boolean,
): Promise<void> {
  for await (const event of events) if (see(textOf(event))) return;
}

/** The floor, and OpenAI's SDK with everything that stands on it. */
export function openaiReaders(origin: string, route: string): Reader[] {
  const client = sdkClient(origin, route);
  const pooled = pooledClient(origin, route);
  const body = () => ({ model, messages: messages() });
  const asked = () => ({ ...body(), stream: true as const });
  const call = openai.call(model, { client, stream: true }, recommend);
  const bySdk = call.with({ client: sdkReader(sdkClient(origin, route)) });
  const overPool = call.with({ client: pooled });
  return [
    { name: "fetch, own split", read: (see) => each(fetchEvents(origin, route, body()), textOf, see) },
    {
      name: "SDK, own reader",
      async read(see) {
        const response = await client.chat.completions.create(asked()).asResponse();
        await each(eventsOf<RawChunk>(response), textOf, see);
      },
    },
    { name: "SDK", read: async (see) => each(await client.chat.completions.create(asked()), textOf, see) },
    {
      name: "SDK, pooledFetch",
      read: async (see) => each(await pooled.chat.completions.create(asked()), textOf, see),
    },
    { name: "callscope", read: (see) => each(call(genre), ([{ content }]) => content, see) },
    { name: "callscope, sdkReader", read: (see) => each(bySdk(genre), ([{ content }]) => content, see) },
    { name: "callscope, pooledFetch", read: (see) => each(overPool(genre), ([{ content }]) => content, see) },
  ];
}

/** The same for Anthropic's SDK. */
export function anthropicReaders(origin: string, route: string): Reader[] {
  const client = anthropicClient(origin, route);
  const pooled = pooledAnthropic(origin, route);
  const body = () => ({ model: claude, max_tokens: 1024, messages: messages() });
  const asked = () => ({ ...body(), stream: true as const });
  const call = anthropic.call(claude, { client, stream: true }, recommend);
  const bySdk = call.with({ client: sdkReader(anthropicClient(origin, route)) });
  const overPool = call.with({ client: pooled });
  const raw = () => fetchEvents<RawMessageEvent>(origin, route, body(), "messages");
  return [
    { name: "fetch, own split", read: (see) => each(raw(), textOfMessage, see) },
    {
      name: "SDK, own reader",
      async read(see) {
        const response = await client.messages.create(asked()).asResponse();
        await each(eventsOf<RawMessageEvent>(response), textOfMessage, see);
      },
    },
    { name: "SDK", read: async (see) => each(await client.messages.create(asked()), textOfSdk, see) },
    { name: "SDK, pooledFetch", read: async (see) => each(await pooled.messages.create(asked()), textOfSdk, see) },
    { name: "callscope", read: (see) => each(call(genre), ([{ content }]) => content, see) },
    { name: "callscope, sdkReader", read: (see) => each(bySdk(genre), ([{ content }]) => content, see) },
    { name: "callscope, pooledFetch", read: (see) => each(overPool(genre), ([{ content }]) => content, see) },
  ];
}

function textOfSdk(event: {
  readonly type: string;
  readonly delta?: { readonly type?: string; readonly text?: string } | object;
}): string {
  return event.delta !== undefined && "text" in event.delta ? (event.delta.text ?? "") : "";
}

/** The other libraries that can stream from this vendor. They are loaded by this call, one by one. */
export async function peerReaders(origin: string, route: string, vendor: Vendor): Promise<Reader[]> {
  const { peers } = await import("../peers/index.ts");
  return peers.flatMap(({ name, texts }) => {
    const read = texts?.(origin, route, vendor);
    if (read === undefined) return [];
    return [{ name, read: (see: (text: string) => boolean) => each(read(recommend(genre)), (text) => text, see) }];
  });
}

/** Reads the whole stream, and minds that nothing was lost. */
export function wholly(readers: readonly Reader[], texts: number): Contender[] {
  return readers.map(({ name, read }) => ({
    name,
    async run() {
      let seen = 0;
      await read((text) => {
        if (text !== "") seen++;
        return false;
      });
      if (seen !== texts) throw new Error(`${name} saw ${seen} of ${texts} chunks.`);
    },
  }));
}

/** Leaves at the first text; gives the milliseconds until then. */
export function firstText(readers: readonly Reader[]): Contender[] {
  return readers.map(({ name, read }) => ({
    name,
    async run() {
      const begin = performance.now();
      let first = Number.NaN;
      await read((text) => {
        if (text === "") return false;
        first = performance.now() - begin;
        return true;
      });
      return first;
    },
  }));
}

/** So many of them at once. */
export function together(contenders: readonly Contender[], count: number): Contender[] {
  return contenders.map(({ name, run }) => ({ name, run: () => Promise.all(Array.from({ length: count }, run)) }));
}
