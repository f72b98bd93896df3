import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { chunk, completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { retryingWires } from "../../test/support/retrying-clients.ts";
import { VirtualClock } from "../../test/support/virtual-clock.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { tool } from "../tools/tool.ts";
import { limit } from "./limit.ts";
import { type LimitStore, localLimitStore } from "./limit-store.ts";
import { retry } from "./retry.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const answer = JSON.stringify(completion({ content: "Dune" }));
const Book = z.object({ title: z.string() });

/** A server that answers when it is told to, and a limiter on a virtual clock. */
async function start(options: Partial<Parameters<typeof limit>[0]> = {}, handler?: fault.Handler) {
  const clock = new VirtualClock();
  const server = await fault.startServer(handler ?? fault.status(200, answer, json));
  const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 2, logLevel: "off" });
  const layer = limit({ store: localLimitStore(() => clock.now), wait: clock.wait, ...options } as never);
  return { ...server, clock, client, layer, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

/** A handler that waits until it is let go on. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handler: fault.Handler = async (given) => {
    await promise;
    given.send(200, json, answer);
  };
  return { handler, release: resolve };
}

const textsOf = (requests: readonly fault.ServedRequest[]) =>
  requests.map(({ body }) => (body as { messages: { content: string }[] }).messages[0]?.content);

describe("at once", () => {
  test("no more than `concurrency`, in the order in which they came; the figures tell who waits", async () => {
    const { handler, release } = held();
    await using server = await start({ concurrency: 3 }, handler);
    const call = openai.call("m", { client: server.client, layers: [server.layer] }, say);
    const texts = Array.from({ length: 20 }, (_, index) => String(index));
    const all = Promise.all(texts.map((text) => call(text)));
    await expect.poll(() => server.requests.length).toBe(3);
    expect([server.layer.running, server.layer.waiting]).toEqual([3, 17]);
    release();
    await all;
    expect(textsOf(server.requests).sort((one, other) => Number(one) - Number(other))).toEqual(texts);
    expect([server.layer.running, server.layer.waiting]).toEqual([0, 0]);
  });

  test("one given by a scope and by the call stands once: it does not wait for itself", async () => {
    await using server = await start({ concurrency: 1 });
    const { layer } = server;
    const call = openai.call("m", { client: server.client, layers: [layer] }, say);
    const asked = () => call.with({ layers: [layer] })("hi");
    expect((await within({ layers: [layer] }, asked)).content).toBe("Dune");
  });

  test("an abort while waiting leaves no hole, and tells of no attempt", async () => {
    const { handler, release } = held();
    await using server = await start({ concurrency: 1 }, handler);
    const call = openai.call("m", { client: server.client, layers: [server.layer] }, say);
    const controllers = [1, 2, 3].map(() => new AbortController());
    const asked = controllers.map(({ signal }, index) => call.with({ signal })(String(index)));
    const settled = Promise.allSettled(asked);
    await expect.poll(() => server.requests.length).toBe(1);
    controllers[1]?.abort(new Error("gone"));
    const error = await thrownBy(() => asked[1]);
    expect([(error as Error).message, attemptsOf(error)]).toEqual(["gone", []]);
    expect(server.layer.waiting).toBe(1);
    release();
    await settled;
    expect(textsOf(server.requests)).toEqual(["0", "2"]);
    expect([server.layer.running, server.layer.waiting]).toEqual([0, 0]);
  });
});

describe("a place is given back however a stream ends", () => {
  const events = { "content-type": "text/event-stream" };
  const pieces = fault.sse(...textChunks("Du", "ne"), "[DONE]");
  const setUp = (handler: fault.Handler) => start({ concurrency: 1 }, handler);
  const ask = ({ client, layer }: Awaited<ReturnType<typeof start>>) =>
    openai.call("m", { stream: true, client, layers: [layer] }, say);

  test("by its end, by a loop that is left, and where it was never iterated", async () => {
    await using server = await setUp(fault.status(200, pieces.join(""), events));
    const call = ask(server);
    call("never");
    expect(server.layer.running).toBe(0);
    await collect(call("whole"));
    expect(server.layer.running).toBe(0);
    for await (const _ of call("left")) {
      expect(server.layer.running).toBe(1);
      break;
    }
    expect([server.layer.running, server.layer.waiting]).toEqual([0, 0]);
    expect(textsOf(server.requests)).toEqual(["whole", "left"]);
  });

  test.each<[name: string, handler: fault.Handler]>([
    ["refused", fault.status(400, "{}", json)],
    ["no stream", fault.html200],
    ["ended early", fault.cleanCut(pieces, 1)],
    ["broken", fault.reset(pieces, 1)],
    ["an event that is no JSON", fault.badJsonEvent(pieces, 1)],
  ])("by an error: %s", async (_, handler) => {
    await using server = await setUp(handler);
    const call = ask(server);
    await thrownBy(() => collect(call("hi")));
    expect([server.layer.running, server.layer.waiting]).toEqual([0, 0]);
    await thrownBy(() => collect(call("hi")));
    expect(server.requests).toHaveLength(2);
  });

  test("by an abort, also while nobody reads", async () => {
    await using server = await setUp(fault.streamStall(pieces, 1));
    const controller = new AbortController();
    const pending = ask(server).with({ signal: controller.signal })("hi")[Symbol.asyncIterator]();
    await pending.next();
    expect(server.layer.running).toBe(1);
    controller.abort(new Error("gone"));
    await expect.poll(() => server.layer.running).toBe(0);
    const other = new AbortController();
    const reading = ask(server).with({ signal: other.signal })("hi")[Symbol.asyncIterator]();
    await reading.next();
    const next = reading.next();
    other.abort(new Error("gone"));
    expect(await thrownBy(() => next)).toMatchObject({ message: "gone" });
    expect(server.layer.running).toBe(0);
  });

  test("by leaving while it waits for its turn: nothing is sent", async () => {
    await using server = await setUp(fault.streamStall(pieces, 1));
    const call = ask(server);
    const first = call("first")[Symbol.asyncIterator]();
    await first.next();
    const second = call("second")[Symbol.asyncIterator]();
    const waiting = second.next();
    await expect.poll(() => server.layer.waiting).toBe(1);
    await second.return?.();
    expect(await waiting).toMatchObject({ done: true });
    expect(server.layer.waiting).toBe(0);
    await first.return?.();
    expect([server.layer.running, textsOf(server.requests)]).toEqual([0, ["first"]]);
  });

  test("of a structured answer and of a loop", async () => {
    await using server = await startChat(toolChunks("answer", "1", ['{"title":', '"Dune"}']));
    const layer = limit({ concurrency: 1 });
    const call = openai.call("m", { stream: true, responseModel: Book, client: server.client, layers: [layer] }, say);
    const values = await collect(call("hi"));
    expect([values.at(-1), layer.running]).toEqual([{ title: "Dune" }, 0]);
    for await (const _ of call("hi")) break;
    expect(layer.running).toBe(0);
    const count = tool({ name: "count", parameters: z.object({}), call: () => 3 });
    await using loops = await startChat(toolChunks("count", "1", ["{}"]), textChunks("three"));
    const looped = openai.call("m", { stream: true, tools: [count], client: loops.client, layers: [layer] }, say);
    await toolLoop(looped)("hi");
    expect([loops.requests.length, layer.running]).toEqual([2, 0]);
  });
});

describe("in any minute", () => {
  test("so many requests start, re-asks and steps of a loop among them", async () => {
    await using server = await start({ requestsPerMinute: 2 }, (given) => {
      const content = completion(
        given.index % 2 === 0 ? { tool_calls: [toolCall("count", {})] } : { content: "three" },
      );
      given.send(200, json, JSON.stringify(content));
    });
    const starts: number[] = [];
    const { clock } = server;
    const watching = {
      perRequest: true as const,
      send: (request: never, next: (request: never) => Promise<never>) => {
        starts.push(clock.now);
        return next(request);
      },
    };
    const count = tool({ name: "count", parameters: z.object({}), call: () => 3 });
    const layers = [server.layer, watching];
    const call = openai.call("m", { tools: [count], client: server.client, layers }, say);
    const runs = Promise.all([toolLoop(call)("1"), toolLoop(call)("2")]);
    let over = false;
    void runs.finally(() => {
      over = true;
    });
    while (!over) await clock.run();
    await runs;
    expect(starts).toEqual([0, 0, 60_000, 60_000]);
  });

  test("a request larger than the window is refused before it waits", async () => {
    await using server = await start({ tokensPerMinute: 100 });
    const call = openai.call(
      "m",
      { client: server.client, layers: [server.layer], callParams: { max_tokens: 101 } },
      say,
    );
    const error = await thrownBy(() => call("hi"));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(/more than the 100 a minute/);
    expect([server.requests.length, server.layer.running, server.layer.waiting]).toEqual([0, 0, 0]);
    // All choices count.
    const choices = openai.call(
      "m",
      { client: server.client, layers: [server.layer], callParams: { max_tokens: 50, n: 2 } },
      say,
    );
    expect(await thrownBy(() => choices("hi"))).toBeInstanceOf(ConfigError);
  });

  test("what an answer has really used takes the place of the estimate: the next one starts at once", async () => {
    await using server = await start({ tokensPerMinute: 120 });
    const { clock } = server;
    const call = openai.call(
      "m",
      { client: server.client, layers: [server.layer], callParams: { max_tokens: 70 } },
      say,
    );
    // Each is thought to take more than half of the window, and uses 15.
    await Promise.all([call("1"), call("2")]);
    await call("3");
    expect([clock.now, server.requests.length]).toEqual([0, 3]);
  });
});

describe("after a 429", () => {
  const busy = (retryAfter?: string) =>
    fault.status(429, "{}", { ...json, ...(retryAfter && { "retry-after": retryAfter }) });

  test("everybody waits for as long as the provider says", async () => {
    await using server = await start({ concurrency: 10 }, fault.inTurn(busy("7"), fault.status(200, answer, json)));
    const call = openai.call("m", { client: server.client, layers: [server.layer] }, say);
    expect(await thrownBy(() => call("1"))).toMatchObject({ status: 429 });
    const all = Promise.all([call("2"), call("3")]);
    await server.clock.run();
    await all;
    expect(server.clock.now).toBe(7000);
  });

  test("else 1 s, doubling to 30, until one goes well; refusals of one burst count once", async () => {
    const statuses = [429, 429, 429, 429, 429, 429, 429, 429, 200, 429, 200];
    const { promise, resolve } = Promise.withResolvers<void>();
    let first = 0;
    await using server = await start({ concurrency: 2 }, async (given) => {
      // The first two are under way together.
      if (++first === 2) resolve();
      await promise;
      const status = statuses[given.index] ?? 200;
      given.send(status, json, status === 200 ? answer : "{}");
    });
    const { clock } = server;
    const call = openai.call("m", { client: server.client, layers: [server.layer] }, say);
    const times: number[] = [];
    const ask = async () => {
      const asked = call("hi").then(
        () => "ok",
        () => "busy",
      );
      let over = false;
      void asked.finally(() => {
        over = true;
      });
      while (!over) await clock.run();
      times.push(clock.now);
      return asked;
    };
    await Promise.allSettled([call("1"), call("2")]);
    for (let count = 0; count < 9; count++) await ask();
    const waits = times.map((time, index) => (time - (times[index - 1] ?? 0)) / 1000);
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 0, 1]);
  });

  test("an account out of quota, though a 429, makes nobody wait", async () => {
    const body = JSON.stringify({ error: { code: "insufficient_quota", message: "pay" } });
    await using server = await start({ concurrency: 1 }, fault.status(429, body, json));
    const call = openai.call("m", { client: server.client, layers: [server.layer] }, say);
    await thrownBy(() => call("1"));
    await thrownBy(() => call("2"));
    expect([server.clock.now, server.requests.length]).toEqual([0, 2]);
  });
});

test.each(retryingWires)("$name: the SDK starts nothing by itself, whole or streamed", async ({ call, clientOf }) => {
  await using server = await fault.startServer(fault.status(500, "{}", { ...json, "retry-after-ms": "1" }));
  const layer = limit({ concurrency: 1 });
  const options = { client: clientOf(server.url), layers: [layer] };
  await thrownBy(() => call("m", options)(() => "hi")());
  await thrownBy(() => collect(call("m", { ...options, stream: true })(() => "hi")()));
  expect([server.requests.length, layer.running]).toEqual([2, 0]);
});

test("inside a retry each attempt takes its own place", async () => {
  await using server = await start(
    { requestsPerMinute: 1 },
    fault.inTurn(fault.status(500, "{}", json), fault.status(200, answer, json)),
  );
  const layers = [retry({ wait: async () => {} }), server.layer];
  const asked = openai.call("m", { client: server.client, layers }, say)("hi");
  let over = false;
  void asked.finally(() => {
    over = true;
  });
  while (!over) await server.clock.run();
  expect([(await asked).content, server.clock.now]).toEqual(["Dune", 60_000]);
});

test("books that are out of reach: before a request their error is told, after it the answer is", async () => {
  const lost = new Error("no store");
  const broken = (take: () => number): LimitStore => ({
    take,
    settle: async () => Promise.reject(lost),
    pause: () => {
      throw lost;
    },
  });
  await using server = await start(
    { concurrency: 1 },
    fault.inTurn(fault.status(200, answer, json), fault.status(429, "{}", json)),
  );
  const call = openai.call("m", { client: server.client }, say);
  const kept = limit({ requestsPerMinute: 9, store: broken(() => 0) });
  expect((await call.with({ layers: [kept] })("hi")).content).toBe("Dune");
  expect(await thrownBy(() => call.with({ layers: [kept] })("hi"))).toMatchObject({ status: 429 });
  const none = limit({
    requestsPerMinute: 9,
    store: broken(() => {
      throw lost;
    }),
  });
  expect(await thrownBy(() => call.with({ layers: [none] })("hi"))).toBe(lost);
  expect([kept.running, none.running, none.waiting, server.requests.length]).toEqual([0, 0, 0, 2]);
});

test("an event passes through as it is", async () => {
  await using server = await startChat([chunk({ content: "Dune" }), chunk({}, "stop")]);
  const call = openai.call("m", { stream: true, client: server.client, layers: [limit({ concurrency: 1 })] }, say);
  const seen = await collect(call("hi"));
  expect(seen.map(([{ chunk: event }]) => event)).toMatchObject([{ choices: [{ delta: { content: "Dune" } }] }, {}]);
});

test.each<[options: object, message: string]>([
  [{}, "limit() needs one of"],
  [{ rpm: 3 }, 'no option "rpm"'],
  [{ concurrency: 0 }, "`concurrency` is a whole number from 1"],
  [{ tokensPerMinute: 1.5 }, "`tokensPerMinute` is a whole number"],
  [{ concurrency: 1, wait: 1 }, "`wait` is a function"],
  [{ concurrency: 1, store: {} }, "has the methods take, settle, pause"],
])("options that make no sense are refused: %j", (options, message) => {
  expect(() => limit(options as never)).toThrow(ConfigError);
  expect(() => limit(options as never)).toThrow(message);
});
