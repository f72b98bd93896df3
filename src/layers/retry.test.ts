import fc from "fast-check";
import OpenAI, { BadRequestError, InternalServerError } from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { chunk, completion, textChunks, toolCall } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { azureRest, type RetryingWire, retryingWires } from "../../test/support/retrying-clients.ts";
import type { FailedAttempt } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import type { Layer } from "../contract/layer.ts";
import { ConfigError, TimeoutError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { ParseError } from "../structured/parse-error.ts";
import { tool } from "../tools/tool.ts";
import { type RetryOptions, retry } from "./retry.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const events = { "content-type": "text/event-stream" };
const whole = (content: string) => fault.status(200, JSON.stringify(completion({ content })), json);
const stream = (...texts: string[]) => fault.status(200, fault.sse(...textChunks(...texts), "[DONE]").join(""), events);
const failing = (status: number, headers: Record<string, string> = {}) =>
  fault.status(status, JSON.stringify({ error: { message: "no", code: null } }), { ...json, ...headers });

/** A retry that notes how long it would wait. */
function noting(waits: number[], options: RetryOptions = {}): Layer {
  return retry({ wait: async (ms) => void waits.push(ms), random: () => 1, ...options });
}

async function start(...handlers: [fault.Handler, ...fault.Handler[]]) {
  const server = await fault.startServer(fault.inTurn(...handlers));

  // With retries of its own, which must not multiply.
  const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 2, logLevel: "off" });
  return { ...server, client, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

describe("the SDK's own retries are off within it", () => {
  const patient = () => retry({ attempts: 2, wait: async () => {} });
  const run = async ({ call, clientOf }: RetryingWire, url: string, options: object) => {
    const bound = call("gpt-4o-mini", { client: clientOf(url), ...options })(() => "hi");
    return thrownBy(() => ("stream" in options ? collect(bound() as AsyncIterable<unknown>) : bound()));
  };

  test.each(retryingWires)("$name, whole and streamed", async (wire) => {
    await using server = await fault.startServer(failing(500, { "retry-after-ms": "1" }));
    const error = await run(wire, server.url, { layers: [patient()] });
    expect(server.requests).toHaveLength(2);
    expect(attemptsOf(error)).toHaveLength(2);
    await run(wire, server.url, { layers: [patient()], stream: true });
    expect(server.requests).toHaveLength(4);
    // Each of these clients does retry by itself.
    await run(wire, server.url, {});
    expect(server.requests.length).toBeGreaterThan(5);
  });

  test("but on Azure's REST client, where no request can: its retries multiply", async () => {
    await using server = await fault.startServer(failing(500));
    await run(azureRest, server.url, { layers: [patient()] });
    expect(server.requests).toHaveLength(4);
  });
});

// checklist: 145
describe("what is tried again", () => {
  test("three attempts by default, the first included; what was sent is the same each time", async () => {
    await using server = await start(failing(503));
    const waits: number[] = [];
    const call = openai.call("gpt-4o-mini", { client: server.client, layers: [noting(waits)] }, say);
    const error = await thrownBy(() => call("hi"));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(3);
    for (const { body } of server.requests) {
      expect(body).toEqual({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] });
    }
    expect(waits).toEqual([500, 1000]);
    expect(attemptsOf(error).at(-1)?.error).toBe(error);
    expect(Object.keys(error as object)).not.toContain("attempts");
  });

  test.each<[name: string, when: RetryOptions["when"], status: number, sent: number]>([
    ["a kind", "authentication", 401, 2],
    ["another kind", "rate_limit", 401, 1],
    ["a list", ["rate_limit", "authentication"], 401, 2],
    ["a class", Error, 400, 2],
    ["a class of an SDK's", BadRequestError, 400, 2],
    ["another class", RangeError, 500, 1],
    ["a function of the error", (error) => (error as { status: number }).status === 418, 418, 2],
    ["a function of what is known", (_, view) => view.status === 403, 403, 2],
    ["what is true by far", (() => 1) as never, 500, 1],
    ["nothing", [], 500, 1],
    ["by default no 400", undefined, 400, 1],
    ["by default no 501", undefined, 501, 1],
    ["by default 408", undefined, 408, 2],
    ["by default 529", undefined, 529, 2],
  ])("%s", async (_, when, status, sent) => {
    await using server = await start(failing(status));
    const layers = [noting([], { attempts: 2, when })];
    const call = openai.call("m", { client: server.client, layers }, say);
    expect(await thrownBy(() => call("hi"))).toMatchObject({ status });
    expect(server.requests).toHaveLength(sent);
  });

  test("a connection that breaks, a body that is none, a request that takes too long", async () => {
    await using server = await start(fault.disconnect, fault.hang, fault.html502, whole("Dune"));
    const waits: number[] = [];
    const layers = [noting(waits, { attempts: 4 })];
    const call = openai.call("gpt-4o-mini", { client: server.client, layers }, say).with({ timeout: 100 });
    const response = await call("hi");
    expect(response.content).toBe("Dune");
    expect(waits).toEqual([500, 1000, 2000]);
    expect(response.attempts.map(({ error }) => (error as Error).constructor.name)).toEqual([
      "APIConnectionError",
      "TimeoutError",
      "InternalServerError",
    ]);
    expect(response.attempts[1]?.error).toBeInstanceOf(TimeoutError);
    // Of the first two nobody knows whether they were billed.
    expect(response.attempts.map(({ cost }) => cost)).toEqual([undefined, undefined, undefined]);
    expect(response.total).toMatchObject({ requests: 4, cost: undefined });
    expect(response.cost).toBeGreaterThan(0);
  });

  test("never after an abort", async () => {
    await using server = await start(fault.hang);
    const controller = new AbortController();
    const call = openai.call("m", { client: server.client, layers: [noting([], { when: () => true })] }, say);
    const asked = call.with({ signal: controller.signal })("hi");
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort(new Error("gone"));
    const error = await thrownBy(() => asked);
    expect(server.requests).toHaveLength(1);
    expect(attemptsOf(error)).toHaveLength(1);
  });
});

// checklist: 145
describe("how long it waits", () => {
  test.each<[name: string, headers: Record<string, string>, expected: number]>([
    ["seconds", { "retry-after": "7" }, 7000],
    ["parts of a second", { "retry-after": "1.5" }, 1500],
    ["milliseconds", { "retry-after-ms": "900", "retry-after": "7" }, 900],
    ["none", { "retry-after": "0" }, 500],
    ["what is no time", { "retry-after": "soon" }, 500],
    ["a date that has passed", { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }, 500],
    ["a model's provider behind LiteLLM", { "llm_provider-retry-after": "3" }, 3000],
  ])("retry-after as %s", async (_, headers, expected) => {
    await using server = await start(failing(429, headers), whole("Dune"));
    const waits: number[] = [];
    const call = openai.call("m", { client: server.client, layers: [noting(waits)] }, say);
    expect((await call("hi")).content).toBe("Dune");
    expect(waits).toEqual([expected]);
  });

  test("retry-after as a date", async () => {
    const at = new Date(Date.now() + 10_000).toUTCString();
    await using server = await start(failing(503, { "retry-after": at }), whole("Dune"));
    const waits: number[] = [];
    await openai.call("m", { client: server.client, layers: [noting(waits)] }, say)("hi");
    expect(waits[0]).toBeGreaterThan(500);
    expect(waits[0]).toBeLessThanOrEqual(10_000);
  });

  test("where it is longer than `maxDelay`, the retrying ends with that error", async () => {
    await using server = await start(failing(429, { "retry-after": "21" }), whole("Dune"));
    const waits: number[] = [];
    const call = openai.call("m", { client: server.client, layers: [noting(waits)] }, say);
    expect(await thrownBy(() => call("hi"))).toMatchObject({ status: 429 });
    expect([waits, server.requests.length]).toEqual([[], 1]);
    const longer = [noting(waits, { maxDelay: 21_000 })];
    await using again = await start(failing(429, { "retry-after": "21" }), whole("Dune"));
    await openai.call("m", { client: again.client, layers: longer }, say)("hi");
    expect(waits).toEqual([21_000]);
  });

  test("full jitter: from nothing to the doubled delay, never more than `maxDelay`", async () => {
    const random = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 });
    const least = { send: async () => Promise.reject(Object.assign(new Error("busy"), { status: 503 })) };
    await fc.assert(
      fc.asyncProperty(random, fc.integer({ min: 0, max: 40_000 }), async (values, maxDelay) => {
        const waits: number[] = [];
        let index = 0;
        const layer = noting(waits, { attempts: 10, maxDelay, random: () => values[index++] ?? 0 });
        await thrownBy(() => openai.call("m", { layers: [layer, least] }, say)("hi"));
        expect(waits).toEqual(values.map((value, count) => value * Math.min(maxDelay, 500 * 2 ** count)));
      }),
      { numRuns: 25 },
    );
  });

  test("an abort ends the wait with its reason, and tells what was tried", async () => {
    await using server = await start(failing(500));
    const controller = new AbortController();
    const reason = new Error("gone");
    // A clock that does not listen: nothing is sent after it all the same.
    const deaf = retry({ wait: async () => controller.abort(reason) });
    for (const layer of [deaf, retry({ random: () => 1 })]) {
      const call = openai
        .call("m", { client: server.client, layers: [layer] }, say)
        .with({ signal: controller.signal });
      const own = layer === deaf ? controller : new AbortController();
      const asked = call.with({ signal: own.signal })("hi");
      if (layer !== deaf) {
        await expect.poll(() => server.requests.length).toBe(2);
        setTimeout(() => own.abort(reason), 10);
      }
      expect(await thrownBy(() => asked)).toBe(reason);
      expect(attemptsOf(reason)).toMatchObject([{ error: { status: 500 } }]);
    }
    expect(server.requests).toHaveLength(2);
  });

  test("the same reason of an abort tells nothing of an earlier call", async () => {
    await using server = await start(failing(500, { "retry-after": "10" }));
    const reason = new Error("gone");
    const controller = new AbortController();
    const call = openai
      .call("m", { client: server.client, layers: [retry()] }, say)
      .with({ signal: controller.signal });
    const asked = call("hi");
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort(reason);
    await thrownBy(() => asked);
    expect(attemptsOf(reason).length).toBeGreaterThan(0);
    expect(await thrownBy(() => call("hi"))).toBe(reason);
    expect(attemptsOf(reason)).toEqual([]);
  });

  test("the deadline of a call holds for its attempts and waits together", async () => {
    await using server = await start(failing(500));
    const call = openai.call("m", { client: server.client, layers: [retry({ random: () => 1 })] }, say);
    const error = await thrownBy(() => call.with({ deadline: 150 })("hi"));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(server.requests).toHaveLength(1);
  });
});

describe("what it tells", () => {
  test("each attempt with its error, tokens and cost, on the response and its total", async () => {
    await using server = await start(failing(429), failing(500), whole("Dune"));
    const response = await openai.call("gpt-4o-mini", { client: server.client, layers: [noting([])] }, say)("hi");
    expect(response.attempts).toMatchObject([
      { error: { status: 429 }, cost: 0, inputTokens: 0, outputTokens: 0, provider: "openai", model: "gpt-4o-mini" },
      { error: { status: 500 }, cost: undefined },
    ]);
    expect((response.attempts[1] as FailedAttempt).estimatedCost).toBeGreaterThan(0);
    expect(response.total).toEqual({ inputTokens: undefined, outputTokens: undefined, cost: undefined, requests: 3 });
    expect(JSON.parse(JSON.stringify(response.attempts))).toMatchObject([
      { error: { kind: "rate_limit", status: 429 }, cost: 0 },
      { error: { kind: "server", status: 500 } },
    ]);
  });

  test("one retry inside another: all attempts in order, each once", async () => {
    await using server = await start(failing(500));
    const layers = [noting([], { attempts: 2 }), noting([], { attempts: 3 })];
    const error = await thrownBy(() => openai.call("m", { client: server.client, layers }, say)("hi"));
    expect(server.requests).toHaveLength(6);
    const attempts = attemptsOf(error);
    expect(attempts).toHaveLength(6);
    expect(new Set(attempts).size).toBe(6);
  });

  test("layers next to the provider see which attempt it is", async () => {
    await using server = await start(failing(500), failing(500), whole("x"));
    const seen: unknown[] = [];
    const watching: Layer = {
      perRequest: true,
      send: (request, next) => {
        seen.push([request.attempt, request.sdkRetries, request.purpose]);
        return next(request);
      },
    };
    await openai.call("m", { client: server.client, layers: [watching, noting([])] }, say)("hi");
    expect(seen).toEqual([1, 2, 3].map((attempt) => [attempt, false, "call"]));
  });
});

// checklist: 145
describe("streams", () => {
  test("are tried again before their first event, with what was tried on them", async () => {
    await using server = await start(failing(503), fault.disconnect, stream("Du", "ne"));
    const waits: number[] = [];
    const call = openai.call("gpt-4o-mini", { stream: true, client: server.client, layers: [noting(waits)] }, say);
    const asked = call("hi");
    const texts: string[] = [];
    for await (const [chunk] of asked) texts.push(chunk.content);
    expect(texts.join("")).toBe("Dune");
    expect(waits).toEqual([500, 1000]);
    expect(asked.constructCallResponse().attempts).toMatchObject([{ error: { status: 503 } }, {}]);
    expect(asked.constructCallResponse().total.requests).toBe(3);
  });

  test("are not once an event came: the error is told with all that was tried", async () => {
    const cut = fault.cleanCut(fault.sse(chunk({ content: "Du" })), 1);
    await using server = await start(failing(503), cut, stream("no"));
    const call = openai.call("m", { stream: true, client: server.client, layers: [noting([])] }, say);
    const texts: string[] = [];
    const error = await thrownBy(async () => {
      for await (const [{ content }] of call("hi")) texts.push(content);
    });
    expect([texts, server.requests.length]).toEqual([["Du"], 2]);
    expect(attemptsOf(error)).toMatchObject([{ error: { status: 503 } }, { error, content: "Du" }]);
  });

  test("that are left while it waits send nothing more", async () => {
    await using server = await start(failing(503), stream("no"));
    const call = openai.call("m", { stream: true, client: server.client, layers: [retry({ random: () => 1 })] }, say);
    const iterator = call("hi")[Symbol.asyncIterator]();
    const pending = iterator.next();
    await expect.poll(() => server.requests.length).toBe(1);
    await iterator.return?.();
    expect(await pending).toMatchObject({ done: true });
    expect(server.requests).toHaveLength(1);
  });

  test("of structured answers are tried again as well, on another wire too", async () => {
    const Book = z.object({ title: z.string() });
    const pieces = fault.sse(
      chunk({ tool_calls: [{ index: 0, id: "1", type: "function", function: { name: "Book", arguments: "" } }] }),
    );
    expect(pieces).toHaveLength(1);
    await using server = await start(failing(500), failing(500));
    const call = openai.call(
      "m",
      { stream: true, responseModel: Book, client: server.client, layers: [noting([], { attempts: 2 })] },
      say,
    );
    await thrownBy(() => collect(call("hi")));
    expect(server.requests).toHaveLength(2);
    await using other = await fault.startServer(failing(529));
    const { Anthropic } = await import("@anthropic-ai/sdk");
    const client = new Anthropic({ apiKey: "k", baseURL: other.url });
    const claude = anthropic.call(
      "m",
      { stream: true, responseModel: Book, client, layers: [noting([], { attempts: 4 })] },
      say,
    );
    await thrownBy(() => collect(claude("hi")));
    expect(other.requests).toHaveLength(4);
  });
});

describe("around the call", () => {
  const Book = z.object({ title: z.string(), author: z.string() });
  const answer = (value: unknown) =>
    fault.status(200, JSON.stringify(completion({ content: null, tool_calls: [toolCall("answer", value)] })), json);
  const fits = { title: "Dune", author: "Herbert" };
  const textsOf = (requests: readonly fault.ServedRequest[]) =>
    requests.map(({ body }) => (body as { messages: { content: string }[] }).messages.at(-1)?.content);

  test.each<[name: string, when: RetryOptions["when"]]>([
    ["the class", ParseError],
    ["its base", Error],
    ["its kind", "malformed"],
    ["a function", (error) => error instanceof ParseError],
    ["a list", ["rate_limit", ParseError]],
  ])("an answer that does not fit is asked for anew: %s", async (_, when) => {
    await using server = await start(answer({ title: 7 }), answer(fits));
    const layers = [noting([], { attempts: 2, when })];
    const call = openai.call("gpt-4o-mini", { responseModel: Book, client: server.client, layers }, say);
    const { value, response } = await call("hi").withResponse();
    expect(value).toEqual(fits);
    expect(response.attempts).toHaveLength(1);
    expect(response.total.requests).toBe(2);
    expect(response.total.cost).toBeCloseTo(2 * (response.cost ?? Number.NaN), 12);
    // Not a re-ask: the very same request.
    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
  });

  test("around a request only the request of a re-ask that fails is tried again", async () => {
    await using server = await start(answer({}), failing(500), answer(fits));
    const options = { responseModel: Book, retries: { validation: 1 }, client: server.client, layers: [noting([])] };
    const { value, response } = await openai.call("gpt-4o-mini", options, say)("hi").withResponse();
    expect(value).toEqual(fits);
    expect(server.requests[2]?.body).toEqual(server.requests[1]?.body);
    expect(server.requests[1]?.body).not.toEqual(server.requests[0]?.body);
    expect(response.attempts).toHaveLength(2);
    expect(response.total.requests).toBe(3);
  });

  test("re-asks stand inside: each attempt of the call has its own", async () => {
    await using server = await start(answer({}), answer({}), answer({}), answer(fits));
    const layers = [noting([], { attempts: 2, when: ParseError })];
    const call = openai.call(
      "gpt-4o-mini",
      { responseModel: Book, retries: { validation: 1 }, client: server.client, layers },
      say,
    );
    const { response } = await call("hi").withResponse();
    expect(server.requests).toHaveLength(4);
    expect(response.attempts).toHaveLength(3);
    expect(response.total.requests).toBe(4);
  });

  test("`again` gives the next attempt's arguments, of all errors and those of the last", async () => {
    await using server = await start(failing(500), failing(503), whole("Dune"));
    const seen: unknown[] = [];
    const again = (errors: readonly unknown[], text: string): [text: string] => {
      seen.push(errors.map((error) => (error as { status: number }).status));
      return [`${text}!`];
    };
    const layer = retry({ again, wait: async () => {} });
    const response = await openai.call("m", { client: server.client, layers: [layer] }, say)("hi");
    expect(response.content).toBe("Dune");
    expect(seen).toEqual([[500], [500, 503]]);
    expect(textsOf(server.requests)).toEqual(["hi", "hi!", "hi!!"]);
    expect(response.attempts).toMatchObject([{ error: { status: 500 } }, { error: { status: 503 } }]);
    expect(response.fnArgs).toEqual(["hi!!"]);
  });

  // checklist: 145
  test("`again` hands what failed to the prompt, typed", async () => {
    await using server = await start(failing(500), failing(503), whole("Dune"));
    const prompt = (text: string, errors: readonly number[] = []) =>
      errors.length === 0 ? text : `${text} (failed before: ${errors.join(", ")})`;
    const layer = retry({
      when: InternalServerError, // the class, and those of its kind
      wait: async () => {},
      again: (errors, text: string, _before?: readonly number[]): [text: string, errors?: readonly number[]] => [
        text,
        errors.map((error) => (error instanceof InternalServerError ? error.status : 0)),
      ],
    });
    const call = openai.call("m", { client: server.client, layers: [layer] }, prompt);
    expect((await call("hi")).content).toBe("Dune");
    expect(textsOf(server.requests)).toEqual(["hi", "hi (failed before: 500)", "hi (failed before: 500, 503)"]);
  });

  // checklist: 145
  test("a tool's arguments that do not fit are asked for anew where they are read in the call", async () => {
    const look = tool({ name: "look", parameters: z.object({ isbn: z.string() }), call: ({ isbn }) => isbn });
    const asks = (args: object) =>
      fault.status(200, JSON.stringify(completion({ tool_calls: [toolCall("look", args)] })), json);
    await using server = await start(asks({ isbn: 7 }), asks({ isbn: "0-7653" }));
    const layers = [noting([], { when: ParseError })];
    const call = openai.call(
      "m",
      { tools: [look], client: server.client, layers, outputParser: ({ tools }) => tools?.[0]?.args.isbn },
      say,
    );
    const { value, response } = await call("hi").withResponse();
    expect(value).toBe("0-7653");
    expect(response.attempts).toHaveLength(1);
    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
  });

  test("what `again` throws, or gives instead of arguments, ends it", async () => {
    await using server = await start(failing(500));
    const own = new TypeError("mine");
    const throwing = retry({
      when: Error,
      wait: async () => {},
      again: () => {
        throw own;
      },
    });
    const call = openai.call("m", { client: server.client }, say);
    expect(await thrownBy(() => call.with({ layers: [throwing] })("hi"))).toBe(own);
    expect(attemptsOf(own)).toHaveLength(1);
    const wrong = retry({ wait: async () => {}, again: (() => "text") as never });
    const error = await thrownBy(() => call.with({ layers: [wrong] })("hi"));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain("as an array");
    expect(server.requests).toHaveLength(2);
  });

  test("what makes no call of its own is tried again as it is: a tool loop's steps, a stream, call.send", async () => {
    const count = tool({ name: "count", parameters: z.object({}), call: () => 3 });
    const asks = fault.status(200, JSON.stringify(completion({ tool_calls: [toolCall("count", {})] })), json);
    const layers = [noting([], { when: ["server", ParseError] })];
    await using server = await start(failing(500), asks, failing(500), whole("three"));
    const looped = await toolLoop(openai.call("m", { tools: [count], client: server.client, layers }, say))("hi");
    expect([looped.response?.content, server.requests.length]).toEqual(["three", 4]);
    await using streams = await start(failing(500), stream("Dune"));
    const streaming = openai.call("m", { stream: true, client: streams.client, layers }, say);
    expect(await collect(streaming("hi"))).not.toHaveLength(0);
    await using sent = await start(failing(500), whole("Dune"));
    const plain = openai.call("m", { client: sent.client, layers }, say);
    expect((await plain.send(await plain.prepare("hi"))).response).toMatchObject({ object: "chat.completion" });
  });

  test("an output parser that fails is one of those", async () => {
    await using server = await start(whole("no"), whole("yes"));
    const outputParser = ({ content }: { content: string }) => {
      if (content === "no") throw new Error("not this");
      return content;
    };
    const layers = [noting([], { when: ParseError })];
    expect(await openai.call("m", { outputParser, client: server.client, layers }, say)("hi")).toBe("yes");
  });
});

test("in a scope it is around every call", async () => {
  await using server = await start(failing(500), whole("a"), failing(500), whole("b"));
  const call = openai.call("m", { client: server.client }, say);
  const contents = await within({ layers: [noting([])] }, async () => [
    (await call("1")).content,
    (await call("2")).content,
  ]);
  expect(contents).toEqual(["a", "b"]);
});

test.each<[options: object, message: string]>([
  [{ attemps: 3 }, 'no option "attemps"'],
  [{ attempts: 0 }, "`attempts` is a whole number from 1"],
  [{ attempts: 1.5 }, "`attempts` is a whole number"],
  [{ maxDelay: -1 }, "`maxDelay` is a time"],
  [{ maxDelay: Number.NaN }, "`maxDelay` is a time"],
  [{ when: "ratelimit" }, 'it was given "ratelimit"'],
  [{ when: [7] }, "`when` is a kind"],
  [{ again: 1 }, "`again` is a function"],
  [{ wait: 1 }, "`wait` is a function"],
  [{ random: 1 }, "`random` is a function"],
])("options that make no sense are refused: %j", (options, message) => {
  expect(() => retry(options as never)).toThrow(ConfigError);
  expect(() => retry(options as never)).toThrow(message);
});
