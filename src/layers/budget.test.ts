import fc from "fast-check";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { retryingWires } from "../../test/support/retrying-clients.ts";
import { attemptsOf } from "../contract/attempts.ts";
import type { Layer } from "../contract/layer.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { loadPrices } from "../money/cost.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { tool } from "../tools/tool.ts";
import { type Budget, budget } from "./budget.ts";
import { BudgetError } from "./budget-error.ts";
import { localBudgetStore, type Purse } from "./budget-store.ts";
import { retry } from "./retry.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const events = { "content-type": "text/event-stream" };
const whole = fault.status(200, JSON.stringify(completion({ content: "Dune" })), json);
const failing = (status: number) => fault.status(status, "{}", json);
const pieces = fault.sse(...textChunks("Du", "ne"), "[DONE]");
// gpt-4o-mini: 0.15 and 0.60 dollars a million; an answer of the test server is 10 + 5 tokens.
const answered = (10 * 0.15 + 5 * 0.6) / 1e6;
const callParams = { max_tokens: 100 };
const nothing = { usd: 0, tokens: 0, requests: 0 };

async function start(...handlers: [fault.Handler, ...fault.Handler[]]) {
  const server = await fault.startServer(fault.inTurn(...handlers));
  const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 2, logLevel: "off" });
  return { ...server, client, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

describe("before a request leaves", () => {
  test("it is refused where it does not fit, with what it needs and what is left", async () => {
    await using server = await start(whole);
    const purse = budget({ usd: 0.00005, tokens: 1_000_000, requests: 5 });
    const call = openai.call("gpt-4o-mini", { client: server.client, layers: [purse], callParams }, say);
    const error = await thrownBy(() => call("hi"));
    expect(error).toBeInstanceOf(BudgetError);
    const { needed, left, message } = error as BudgetError;
    expect(left).toEqual({ usd: 0.00005, tokens: 1_000_000, requests: 5 });
    expect(needed).toEqual({ usd: expect.any(Number), tokens: expect.any(Number), requests: 1 });
    expect(needed.usd).toBeGreaterThan(0.00005);
    expect(message).toMatch(/may use 0\.0000\d\d US dollars, and the budget has 0\.000050 left: it was not sent/);
    expect([server.requests.length, attemptsOf(error)]).toEqual([0, []]);
    expect([purse.spent, purse.reserved]).toEqual([nothing, nothing]);
  });

  test("the model's own maximum is the bound where the call sets none, for each of its choices", async () => {
    await loadPrices();
    const { handler, release } = held();
    await using server = await start(handler);
    const purse = budget({ usd: 1 });
    const call = openai.call("gpt-4o-mini", { client: server.client, layers: [purse] }, say);
    const one = await reservedBy(purse, () => call("hi"), release);
    // 16,384 tokens at 0.60 dollars a million, and a little input.
    expect(one).toBeGreaterThan((16_384 * 0.6) / 1e6);
    expect(one).toBeLessThan((16_384 * 0.6) / 1e6 + 0.0001);
    const three = call.with({ callParams: { n: 3 } });
    expect(await reservedBy(purse, () => three("hi"))).toBeCloseTo(one + 2 * ((16_384 * 0.6) / 1e6), 4);
    const limited = call.with({ callParams: { n: 3, max_tokens: 100 } });
    expect(await reservedBy(purse, () => limited("hi"))).toBeCloseTo(one - ((16_384 - 300) * 0.6) / 1e6, 4);
    const own = budget({ usd: 1, outputTokens: 1_000 });
    const bounded = call.with({ layers: [own] });
    expect(await reservedBy(own, () => bounded("hi"))).toBeLessThan(0.0008);
  });

  test("a size that nothing bounds is refused, or allowed", async () => {
    await using server = await start(whole);
    const prices = { unknown: { input: 1, output: 1 } };
    const call = openai.call("unknown", { client: server.client }, say);
    const careful = budget({ usd: 1, prices });
    const error = await thrownBy(() => call.with({ layers: [careful] })("hi"));
    expect(error).toBeInstanceOf(BudgetError);
    expect((error as Error).message).toMatch(/its output: set a limit/);
    const tokens = budget({ tokens: 1_000 });
    expect(await thrownBy(() => call.with({ layers: [tokens] })("hi"))).toBeInstanceOf(BudgetError);
    expect(server.requests).toHaveLength(0);
    const generous = budget({ usd: 1, prices, unbounded: "allow" });
    await call.with({ layers: [generous] })("hi");
    expect(generous.spent).toEqual({ usd: 15 / 1e6, tokens: 15, requests: 1 });
    // Requests alone need no size.
    await call.with({ layers: [budget({ requests: 1 })] })("hi");
    expect(server.requests).toHaveLength(2);
  });

  test("a model without a price is refused, or allowed and counts as nothing; a call's own prices are prices", async () => {
    await using server = await start(whole);
    const call = openai.call("unknown", { client: server.client, callParams }, say);
    const careful = budget({ usd: 1 });
    const error = await thrownBy(() => call.with({ layers: [careful] })("hi"));
    expect((error as Error).message).toMatch(/No price of openai's unknown is known: give `prices`/);
    expect(server.requests).toHaveLength(0);
    const generous = budget({ usd: 1, unpriced: "allow" });
    await call.with({ layers: [generous] })("hi");
    expect(generous.spent).toMatchObject({ requests: 1, tokens: 15 });
    const prices = { unknown: { input: 2, output: 4 } };
    await call.with({ layers: [careful], prices })("hi");
    expect(careful.spent.usd).toBeCloseTo(40 / 1e6, 12);
    await within({ layers: [careful], prices }, () => call("hi"));
    expect(careful.spent.usd).toBeCloseTo(80 / 1e6, 12);
  });

  test("a client that sends elsewhere has no price that holds", async () => {
    const client = new OpenAI({ apiKey: "k", baseURL: "https://llm.example.com/v1" });
    const purse = budget({ usd: 1 });
    const call = openai.call("gpt-4o-mini", { client, layers: [purse], callParams }, say);
    expect(await thrownBy(() => call("hi"))).toBeInstanceOf(BudgetError);
  });

  test("a dearer tier counts its own price, and one whose price nobody knows has none", async () => {
    const { handler, release } = held();
    await using server = await start(handler);
    const purse = budget({ usd: 1 });
    const call = openai.call("gpt-4o-mini", { client: server.client, layers: [purse], callParams }, say);
    const standard = await reservedBy(purse, () => call("hi"), release);
    const fast = call.with({ callParams: { max_tokens: 100, service_tier: "priority" } });
    expect(await reservedBy(purse, () => fast("hi"))).toBeGreaterThan(standard * 1.5);
    const odd = call.with({ callParams: { max_tokens: 100, service_tier: "scale" } });
    expect(await thrownBy(() => odd("hi"))).toBeInstanceOf(BudgetError);
  });
});

function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handler: fault.Handler = async (given) => {
    await promise;
    await whole(given);
  };
  return { handler, release: resolve };
}

/** What one request sets aside, in dollars. */
async function reservedBy(purse: Budget, ask: () => PromiseLike<unknown>, release = () => {}): Promise<number> {
  const asked = Promise.resolve(ask());
  await expect.poll(() => purse.reserved.requests, { interval: 1 }).toBe(1);
  const { usd } = purse.reserved;
  release();
  await asked;
  return usd;
}

describe("afterwards", () => {
  test("what was not used comes back, whole and streamed", async () => {
    await using server = await start(whole, fault.status(200, pieces.join(""), events));
    const purse = budget({ usd: 0.0002 });
    const call = openai.call("gpt-4o-mini", { client: server.client, layers: [purse], callParams }, say);
    await call("hi");
    expect(purse.spent.usd).toBeCloseTo(answered, 9);
    const streaming = openai.call(
      "gpt-4o-mini",
      { stream: true, client: server.client, layers: [purse], callParams },
      say,
    );
    await collect(streaming("hi"));
    expect(purse.spent).toEqual({ usd: expect.closeTo(2 * answered, 9), tokens: 30, requests: 2 });
    expect(purse.reserved).toEqual(nothing);
    expect(purse.left).toEqual({
      usd: expect.closeTo(0.0002 - 2 * answered, 9),
      tokens: undefined,
      requests: undefined,
    });
  });

  test.each<[name: string, handler: fault.Handler, kept: boolean]>([
    ["a 400", failing(400), false],
    ["a 429", failing(429), false],
    ["a 408, which may have been worked on", failing(408), true],
    ["a 500", failing(500), true],
    ["a connection that breaks", fault.disconnect, true],
    ["a body that is no answer", fault.html200, true],
    ["an answer that is cut", fault.cutJson200, true],
  ])("%s", async (_, handler, kept) => {
    await using server = await start(handler);
    const purse = budget({ usd: 1, tokens: 10_000, requests: 9 });
    const call = openai.call("gpt-4o-mini", { client: server.client, layers: [purse], callParams }, say);
    await thrownBy(() => call("hi"));
    expect(server.requests).toHaveLength(1);
    expect(purse.reserved).toEqual(nothing);
    expect(purse.spent.requests).toBe(1);
    expect(purse.spent.usd > 0).toBe(kept);
    expect(purse.spent.tokens > 100).toBe(kept);
  });

  test.each<[name: string, reason: unknown]>([
    ["an error", new Error("gone")],
    ["text", "gone"],
    ["nothing", undefined],
  ])("a request that was aborted with %s under way stays as spent; one that never left does not", async (_, reason) => {
    await using server = await start(fault.hang);
    const purse = budget({ usd: 1 });
    const controller = new AbortController();
    const call = openai
      .call("gpt-4o-mini", { client: server.client, layers: [purse], callParams }, say)
      .with({ signal: controller.signal });
    const asked = Promise.allSettled([call("hi")]);
    await expect.poll(() => server.requests.length).toBe(1);
    const { reserved } = purse;
    controller.abort(reason);
    await asked;
    expect([purse.spent, purse.reserved]).toEqual([reserved, nothing]);
    await Promise.allSettled([call("hi")]);
    expect(purse.spent).toEqual(reserved);
  });

  test.each<[name: string, handler: fault.Handler]>([
    ["left", fault.status(200, pieces.join(""), events)],
    ["ended early", fault.cleanCut(pieces, 1)],
    ["broken", fault.reset(pieces, 1)],
  ])("a stream that was %s before its usage came stays as spent", async (name, handler) => {
    await using server = await start(handler);
    const purse = budget({ usd: 1 });
    const call = openai.call("gpt-4o-mini", { stream: true, client: server.client, layers: [purse], callParams }, say);
    let worst = nothing;
    const read = async () => {
      for await (const _ of call("hi")) {
        worst = { ...purse.reserved };
        if (name === "left") break;
      }
    };
    await (name === "left" ? read() : thrownBy(read));
    expect(worst.usd).toBeGreaterThan(0);
    expect([purse.spent, purse.reserved]).toEqual([worst, nothing]);
  });

  test("a stream that was never iterated takes nothing; one that is aborted while nobody reads is settled", async () => {
    await using server = await start(fault.streamStall(pieces, 1));
    const purse = budget({ requests: 5 });
    const controller = new AbortController();
    const call = openai.call("m", { stream: true, client: server.client, layers: [purse] }, say);
    call("never");
    const iterator = call.with({ signal: controller.signal })("hi")[Symbol.asyncIterator]();
    await iterator.next();
    expect([purse.spent.requests, purse.reserved.requests]).toEqual([0, 1]);
    controller.abort();
    await expect.poll(() => [purse.spent.requests, purse.reserved.requests]).toEqual([1, 0]);
  });

  test("an answer without usage keeps all that was set aside", async () => {
    await using server = await startChat(completion({ content: "Dune", usage: null }));
    const purse = budget({ usd: 1, tokens: 10_000 });
    await openai.call("gpt-4o-mini", { client: server.client, layers: [purse], callParams }, say)("hi");
    expect(purse.spent.tokens).toBeGreaterThan(100);
    expect(purse.spent.usd).toBeGreaterThan((100 * 0.6) / 1e6);
  });

  test("a layer nearer to the provider that fails, or sends twice, does not free what was paid", async () => {
    await using server = await start(whole);
    const purse = budget({ requests: 9, usd: 1 });
    const twice: Layer = {
      perRequest: true,
      async send(request, next) {
        await next(request);
        return next(request);
      },
    };
    const fails: Layer = {
      perRequest: true,
      async send(request, next) {
        await next(request);
        throw new Error("mine");
      },
    };
    const call = openai.call("gpt-4o-mini", { client: server.client, callParams }, say);
    await call.with({ layers: [purse, twice] })("hi");
    expect(purse.spent.requests).toBe(2);
    const before = purse.spent.usd;
    await thrownBy(() => call.with({ layers: [purse, fails] })("hi"));
    expect([purse.spent.requests, purse.spent.usd > before]).toEqual([3, true]);
  });
});

describe("never overspent", () => {
  test("by a thousand calls at once, with retries, aborts, errors and lost connections", {
    timeout: 60_000,
  }, async () => {
    const kinds = [200, 429, 500, 0, 200, 400, 200, 200];
    let billed = 0;
    await using server = await fault.startServer(async (given) => {
      const kind = kinds[given.index % kinds.length] ?? 200;
      if (kind === 200 || kind === 0 || kind === 500) billed += answered;
      await (kind === 0 ? fault.disconnect(given) : kind === 200 ? whole(given) : failing(kind)(given));
    });
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 2, logLevel: "off" });
    const purse = budget({ usd: 0.02, requests: 700 });
    const patient = retry({ wait: async () => {} });
    const call = openai.call("gpt-4o-mini", { client, layers: [patient, purse], callParams }, say);
    const controller = new AbortController();
    const asked = Array.from({ length: 1_000 }, (_, index) =>
      index % 10 === 3 ? call.with({ signal: controller.signal })(String(index)) : call(String(index)),
    );
    setTimeout(() => controller.abort(new Error("gone")), 20);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, purse.spent.usd + purse.reserved.usd);
    });
    const ended = await Promise.allSettled(asked);
    clearInterval(watch);
    expect(ended.some(({ status }) => status === "fulfilled")).toBe(true);
    const refused = ended.filter((one) => one.status === "rejected" && one.reason instanceof BudgetError);
    expect(refused.length).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(0.02);
    expect(purse.reserved).toEqual(nothing);
    expect(purse.spent.usd).toBeLessThanOrEqual(0.02);
    expect(billed).toBeLessThanOrEqual(purse.spent.usd + 1e-9);
    expect(purse.spent.requests).toBeLessThanOrEqual(700);
    expect(server.requests.length).toBeLessThanOrEqual(purse.spent.requests);
  });

  test.each(retryingWires)("$name: the SDK sends nothing that is not counted", async ({ call, clientOf }) => {
    await using server = await fault.startServer(fault.status(500, "{}", { ...json, "retry-after-ms": "1" }));
    const purse = budget({ requests: 2 });
    const options = { client: clientOf(server.url), layers: [purse] };
    await thrownBy(() => call("m", options)(() => "hi")());
    await thrownBy(() => collect(call("m", { ...options, stream: true })(() => "hi")()));
    expect(await thrownBy(() => call("m", options)(() => "hi")())).toBeInstanceOf(BudgetError);
    expect([server.requests.length, purse.spent.requests]).toEqual([2, 2]);
  });

  test("re-asks and the steps of a loop count each", async () => {
    const Book = z.object({ title: z.string() });
    const purse = budget({ requests: 10, usd: 1 });
    await using server = await startChat(
      completion({ tool_calls: [toolCall("answer", {})] }),
      completion({ tool_calls: [toolCall("answer", { title: "Dune" })] }),
    );
    const layers = [purse];
    const call = openai.call(
      "gpt-4o-mini",
      { responseModel: Book, retries: { validation: 1 }, client: server.client, layers, callParams },
      say,
    );
    expect(await call("hi")).toEqual({ title: "Dune" });
    expect(purse.spent.requests).toBe(2);
    const count = tool({ name: "count", parameters: z.object({}), call: () => 3 });
    await using loops = await startChat(toolChunks("count", "1", ["{}"]), textChunks("three"));
    const looped = openai.call(
      "gpt-4o-mini",
      { stream: true, tools: [count], client: loops.client, layers, callParams },
      say,
    );
    await toolLoop(looped)("hi");
    expect(purse.spent.requests).toBe(4);
    expect(purse.spent.usd).toBeCloseTo(4 * answered, 9);
    await using streams = await startChat(toolChunks("answer", "1", ['{"title":', '"Dune"}']));
    const stream = openai.call(
      "gpt-4o-mini",
      { stream: true, responseModel: Book, client: streams.client, layers, callParams },
      say,
    );
    await collect(stream("hi"));
    expect(purse.spent.usd).toBeCloseTo(5 * answered, 9);
  });

  test("one purse for all that is called in a scope, given once or twice, on several providers", async () => {
    await using server = await start(whole);
    await using claude = await fault.startServer(
      fault.status(
        200,
        JSON.stringify({
          id: "1",
          type: "message",
          role: "assistant",
          model: "claude-haiku-4-5",
          content: [{ type: "text", text: "Dune" }],
          stop_reason: "end_turn",
          usage: { input_tokens: 10, output_tokens: 5 },
        }),
        json,
      ),
    );
    const { Anthropic } = await import("@anthropic-ai/sdk");
    const purse = budget({ usd: 1 });
    const gpt = openai.call("gpt-4o-mini", { client: server.client, layers: [purse], callParams }, say);
    const client = new Anthropic({ apiKey: "k", baseURL: claude.url });
    const haiku = anthropic.call("claude-haiku-4-5", { client, callParams: { max_tokens: 100 } }, say);
    const costs = await within({ layers: [purse] }, () => Promise.all([gpt("hi"), haiku("hi")]));
    expect(purse.spent).toMatchObject({ requests: 2, tokens: 30 });
    expect(purse.spent.usd).toBeCloseTo(
      costs.reduce((sum, { cost }) => sum + (cost ?? Number.NaN), 0),
      8,
    );
  });

  test("the books balance: what was set aside is used or given back", async () => {
    const purse = fc.record({ nanos: fc.nat(1e9), tokens: fc.nat(1e6), requests: fc.constant(1) });
    const step = fc.oneof(
      fc.record({ do: fc.constant("reserve" as const), worst: purse }),
      fc.record({
        do: fc.constant("settle" as const),
        of: fc.nat(30),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
    const caps = fc.record({ nanos: fc.nat(5e9), tokens: fc.nat(5e6), requests: fc.nat(20) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), caps, async (steps, limits) => {
        const store = localBudgetStore();
        const open = new Map<string, Purse>();
        let spent: Purse = { nanos: 0, tokens: 0, requests: 0 };
        const keys = ["nanos", "tokens", "requests"] as const;
        for (const [index, one] of steps.entries()) {
          if (one.do === "reserve") {
            const sum = (key: (typeof keys)[number]) =>
              spent[key] + [...open.values()].reduce((total, worst) => total + worst[key], one.worst[key]);
            const { fits } = await store.reserve(String(index), one.worst, limits);
            expect(fits).toBe(keys.every((key) => sum(key) <= limits[key]));
            if (fits) open.set(String(index), one.worst);
          } else {
            const id = [...open.keys()][one.of] ?? "none";
            const worst = open.get(id);
            const used = (key: (typeof keys)[number]) => Math.floor((worst?.[key] ?? 7) * one.part);
            const given = { nanos: used("nanos"), tokens: used("tokens"), requests: 1 };
            await store.settle(id, given);
            // Told twice, or of what is not known, it stays as it is.
            await store.settle(id, given);
            if (open.delete(id))
              spent = {
                nanos: spent.nanos + given.nanos,
                tokens: spent.tokens + given.tokens,
                requests: spent.requests + 1,
              };
          }
          const state = await store.state();
          expect(state.spent).toEqual(spent);
          for (const key of keys) {
            expect(state.reserved[key]).toBe([...open.values()].reduce((total, worst) => total + worst[key], 0));
            expect(state.spent[key] + state.reserved[key]).toBeLessThanOrEqual(limits[key]);
          }
        }
      }),
    );
  });
});

test("books that are out of reach: before a request their error is told, after it the answer is", async () => {
  await using server = await start(whole);
  const lost = new Error("no store");
  const local = localBudgetStore();
  const purse = budget({ requests: 5, store: { ...local, settle: async () => Promise.reject(lost) } });
  const call = openai.call("m", { client: server.client }, say);
  expect((await call.with({ layers: [purse] })("hi")).content).toBe("Dune");
  await purse.refresh();
  expect(purse.left.requests).toBe(4);
  const none = budget({ requests: 5, store: { ...local, reserve: async () => Promise.reject(lost) } });
  expect(await thrownBy(() => call.with({ layers: [none] })("hi"))).toBe(lost);
  expect(server.requests).toHaveLength(1);
});

test.each<[options: object, message: string]>([
  [{}, "budget() needs one of"],
  [{ dollars: 3 }, 'no option "dollars"'],
  [{ usd: -1 }, "`usd` is a number from 0"],
  [{ usd: Number.NaN }, "`usd` is a number from 0"],
  [{ tokens: 1.5 }, "`tokens` is a whole number"],
  [{ usd: 1, unpriced: "yes" }, '`unpriced` is "refuse" or "allow"'],
  [{ usd: 1, unbounded: "yes" }, '`unbounded` is "refuse" or "allow"'],
  [{ usd: 1, store: {} }, "has the methods reserve, settle, state"],
])("options that make no sense are refused: %j", (options, message) => {
  expect(() => budget(options as never)).toThrow(ConfigError);
  expect(() => budget(options as never)).toThrow(message);
});
