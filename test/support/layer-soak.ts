import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import OpenAI from "openai";
import { attemptsOf } from "../../src/contract/attempts.ts";
import type { Layer } from "../../src/contract/layer.ts";
import { budget } from "../../src/layers/budget.ts";
import { BudgetError } from "../../src/layers/budget-error.ts";
import { cache } from "../../src/layers/cache.ts";
import { limit } from "../../src/layers/limit.ts";
import { memoryStore } from "../../src/layers/memory-store.ts";
import { retry } from "../../src/layers/retry.ts";
import { openai } from "../../src/providers/openai/index.ts";
import { completion, textChunks } from "./chat-server.ts";
import { sse } from "./fault-server.ts";

// Many calls and streams at once through retry, limit, budget and cache, on a service that fails at random.

/** What a soak came to. */
export interface SoakFigures {
  readonly done: number;
  readonly failed: number;
  readonly refused: number;
  readonly cached: number;
  /** Requests that arrived, and those that responses and errors tell of. */
  readonly served: number;
  readonly told: number;
  /** US dollars: what the service has charged, what the purse says was spent, what it held. */
  readonly charged: number;
  readonly spent: number;
  readonly purse: number;
  /** US dollars still set aside when all has ended. */
  readonly reserved: number;
  /** The most requests that were open at once, and those that are still open. */
  readonly most: number;
  readonly open: number;
  /** Bytes of the heap after a collection, at a fifth of the way and at its end. */
  readonly heap: readonly [early: number, end: number];
}

const concurrency = 32;
const workers = 64;
const maxTokens = 20;
const price = { input: 1, output: 5 };
const used = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const dollars = (used.prompt_tokens * price.input + used.completion_tokens * price.output) / 1e6;

/** Runs it. The purse holds what most of them cost. */
export async function soakLayers(calls: number, streams: number, seed: number): Promise<SoakFigures> {
  const random = randomOf(seed);
  await using service = await startService(random);
  const client = new OpenAI({ apiKey: "sk-secret", baseURL: service.url, maxRetries: 2, logLevel: "off" });
  const wait = () => new Promise<void>((resolve) => setImmediate(resolve));
  const prices = { model: { input: price.input, output: price.output } };
  const usd = (calls + streams) * dollars * 2;
  const purse = budget({ usd, prices });
  const layers: Layer[] = [
    cache(memoryStore({ entries: 200 })),
    retry({ attempts: 3, wait, random }),
    limit({ concurrency, wait }),
    purse,
  ];
  const options = { client, layers, callParams: { max_completion_tokens: maxTokens } };
  const ask = openai.call("model", options, (text: string) => text).with({ prices });
  const tell = openai.call("model", { ...options, stream: true }, (text: string) => text).with({ prices });
  const sum = { done: 0, failed: 0, refused: 0, cached: 0, told: 0 };

  const errors = new WeakSet();
  const failed = (error: unknown) => {
    // Those who waited for one request of the cache's share its error.
    if (!errors.has(error as object)) sum.told += attemptsOf(error).length;
    errors.add(error as object);
    if (error instanceof BudgetError) sum.refused++;
    else sum.failed++;
  };
  const call = async (text: string) => {
    const response = await ask(text);
    sum.told += response.total.requests;
    if (response.cached) sum.cached++;
    if (response.content !== text.toUpperCase()) throw new Error(`${text} was answered with ${response.content}.`);
  };
  const stream = async (text: string) => {
    const events = tell(text);
    let content = "";
    const leaves = random() < 0.1;
    for await (const [chunk] of events) {
      content += chunk.content;
      if (leaves) break;
    }
    // A stream that was left has no total, but it tells what was tried and received.
    sum.told += events.attempts.length + (events.cached ? 0 : 1);
    if (events.cached) sum.cached++;
    if (!leaves && content !== text.toUpperCase()) throw new Error(`${text} was answered with ${content}.`);
  };

  let next = 0;
  const all = calls + streams;
  const every = Math.round(all / streams);
  const work = async (until: number) => {
    while (next < until) {
      const index = next++;
      const text = random() < 0.2 ? `common ${Math.floor(random() * 100)}` : `row ${index}`;
      try {
        await (index % every === 0 ? stream(text) : call(text));
        sum.done++;
      } catch (error) {
        failed(error);
      }
    }
  };
  const run = (until: number) => Promise.all(Array.from({ length: workers }, () => work(until)));
  await run(Math.floor(all / 5));
  const early = heapAfterCollection();
  await run(all);
  const end = heapAfterCollection();
  await service.quiet();
  return {
    ...sum,
    served: service.served,
    charged: service.charged,
    spent: purse.spent.usd,
    purse: usd,
    reserved: purse.reserved.usd,
    most: service.most,
    open: service.open,
    heap: [early, end],
  };
}

/** What must hold of it, each as a sentence where it does not. */
export function faultsOf(figures: SoakFigures, asked: number): string[] {
  const { done, failed, refused, served, told, charged, spent, purse, reserved, most, open, heap } = figures;
  const growth = heap[1] - heap[0];
  return [
    done + failed + refused !== asked && `${done} + ${failed} + ${refused} ended of ${asked}`,
    served !== told && `${served} requests arrived, ${told} are told of`,
    charged > spent + 1e-9 && `$${charged} was charged, $${spent} is in the books`,
    spent > purse + 1e-9 && `$${spent} was spent of $${purse}`,
    reserved !== 0 && `$${reserved} is still set aside`,
    most > concurrency && `${most} requests were open at once`,
    open !== 0 && `${open} requests are still open`,
    refused === 0 && "the purse never ran dry",
    growth > 12 * 2 ** 20 && `the heap has grown by ${growth} bytes`,
  ].filter((fault) => fault !== false);
}

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function startService(random: () => number) {
  const state = { served: 0, charged: 0, open: 0, most: 0 };
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    state.served++;
    state.most = Math.max(state.most, ++state.open);
    response.once("close", () => state.open--);
    const body = JSON.parse(await readText(request)) as { stream?: boolean; messages: { content: string }[] };
    const said = (body.messages[0]?.content ?? "").toUpperCase();
    const chance = random();
    if (chance < 0.08) return refuse(response, 429, { "retry-after-ms": "1" });
    if (chance < 0.14) return refuse(response, 503);
    if (chance < 0.16) return refuse(response, 400);
    // What follows was worked for, and is charged, whether it arrives or not.
    state.charged += dollars;
    if (chance < 0.2) return void response.destroy();
    if (body.stream) return streamed(response, said, chance);
    const text = JSON.stringify(completion({ content: said, usage: used }));
    response.writeHead(200, { "content-type": "application/json", "content-length": String(text.length) });
    if (chance < 0.22) return void response.write(text.slice(0, 40), () => response.destroy());
    response.end(text);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    get served() {
      return state.served;
    },
    get charged() {
      return state.charged;
    },
    get open() {
      return state.open;
    },
    get most() {
      return state.most;
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Waits until the last connections that clients have left are seen to be closed, a second at most. */
    async quiet() {
      for (let tries = 0; state.open > 0 && tries < 100; tries++) await new Promise((done) => setTimeout(done, 10));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ error: { message: "No.", type: "error", param: null, code: null } }));
}

function streamed(response: ServerResponse, said: string, chance: number): void {
  const events = sse(...textChunks(...said.split(/(?<= )/)), "[DONE]");
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (chance < 0.24) response.write(events[0], () => response.destroy());
  else if (chance < 0.28) response.end(events.slice(0, 1).join(""));
  else response.end(events.join(""));
}
