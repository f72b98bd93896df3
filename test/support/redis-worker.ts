import { Redis } from "ioredis";
import OpenAI from "openai";
import { createClient } from "redis";
import { attemptsOf, budget, limit, retry } from "../../src/index.ts";
import { openai } from "../../src/providers/openai/index.ts";
import { redis } from "../../src/redis/index.ts";

// One of several processes that share their books: makes calls, and prints how they ended.

/** What it is to do, as JSON. */
export interface Work {
  readonly kind: "redis" | "ioredis";
  readonly redisPort: number;
  readonly url: string;
  readonly name: string;
  readonly calls: number;
  readonly limit?: { readonly requestsPerMinute?: number; readonly tokensPerMinute?: number };
  readonly budget?: { readonly usd?: number; readonly requests?: number };
}

const work = JSON.parse(process.argv[2] ?? "{}") as Work;
const url = `redis://127.0.0.1:${work.redisPort}`;
const connection = work.kind === "redis" ? await createClient({ url }).connect() : new Redis(url);
const store = redis(connection, { name: work.name });
const layers = [
  retry({ wait: async () => {}, attempts: 2 }),
  ...(work.limit ? [limit({ ...work.limit, store })] : []),
  ...(work.budget ? [budget({ ...work.budget, store })] : []),
];
const client = new OpenAI({ apiKey: "k", baseURL: work.url, logLevel: "off" });
const controller = new AbortController();
const call = openai
  .call("gpt-4o-mini", { client, layers, callParams: { max_tokens: 50 } }, (text: string) => text)
  .with({ signal: controller.signal });
process.stdin.once("data", () => controller.abort(new Error("stopped")));
const ended = await Promise.allSettled(Array.from({ length: work.calls }, (_, index) => call(String(index))));
const count = (test: (error: unknown) => boolean) =>
  ended.filter((one) => one.status === "rejected" && test(one.reason)).length;
console.log(
  JSON.stringify({
    answered: ended.filter(({ status }) => status === "fulfilled").length,
    refused: count((error) => (error as Error).name === "BudgetError"),
    stopped: count((error) => (error as Error).message === "stopped" && attemptsOf(error).length === 0),
  }),
);
process.stdin.destroy();
await ("quit" in connection ? connection.quit() : undefined);
