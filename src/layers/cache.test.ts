import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenerateContentResponse } from "@google/genai";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import * as claude from "../../test/support/anthropic-server.ts";
import { completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import * as google from "../../test/support/gemini-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { ConfigError, TimeoutError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { gemini } from "../providers/gemini/index.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { budget } from "./budget.ts";
import { cache } from "./cache.ts";
import type { CacheStore } from "./cache-store.ts";
import { memoryStore } from "./memory-store.ts";
import { observe } from "./observe.ts";
import { retry } from "./retry.ts";
import { sqliteStore } from "./sqlite-store.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const model = "gpt-4o-mini";
const Book = z.object({ title: z.string() });

/** A store that shows what lies in it. */
function open() {
  const kept = new Map<string, string>();
  const store: CacheStore = { get: (key) => kept.get(key), set: (key, value) => kept.set(key, value) };
  return { kept, store, layers: [cache(store)] };
}

async function slowServer(body: object, ms = 30) {
  const server = await fault.startServer(async (answer) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    answer.send(200, json, JSON.stringify(body));
  });
  const client = new OpenAI({ apiKey: "sk-secret", baseURL: server.url, maxRetries: 0 });
  return { server, client, [Symbol.asyncDispose]: () => server.close() };
}

describe("a cache", () => {
  test("gives the same request its answer again: it cost nothing, says so, and holds no header and no key", async () => {
    await using server = await startChat(completion({ content: "Dune" }), completion({ content: "Emma" }));
    const { kept, layers } = open();
    const call = openai.call(model, { client: server.client, layers }, say).with({ headers: { "x-key": "sk-mine" } });
    const first = await call("hi");
    const second = await call("hi");
    expect(first).toMatchObject({ content: "Dune", cached: false });
    expect(second).toMatchObject({ content: "Dune", cached: true, cost: 0, inputTokens: 10, head: undefined });
    expect(second.total).toMatchObject({ cost: 0 });
    expect(second.costDetails?.entry?.source).toBe("cache");
    expect(second.response).toEqual(first.response);
    expect(second.response).not.toBe(first.response);
    expect(server.bodies).toEqual([{ model, messages: [{ role: "user", content: "hi" }] }]);
    const stored = JSON.stringify([...kept]);
    expect(stored).not.toMatch(/sk-|secret|header|localhost|127\.0/);
    expect((await call("bye")).content).toBe("Emma");
    expect(kept.size).toBe(2);
  });

  test("tells apart provider, model, address, parameters, and a stream from a whole answer", async () => {
    await using server = await startChat(completion({ content: "x" }), completion({ content: "y" }));
    await using other = await startChat(completion({ content: "z" }));
    const { layers } = open();
    const call = openai.call(model, { client: server.client, layers }, say);
    await call("hi");
    await call.with({ model: "gpt-4o" })("hi");
    await call.with({ callParams: { temperature: 0 } })("hi");
    expect(server.requests).toHaveLength(3);
    expect((await call.with({ client: other.client })("hi")).content).toBe("z");
    expect((await call.with({ client: other.client })("hi")).cached).toBe(true);
    expect(other.requests).toHaveLength(1);
  });

  test("keeps neither what was cut, refused or filtered nor what does not fit the response model", async () => {
    const answers = [
      completion({ content: "Half", finish: "length" }),
      completion({ content: null, refusal: "No." }),
      completion({ content: "", finish: "content_filter" }),
    ];
    for (const answer of answers) {
      await using server = await startChat(answer);
      const { kept, layers } = open();
      const call = openai.call(model, { client: server.client, layers }, say);
      await call("hi");
      await call("hi");
      expect([kept.size, server.requests.length]).toEqual([0, 2]);
    }
    await using server = await startChat(completion({ content: "{}" }), completion({ content: '{"title":"Dune"}' }));
    const { kept, layers } = open();
    const options = { client: server.client, layers, responseModel: Book, jsonMode: true } as const;
    const call = openai.call(model, options, say);
    await thrownBy(() => call("hi"));
    expect(kept.size).toBe(0);
    expect(await call("hi")).toEqual({ title: "Dune" });
    const { value, response } = await call("hi").withResponse();
    expect([value, response.cached, server.requests.length]).toEqual([{ title: "Dune" }, true, 2]);
    // A stricter model asks anew, where what is kept does not fit it.
    const strict = Book.refine(({ title }) => title === "Emma");
    await thrownBy(() => openai.call(model, { ...options, responseModel: strict }, say)("hi"));
    expect(server.requests).toHaveLength(3);
    expect(kept.size).toBe(1);
  });

  test("keeps no error, and works with retry, validation retries and a budget inside", async () => {
    const good = JSON.stringify(completion({ content: '{"title":"Dune"}' }));
    const bad = JSON.stringify(completion({ content: "no" }));
    const handler = fault.inTurn(fault.status(500), fault.status(200, bad, json), fault.status(200, good, json));
    await using server = await fault.startServer(handler);
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const { kept, store } = open();
    const purse = budget({ requests: 3 });
    const layers = [retry({ wait: async () => {} }), cache(store), purse];
    const options = { client, layers, responseModel: Book, jsonMode: true, retries: { validation: 1 } } as const;
    const call = openai.call(model, options, say);
    expect(await call("hi")).toEqual({ title: "Dune" });
    // The answer to the re-ask is kept; that which did not fit is not, and nothing is sent for what is kept.
    expect([kept.size, purse.spent.requests]).toEqual([1, 3]);
    expect(server.requests).toHaveLength(3);
  });

  test("forgets by its ttl, also where the store does not", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const { kept, store } = open();
    const call = openai.call(model, { client: server.client, layers: [cache(store, { ttl: 60_000 })] }, say);
    const begun = Date.now();
    await call("hi");
    expect((await call("hi")).cached).toBe(true);
    for (const [key, text] of kept) {
      const { until } = JSON.parse(text) as { until: number };
      expect(until - begun).toBeGreaterThanOrEqual(60_000);
      kept.set(key, text.replace(String(until), String(Date.now() - 1)));
    }
    expect((await call("hi")).cached).toBe(false);
  });

  test("takes a key of one's own in place of the request, and leaves out what has none", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const key = cache(memoryStore(), { key: ({ prepared }) => (prepared.fnArgs[0] === "no" ? undefined : "same") });
    const call = openai.call(model, { client: server.client, layers: [key] }, say);
    await call("hi");
    expect((await call("bye")).cached).toBe(true);
    await call("no");
    expect((await call("no")).cached).toBe(false);
    expect((await call.with({ model: "gpt-4o" })("hi")).cached).toBe(false);
    const streamed = openai.call(model, { stream: true, client: server.client, layers: [key] }, say);
    await using events = await startChat(textChunks("x"));
    for (let turn = 0; turn < 2; turn++) {
      const stream = streamed.with({ client: events.client })("no");
      await collect(stream);
      expect(stream.constructCallResponse().cached).toBe(false);
    }
    expect(events.requests).toHaveLength(2);
  });

  test("sends once what is asked at once; one caller's abort or time limit leaves it to the others", async () => {
    await using slow = await slowServer(completion({ content: "Dune" }));
    const { layers } = open();
    const call = openai.call(model, { client: slow.client, layers }, say);
    const responses = await Promise.all(Array.from({ length: 10 }, () => call("hi")));
    expect(slow.server.requests).toHaveLength(1);
    expect(responses.map(({ content }) => content)).toEqual(Array(10).fill("Dune"));
    expect(responses.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(new Set(responses.map(({ response }) => response)).size).toBe(10);
    const controller = new AbortController();
    const reason = new Error("enough");
    const leader = call.with({ signal: controller.signal })("bye");
    const [second, third] = [call("bye"), call("bye")];
    while (slow.server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const hasty = call.with({ timeout: 5 })("bye");
    controller.abort(reason);
    expect(await thrownBy(() => leader)).toBe(reason);
    expect(await thrownBy(() => hasty)).toBeInstanceOf(TimeoutError);
    // Whoever waits first then has paid.
    expect([(await second).cached, (await third).cached]).toEqual([false, true]);
    expect((await second).cost).toBeGreaterThan(0);
    expect(slow.server.requests).toHaveLength(2);
  });

  test("ends a request that nobody waits for any more", async () => {
    await using server = await fault.startServer(fault.hang);
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const { kept, layers } = open();
    const call = openai.call(model, { client, layers }, say);
    const controllers = [new AbortController(), new AbortController()];
    const pending = controllers.map(({ signal }) => call.with({ signal })("hi"));
    const caught = pending.map((one) => thrownBy(() => one));
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    for (const controller of controllers) controller.abort();
    await Promise.all(caught);
    await server.clientClosed;
    expect([server.requests.length, kept.size]).toEqual([1, 0]);
    expect(await thrownBy(() => call.with({ deadline: 20 })("hi"))).toBeInstanceOf(TimeoutError);
  });

  test("hands an error to all who wait, and asks again afterwards", async () => {
    const whole = JSON.stringify(completion({ content: "x" }));
    await using server = await fault.startServer(fault.inTurn(fault.status(429), fault.status(200, whole, json)));
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const call = openai.call(model, { client, layers: open().layers }, say);
    const errors = await Promise.all([1, 2].map(() => thrownBy(() => call("hi"))));
    expect(errors[0]).toBeInstanceOf(OpenAI.RateLimitError);
    expect(errors[1]).toBe(errors[0]);
    expect((await call("hi")).content).toBe("x");
  });

  test("whose store fails or holds nonsense does not fail the call", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const fail = () => Promise.reject(new Error("down"));
    const stores: CacheStore[] = [
      { get: fail, set: fail },
      ...["", "{", "null", '{"version":2}', '{"version":1,"until":null,"response":7}', "7"].map((text) => {
        return { get: () => text, set: () => undefined };
      }),
      { get: () => '{"version":1,"until":null,"response":{"object":"page"}}', set: () => undefined },
    ];
    for (const store of stores) {
      const call = openai.call(model, { client: server.client, layers: [cache(store)] }, say);
      expect(await call("hi")).toMatchObject({ content: "x", cached: false });
    }
    expect(server.requests).toHaveLength(stores.length);
  });

  test("serves the steps of a tool loop", async () => {
    let ran = 0;
    const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => a + ++ran });
    const asks = completion({ tool_calls: [toolCall("add", { a: 1 })] });
    await using server = await startChat(asks, completion({ content: "Done." }), completion({ content: "Other." }));
    const { layers } = open();
    const loop = toolLoop(openai.call(model, { client: server.client, layers, tools: [add] }, say));
    await loop("go");
    const again = await loop("go");
    // The tool gave something else: only the first step is the same.
    expect(again.responses.map(({ cached }) => cached)).toEqual([true, false]);
    expect(again.cost).toBe(again.responses[1]?.cost);
  });

  test("keeps Gemini's responses without the headers of the connection, and gives them as the SDK's class", async () => {
    const named = { ...json, "x-goog-api-client": "sk-header" };
    await using server = await google.serve(fault.status(200, JSON.stringify(google.answer()), named));
    const { kept, layers } = open();
    const call = gemini.call(google.asked, { client: server.client, layers }, say);
    const first = await call("hi");
    expect(first.response.sdkHttpResponse?.headers).toMatchObject({ "x-goog-api-client": "sk-header" });
    const second = await call("hi");
    expect(second.response).toBeInstanceOf(GenerateContentResponse);
    expect([second.response.text, second.cached]).toEqual(["Hello", true]);
    expect(JSON.stringify([...kept])).not.toMatch(/sdkHttp|sk-header/);
    expect(JSON.stringify(await call.with({ layers: [] }).send(await call.prepare("hi")))).not.toContain("sk-header");
    await using events = await google.serve(
      fault.status(200, google.hello.join(""), {
        "content-type": "text/event-stream",
        "x-goog-api-client": "sk-header",
      }),
    );
    const streamed = gemini.call(google.asked, { stream: true, client: events.client, layers }, say);
    for (const cached of [false, true]) {
      const stream = streamed("hi");
      const steps = await collect(stream);
      expect(steps.map(([chunk]) => chunk.content)).toEqual(["Hello", " world", "!"]);
      for (const [{ chunk }] of steps) expect(chunk).toBeInstanceOf(GenerateContentResponse);
      expect(stream.constructCallResponse()).toMatchObject({ content: "Hello world!", cached });
    }
    expect(events.server.requests).toHaveLength(1);
    expect(JSON.stringify([...kept])).not.toMatch(/sdkHttp|sk-header/);
  });

  test("that makes no sense is refused", () => {
    expect(() => cache({} as never)).toThrow("needs a store with `get` and `set`");
    expect(() => cache(undefined as never)).toThrow(ConfigError);
    expect(() => cache(memoryStore(), { tll: 1 } as never)).toThrow('"tll"');
    expect(() => cache(memoryStore(), { ttl: -1 })).toThrow("`ttl` is a number from 0");
    expect(() => cache(memoryStore(), { key: "x" as never })).toThrow("`key` is a function");
    expect(() => memoryStore({ entries: 0 })).toThrow("`entries` is a whole number from 1");
    expect(() => memoryStore({ size: 1 } as never)).toThrow('"size"');
    expect(() => sqliteStore("")).toThrow("needs the path of a file");
  });
});

describe("a cache of streams", () => {
  test("gives the events again, as they came", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const { kept, layers } = open();
    const call = openai.call(model, { stream: true, client: server.client, layers }, say);
    const streams = [call("hi"), call("hi")] as const;
    const [first, second] = [await collect(streams[0]), await collect(streams[1])];
    expect(second.map(([{ chunk }]) => chunk)).toEqual(first.map(([{ chunk }]) => chunk));
    expect(first.map(([{ chunk }]) => chunk)).toEqual(textChunks("Du", "ne"));
    expect([streams[0].cost, streams[1].cost]).toEqual([expect.any(Number), 0]);
    expect(streams[0].cost).toBeGreaterThan(0);
    expect(streams[1].constructCallResponse()).toMatchObject({ content: "Dune", cached: true, outputTokens: 5 });
    expect(server.requests).toHaveLength(1);
    expect(JSON.stringify([...kept])).not.toMatch(/sk-|header/);
  });

  test("gives structured values and tool calls again, on another provider", async () => {
    const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => a + 1 });
    const events = [
      claude.messageStart,
      ...claude.textEvents(0, "Let me see"),
      ...claude.toolEvents(1, "t1", "add", '{"a"', ":1}"),
      ...claude.endEvents("tool_use"),
    ];
    const stream = fault.status(200, claude.eventStream(...events).join(""), { "content-type": "text/event-stream" });
    await using server = await claude.serve(stream);
    const { layers } = open();
    const call = anthropic.call("claude-haiku-4-5", { stream: true, tools: [add], client: server.client, layers }, say);
    for (const cached of [false, true]) {
      const asked = call("hi");
      const uses = (await collect(asked)).flatMap(([, use]) => use ?? []);
      expect(uses.map(({ args }) => args)).toEqual([{ a: 1 }]);
      expect(asked.constructCallResponse()).toMatchObject({ content: "Let me see", cached });
    }
    expect(server.server.requests).toHaveLength(1);
    await using chat = await startChat(textChunks('{"title":', '"Dune"}'), textChunks('{"title":', "7}"));
    const options = { stream: true, responseModel: Book, jsonMode: true, client: chat.client, layers } as const;
    const growing = openai.call(model, options, say);
    for (let turn = 0; turn < 2; turn++) expect((await collect(growing("hi"))).at(-1)).toEqual({ title: "Dune" });
    expect(chat.requests).toHaveLength(1);
    // What does not fit is not kept.
    for (let turn = 0; turn < 2; turn++) await thrownBy(() => collect(growing("bye")));
    expect(chat.requests).toHaveLength(3);
  });

  test("is watched like any other", async () => {
    await using server = await startChat(textChunks("Dune"));
    const seen: unknown[] = [];
    const watched = observe({ response: ({ content }, _, left) => void seen.push([content, left]) });
    const layers = [watched, ...open().layers];
    const call = openai.call(model, { stream: true, client: server.client, layers }, say);
    for (let turn = 0; turn < 2; turn++) await collect(call("hi"));
    expect(seen).toEqual([
      ["Dune", false],
      ["Dune", false],
    ]);
  });

  test("keeps none that broke or was left", async () => {
    const whole = textChunks("Du", "ne");
    await using server = await startChat(whole.slice(0, 1), whole);
    const { kept, layers } = open();
    const call = openai.call(model, { stream: true, client: server.client, layers }, say);
    expect(await thrownBy(() => collect(call("hi")))).toMatchObject({ code: "stream_ended_early" });
    const left = call("hi");
    for await (const _ of left) break;
    expect([kept.size, left.content, left.cost]).toEqual([0, "Du", undefined]);
    expect(left.partialResponse?.cost).toBeUndefined();
    expect((await collect(call("hi"))).length).toBe(4);
    expect([kept.size, server.requests.length]).toEqual([1, 3]);
  });

  test("reads one stream for all who ask at once; who leaves leaves it to the others", async () => {
    let go = () => {};
    const more = new Promise<void>((resolve) => {
      go = resolve;
    });
    const [first = "", ...rest] = fault.sse(...textChunks("Du", "ne"), "[DONE]");
    await using server = await fault.startServer(async (answer) => {
      answer.head(200, { "content-type": "text/event-stream" });
      await answer.write(first);
      await more;
      await answer.write(rest.join(""));
      answer.end();
    });
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const { layers } = open();
    const call = openai.call(model, { stream: true, client, layers }, say);
    const streams = [call("hi"), call("hi"), call("hi")] as const;
    const steps = streams.map((stream) => stream[Symbol.asyncIterator]());
    const begun = await Promise.all(steps.map((one) => one.next()));
    expect(begun.map(({ value }) => value?.[0].content)).toEqual(["Du", "Du", "Du"]);
    const pending = steps[0]?.next();
    await steps[0]?.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    go();
    for (const one of steps.slice(1)) while (!(await one.next()).done);
    expect(streams.map(({ content }) => content)).toEqual(["Du", "Dune", "Dune"]);
    const [, second, third] = streams;
    expect([second.constructCallResponse().cached, third.constructCallResponse().cached]).toEqual([false, true]);
    expect([second.cost === 0, third.cost]).toEqual([false, 0]);
    expect(server.requests).toHaveLength(1);
  });

  test("closes the connection when the last has left, by an abort too", async () => {
    const [first = ""] = fault.sse(...textChunks("Du"));
    await using server = await fault.startServer(async (answer) => {
      answer.head(200, { "content-type": "text/event-stream" });
      await answer.write(first);
    });
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const call = openai.call(model, { stream: true, client, layers: open().layers }, say);
    const controller = new AbortController();
    const reason = new Error("enough");
    const [one, two] = [call("hi"), call.with({ signal: controller.signal })("hi")];
    const [left, aborted] = [one[Symbol.asyncIterator](), two[Symbol.asyncIterator]()];
    await Promise.all([left.next(), aborted.next()]);
    const pending = aborted.next();
    await left.return?.();
    controller.abort(reason);
    expect(await thrownBy(() => pending)).toBeDefined();
    await server.clientClosed;
    expect(await thrownBy(() => collect(call.with({ deadline: 30 })("bye")))).toBeInstanceOf(TimeoutError);
  });
});

describe("stores", () => {
  test("in memory forget what was asked for least recently, and what is too old", async () => {
    const store = memoryStore({ entries: 2 });
    store.set("a", "1", undefined);
    store.set("b", "2", undefined);
    expect(store.get("a")).toBe("1");
    store.set("c", "3", undefined);
    expect(["a", "b", "c"].map((key) => store.get(key))).toEqual(["1", undefined, "3"]);
    store.set("c", "4", 0);
    expect([store.get("c"), store.size]).toEqual([undefined, 1]);
    store.clear();
    expect(store.size).toBe(0);
    const wide = memoryStore();
    for (let index = 0; index < 1_100; index++) wide.set(String(index), "x", undefined);
    expect(wide.size).toBe(1_000);
  });

  test("of SQLite are there again when the file is opened, and shared", async () => {
    const folder = await mkdtemp(join(tmpdir(), "callscope-cache-"));
    try {
      const path = join(folder, "cache.db");
      await using server = await startChat(completion({ content: "Dune" }), textChunks("Em", "ma"));
      const call = openai.call(model, { client: server.client }, say);
      const streamed = openai.call(model, { stream: true, client: server.client }, say);
      {
        using store = sqliteStore(path);
        using other = sqliteStore(path);
        await call.with({ layers: [cache(store, { ttl: 60_000 })] })("hi");
        await collect(streamed.with({ layers: [cache(store)] })("hi"));
        expect((await call.with({ layers: [cache(other)] })("hi")).cached).toBe(true);
        store.set("old", "x", 0);
        expect(store.get("old")).toBeUndefined();
      }
      using store = sqliteStore(path);
      expect(await call.with({ layers: [cache(store)] })("hi")).toMatchObject({ content: "Dune", cached: true });
      const stream = streamed.with({ layers: [cache(store)] })("hi");
      await collect(stream);
      expect([stream.content, stream.cost, server.requests.length]).toEqual(["Emma", 0, 2]);
      expect((await readFile(path)).includes("sk-secret")).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("of SQLite say so where the runtime has none", () => {
    const { getBuiltinModule } = process;
    try {
      process.getBuiltinModule = (() => undefined) as never;
      expect(() => sqliteStore("x.db")).toThrow("needs node:sqlite, which this runtime does not have");
      // A worker's module of that name, with nothing in it.
      class DatabaseSync {
        constructor() {
          throw new TypeError("Illegal constructor");
        }
      }
      process.getBuiltinModule = (() => ({ DatabaseSync })) as never;
      expect(() => sqliteStore("x.db")).toThrow(ConfigError);
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
  });
});
