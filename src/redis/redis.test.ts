import { spawn } from "node:child_process";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completion, startChat } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { type RedisServer, redisPresent, startRedis } from "../../test/support/redis-server.ts";
import type { Work } from "../../test/support/redis-worker.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { budget } from "../layers/budget.ts";
import { limit } from "../layers/limit.ts";
import { openai } from "../providers/openai/index.ts";
import { commandsOf, type IORedisClient, type RedisClient, toScript } from "./client.ts";
import { redis } from "./index.ts";
import { takeScript } from "./scripts.ts";

const program = join(import.meta.dirname, "../../test/support/redis-worker.ts");
const json = { "content-type": "application/json" };
const answer = JSON.stringify(completion({ content: "Dune" }));

/** Starts a process of its own; `ended` is what it printed. */
function startWorker(work: Work) {
  const child = spawn(process.execPath, [program, JSON.stringify(work)], { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (data: Buffer) => {
    printed += data.toString();
  });
  const ended = new Promise<{ answered: number; refused: number; stopped: number }>((resolve) => {
    child.once("exit", () => resolve(JSON.parse(printed)));
  });
  return { ended, stop: () => child.stdin.write("stop\n") };
}

function onServer(): void {
  let server: RedisServer;
  let clients: { readonly redis: RedisClient; readonly ioredis: RedisClient };
  let close: () => Promise<void>;

  beforeAll(async () => {
    server = await startRedis();
    const node = await createClient({ url: server.url }).connect();
    const io = new Redis(server.url);
    clients = { redis: node, ioredis: io };
    close = async () => {
      await node.close();
      await io.quit();
    };
  });
  afterAll(async () => {
    await close();
    await server[Symbol.asyncDispose]();
  });

  describe.each(["redis", "ioredis"] as const)("by the package %s", (kind) => {
    const storeOf = (name: string, more = {}) => redis(clients[kind], { name: `${kind} ${name}`, ...more });

    test("requests start so many in a window, in order; a pause holds everybody; who gives up leaves no hole", async () => {
      const [one, two] = [storeOf("order"), storeOf("order")];
      const rates = { requests: 2, tokens: undefined };
      expect(await one.take({ id: "a", tokens: 0 }, rates)).toBe(0);
      expect(await two.take({ id: "b", tokens: 0 }, rates)).toBe(0);
      for (const id of ["c", "d"]) expect(await one.take({ id, tokens: 0 }, rates)).toBeGreaterThan(0);
      const wide = { requests: 4, tokens: undefined };
      // There is room, but not for the second in the queue.
      expect(await two.take({ id: "d", tokens: 0 }, wide)).toBeGreaterThan(0);
      await one.cancel("c");
      expect(await two.take({ id: "d", tokens: 0 }, wide)).toBe(0);
      await two.pause(40_000);
      await two.pause(1);
      expect(await one.take({ id: "e", tokens: 0 }, wide)).toBe(1_000);
    });

    test("tokens are taken by estimate and corrected", async () => {
      const store = storeOf("tokens");
      const rates = { requests: undefined, tokens: 100 };
      expect(await store.take({ id: "a", tokens: 90 }, rates)).toBe(0);
      expect(await store.take({ id: "b", tokens: 20 }, rates)).toBeGreaterThan(0);
      await store.settle("a", undefined);
      expect(await store.take({ id: "b", tokens: 20 }, rates)).toBeGreaterThan(0);
      await store.settle("a", 80);
      await store.settle("unknown", 9);
      expect(await store.take({ id: "b", tokens: 20 }, rates)).toBe(0);
      expect(await store.take({ id: "c", tokens: 1 }, rates)).toBeGreaterThan(0);
    });

    test("no window is overrun, by the server's own clock", async () => {
      const commands = commandsOf(clients[kind]);
      const keys = ["starts", "tokens", "facts", "queue", "seen"].map((name) => `{${kind} raw}:${name}`);
      const script = toScript(takeScript);
      const scores = new Map<string, number>();
      const span = 60;
      const start = async (id: string) => {
        for (;;) {
          const ms = Number(await commands.run(script, keys, [id, "7", "3", "30", String(span), "1000"]));
          if (ms === 0) break;
          await new Promise((resolve) => setTimeout(resolve, ms));
        }
        const text = 'return redis.call("ZSCORE", KEYS[1], ARGV[1])';
        scores.set(id, Number(await commands.run(toScript(text), keys.slice(0, 1), [id])));
      };
      await Promise.all(Array.from({ length: 12 }, (_, index) => start(`r${index}`)));
      const times = [...scores.values()].sort((a, b) => a - b);
      expect(times).toHaveLength(12);
      // Three of 7 tokens fit into 30 as well: each fourth is a window later.
      for (const [index, time] of times.entries()) {
        const third = times[index + 3];
        if (third !== undefined) expect(third - time).toBeGreaterThan(span);
      }
    });

    test("a purse is reserved and settled, each once; its amounts are exact", async () => {
      const store = storeOf("purse");
      const limits = { nanos: 9_000_000_000_000_001, tokens: 10, requests: undefined };
      const worst = { nanos: 9_000_000_000_000_000, tokens: 5, requests: 1 };
      expect(await store.reserve("a", worst, limits)).toEqual({
        fits: true,
        spent: { nanos: 0, tokens: 0, requests: 0 },
        reserved: worst,
      });
      expect(await store.reserve("b", { nanos: 2, tokens: 1, requests: 1 }, limits)).toMatchObject({ fits: false });
      const used = { nanos: 9_000_000_000_000_000 - 1, tokens: 2, requests: 1 };
      const after = { spent: used, reserved: { nanos: 0, tokens: 0, requests: 0 } };
      expect(await store.settle("a", used)).toEqual(after);
      expect(await store.settle("a", used)).toEqual(after);
      expect(await store.state()).toEqual(after);
      expect(await store.reserve("b", { nanos: 2, tokens: 1, requests: 1 }, limits)).toMatchObject({ fits: true });
    });

    test("a purse of a span is full again in the next one; that of a day is another's for another name", async () => {
      const short = storeOf("span", { window: 1 });
      const limits = { nanos: undefined, tokens: undefined, requests: 1 };
      const one = { nanos: 0, tokens: 0, requests: 1 };
      await short.reserve("a", one, limits);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await short.reserve("b", one, limits)).toMatchObject({ fits: true, reserved: { requests: 1 } });
      const ada = storeOf("ada", { window: "day" });
      const bob = storeOf("bob", { window: "day" });
      expect(await ada.reserve("a", one, limits)).toMatchObject({ fits: true });
      expect(await ada.reserve("b", one, limits)).toMatchObject({ fits: false });
      expect(await bob.reserve("c", one, limits)).toMatchObject({ fits: true });
      // A name cannot be written so that it is another's.
      const sly = storeOf("ada}:budget", { window: "day" });
      expect(await sly.reserve("d", one, limits)).toMatchObject({ fits: true });
      const other = redis(clients[kind], { prefix: "other", name: `${kind} ada`, window: "day" });
      expect(await other.reserve("e", one, limits)).toMatchObject({ fits: true });
    });

    test("a cache keeps text for as long as it is told", async () => {
      const store = storeOf("cache");
      expect(await store.get("k")).toBeUndefined();
      await store.set("k", "v");
      await store.set("short", "v", 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect([await store.get("k"), await store.get("short")]).toEqual(["v", undefined]);
    });

    test("calls go through it; the script is loaded anew where the server forgot it", async () => {
      await using chat = await startChat(completion({ content: "Dune" }));
      const store = storeOf("calls");
      const purse = budget({ usd: 1, store });
      const layers = [limit({ requestsPerMinute: 50, tokensPerMinute: 90_000, store }), purse];
      const options = { client: chat.client, layers, callParams: { max_tokens: 50 } };
      const call = openai.call("gpt-4o-mini", options, (text: string) => text);
      await call("hi");
      await (clients.ioredis as IORedisClient).call("SCRIPT", "FLUSH");
      const { cost } = await call("hi");
      await purse.refresh();
      expect(purse.spent).toEqual({ usd: expect.closeTo(2 * (cost ?? Number.NaN), 9), tokens: 30, requests: 2 });
    });

    test("two processes keep one limit of requests, and one of tokens", { timeout: 60_000 }, async () => {
      for (const kept of [{ requestsPerMinute: 12 }, { tokensPerMinute: 700 }]) {
        const most = 12;
        await using llm = await fault.startServer((given) => {
          const usage = { prompt_tokens: 8, completion_tokens: 50, total_tokens: 58 };
          given.send(200, json, JSON.stringify(completion({ content: "x", usage })));
        });
        const name = `${kind} ${Object.keys(kept)[0]}`;
        const work = { redisPort: server.port, url: llm.url, name, calls: 20, limit: kept };
        const workers = [startWorker({ ...work, kind }), startWorker({ ...work, kind: "redis" })];
        await expect.poll(() => llm.requests.length, { timeout: 20_000 }).toBe(most);
        for (const { stop } of workers) stop();
        const ended = await Promise.all(workers.map((worker) => worker.ended));
        expect(llm.requests).toHaveLength(most);
        const sum = (key: "answered" | "stopped") => ended.reduce((total, one) => total + one[key], 0);
        expect([sum("answered"), sum("stopped")]).toEqual([most, 40 - most]);
      }
    });

    test("two processes never overspend one purse, whatever fails", { timeout: 60_000 }, async () => {
      const statuses = [200, 500, 200, 429, 200, 400];
      await using llm = await fault.startServer((given) => {
        const status = statuses[given.index % statuses.length] ?? 200;
        given.send(status, json, status === 200 ? answer : "{}");
      });
      const name = `${kind} shared purse`;
      const work = { redisPort: server.port, url: llm.url, name, calls: 150, budget: { usd: 0.002, requests: 120 } };
      const workers = [startWorker({ ...work, kind }), startWorker({ ...work, kind: "ioredis" })];
      const ended = await Promise.all(workers.map((worker) => worker.ended));
      const purse = budget({ usd: 0.002, requests: 120, store: redis(clients[kind], { name }) });
      await purse.refresh();
      expect(purse.reserved).toEqual({ usd: 0, tokens: 0, requests: 0 });
      expect(purse.spent.usd).toBeLessThanOrEqual(0.002);
      expect(purse.spent.requests).toBeLessThanOrEqual(120);
      expect(llm.requests).toHaveLength(purse.spent.requests);
      expect(ended.every(({ refused }) => refused > 0)).toBe(true);
    });
  });
}

describe("on a server", () => {
  const sentence = "There is no redis-server on this machine: apt-get install redis-server.";
  if (redisPresent) onServer();
  else test.skip(sentence, () => {});
});

test.each<[client: unknown, options: object, message: string]>([
  [{}, {}, "takes a client of the package `redis` (createClient) or `ioredis`"],
  [undefined, {}, "takes a client of the package `redis`"],
  ["redis://localhost", {}, "it was given a string"],
  [{ call() {}, evalsha() {} }, { nam: "x" }, 'no option "nam"'],
  [{ call() {}, evalsha() {} }, { name: "" }, "`name` of redis() is a text"],
  [{ call() {}, evalsha() {} }, { prefix: 1 }, "`prefix` of redis() is a text"],
  [{ call() {}, evalsha() {} }, { window: "week" }, '`window` of redis() is "day"'],
  [{ call() {}, evalsha() {} }, { window: 0 }, '`window` of redis() is "day"'],
])("what makes no sense is refused: %j %j", async (client, options, message) => {
  const error = await thrownBy(() => redis(client as RedisClient, options));
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as Error).message).toContain(message);
});
