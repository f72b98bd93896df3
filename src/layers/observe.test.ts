import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import * as claude from "../../test/support/anthropic-server.ts";
import { completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import type { Answer } from "../contract/answer.ts";
import { Received } from "../contract/received.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { ParseError } from "../structured/parse-error.ts";
import { tool } from "../tools/tool.ts";
import { type Hooks, observe } from "./observe.ts";
import { retry } from "./retry.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const Book = z.object({ title: z.string() });
const model = "gpt-4o-mini";
const failing = (status: number) => fault.status(status, "{}", json);

/** Hooks that write down what they are told. */
function diary() {
  const log: unknown[] = [];
  const hooks = {
    request: async ({ purpose }) => void log.push(`request ${purpose}`),
    chunk: () => void log.push("chunk"),
    response: (response, _, left) => void log.push([left ? "left" : "response", response.content]),
    value: (value) => void log.push(["value", (value as { content?: string }).content ?? value]),
    tool: ({ name }, output) => void log.push([name, output]),
    loop: ({ status, responses }) => void log.push([status, responses.length]),
    error: (error) => void log.push((error as Error).constructor.name),
  } satisfies Hooks;
  return { log, hooks, layers: [observe(hooks)] };
}

async function serve(...handlers: readonly [fault.Handler, ...fault.Handler[]]) {
  const server = await fault.startServer(fault.inTurn(...handlers));
  const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
  return { server, client, [Symbol.asyncDispose]: () => server.close() };
}

// checklist: 148
describe("an observer is told, in order and once,", () => {
  test("of a call, its re-asks and its value", async () => {
    await using server = await startChat(completion({ content: "no" }), completion({ content: '{"title":"Dune"}' }));
    const { log, layers } = diary();
    const options = { client: server.client, layers, responseModel: Book, jsonMode: true } as const;
    expect(await openai.call(model, { ...options, retries: { validation: 1 } }, say)("hi")).toEqual({ title: "Dune" });
    expect(log).toEqual([
      "request call",
      ["response", "no"],
      "request validation",
      ["response", '{"title":"Dune"}'],
      ["value", { title: "Dune" }],
    ]);
  });

  test("of an error, wherever it passes; one that came after an answer belongs to the call", async () => {
    await using bad = await serve(failing(500));
    const { log, layers } = diary();
    await thrownBy(() => openai.call(model, { client: bad.client, layers }, say)("hi"));
    expect(log.splice(0)).toEqual(["request call", "InternalServerError"]);
    await using server = await startChat(completion({ content: "no" }));
    const options = { client: server.client, layers, responseModel: Book, jsonMode: true } as const;
    expect(await thrownBy(() => openai.call(model, options, say)("hi"))).toBeInstanceOf(ParseError);
    expect(log.splice(0)).toEqual(["request call", ["response", "no"], "ParseError"]);
    await thrownBy(() => openai.call(model, { client: {} as OpenAI, layers }, say)("hi"));
    expect(log).toEqual(["request call", "ConfigError"]);
  });

  test("of each attempt inside of retry(), of the last outside of it", async () => {
    for (const inside of [true, false]) {
      await using server = await serve(
        failing(500),
        fault.status(200, JSON.stringify(completion({ content: "x" })), json),
      );
      const { log, layers } = diary();
      const patient = retry({ wait: async () => {} });
      const order = inside ? [patient, ...layers] : [...layers, patient];
      await openai.call(model, { client: server.client, layers: order }, say)("hi");
      const once = ["request call", ["response", "x"], ["value", "x"]];
      expect(log).toEqual(inside ? ["request call", "InternalServerError", ...once] : once);
    }
  });

  test("of a stream's events and its answer, also of one that breaks or is left", async () => {
    const events = textChunks("Du", "ne");
    await using server = await startChat(events, events.slice(0, 1), events);
    const { log, layers } = diary();
    const call = openai.call(model, { stream: true, client: server.client, layers }, say);
    await collect(call("hi"));
    expect(log.splice(0)).toEqual(["request call", "chunk", "chunk", "chunk", "chunk", ["response", "Dune"]]);
    await thrownBy(() => collect(call("hi")));
    expect(log.splice(0)).toEqual(["request call", "chunk", "StreamError"]);
    const stream = call("hi");
    for await (const _ of stream) break;
    await expect.poll(() => log.length).toBe(3);
    expect(log.splice(0)).toEqual(["request call", "chunk", ["left", "Du"]]);
    expect(stream.cost).toBeUndefined();
    call("never iterated");
    expect(log).toEqual([]);
  });

  test("of a stream that is left while an event is waited for", async () => {
    await using server = await serve(async (answer) => {
      answer.head(200, { "content-type": "text/event-stream" });
      await answer.write(fault.sse(textChunks("Du")[0])[0] as string);
    });
    const { log, layers } = diary();
    const seen: Answer[] = [];
    const partial = observe({ response: (response) => void seen.push(response) });
    const call = openai.call(model, { stream: true, client: server.client, layers: [...layers, partial] }, say);
    const steps = call("hi")[Symbol.asyncIterator]();
    await steps.next();
    const pending = steps.next();
    await steps.return?.();
    await pending;
    await server.server.clientClosed;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(log).toEqual(["request call", "chunk", ["left", "Du"]]);
    // What was cut is not mistaken for a whole answer.
    expect(seen).toMatchObject([{ content: "Du", cost: undefined, stopReason: undefined }]);
  });

  test("of structured streams on another provider, in a scope", async () => {
    const events = [
      claude.messageStart,
      ...claude.toolEvents(0, "t", "respond", '{"title":', '"Dune"}'),
      ...claude.endEvents("tool_use"),
    ];
    await using server = await claude.serve(
      fault.status(200, claude.eventStream(...events).join(""), { "content-type": "text/event-stream" }),
    );
    const { log, layers } = diary();
    const named = z.object({ title: z.string() }).meta({ title: "respond" });
    const call = anthropic.call("claude", { stream: true, responseModel: named, client: server.client }, say);
    const values = await collect(within({ layers }, () => call("hi")));
    expect(values.at(-1)).toEqual({ title: "Dune" });
    expect(log).toEqual(["request call", ...events.map(() => "chunk"), ["response", ""]]);
  });

  test("of the steps, tools and end of a loop, also of one that fails or is left", async () => {
    const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => a + 1 });
    const fail = tool({
      name: "fail",
      call: (): string => {
        throw new RangeError("no");
      },
    });
    const asks = (name: string, args: object = { a: 1 }) => completion({ tool_calls: [toolCall(name, args)] });
    await using server = await startChat(asks("add"), completion({ content: "Done." }), asks("fail", {}), asks("add"));
    const { log, layers } = diary();
    const call = openai.call(model, { client: server.client, layers, tools: [add, fail] }, say);
    await toolLoop(call)("go");
    expect(log.splice(0)).toEqual([
      "request step",
      ["response", ""],
      ["add", 2],
      "request step",
      ["response", "Done."],
      ["done", 2],
    ]);
    await thrownBy(() => toolLoop(call, { toolErrors: "throw" })("go"));
    expect(log.splice(0)).toEqual(["request step", ["response", ""], "RangeError"]);
    const run = toolLoop(call)("go");
    for await (const _ of run) break;
    await thrownBy(() => run);
    expect(log).toEqual(["request step", ["response", ""], ["left", 1]]);
  });
});

describe("a hook", () => {
  test("may give another answer, value or error, and answer for a request that failed", async () => {
    await using bad = await serve(failing(500));
    await using server = await startChat(completion({ content: "one" }));
    const other = completion({ content: "two" });
    const call = openai.call(model, { client: server.client }, say);
    const changed = await call.with({ layers: [observe({ response: async () => ({ response: other }) })] })("hi");
    expect(changed.content).toBe("two");
    expect(changed.startTime).toBeGreaterThan(0);
    const own = new Received({ response: other, cached: true });
    expect((await call.with({ layers: [observe({ response: () => own })] })("hi")).cached).toBe(true);
    const title = openai.call(model, { client: server.client, outputParser: ({ content }) => content }, say);
    const shouting = observe({ value: (value, response) => `${value}! ${response?.outputTokens}` });
    expect(await title.with({ layers: [shouting] })("hi")).toBe("one! 5");
    const failed = openai.call(model, { client: bad.client }, say);
    const seen: unknown[] = [];
    const answering = observe({ error: () => ({ response: other }), response: (response) => void seen.push(response) });
    expect((await failed.with({ layers: [answering] })("hi")).content).toBe("two");
    expect(seen).toEqual([]);
    const mine = new Error("ours");
    const told: unknown[] = [];
    const replacing = observe({
      error(error) {
        told.push(error);
        return mine;
      },
    });
    expect(await thrownBy(() => failed.with({ layers: [replacing] })("hi"))).toBe(mine);
    expect(told).toMatchObject([{ status: 500 }]);
    const stream = openai.call(model, { client: bad.client, stream: true, layers: [replacing] }, say)("hi");
    expect(await thrownBy(() => collect(stream))).toBe(mine);
  });

  // checklist: 148
  test("is told nothing of an answer that another gave for an error, whatever value is made of it", async () => {
    await using server = await serve(
      failing(500),
      fault.status(200, JSON.stringify(completion({ content: '{"title":"Emma"}' })), json),
    );
    const { log, hooks } = diary();
    const other = completion({ content: '{"title":"Dune"}' });
    const layers = [observe({ ...hooks, error: () => ({ response: other }) })];
    const plain = openai.call(model, { client: server.client, layers }, say);
    const parsed = openai.call(
      model,
      { client: server.client, layers, outputParser: ({ content }) => content.length },
      say,
    );
    const extracted = openai.call(model, { client: server.client, layers, responseModel: Book, jsonMode: true }, say);
    expect(await extracted("hi")).toEqual({ title: "Dune" });
    expect(log.splice(0)).toEqual(["request call"]);
    expect(await extracted("hi")).toEqual({ title: "Emma" });
    expect(log.splice(0)).toEqual(["request call", ["response", '{"title":"Emma"}'], ["value", { title: "Emma" }]]);
    await using bad = await serve(failing(500));
    expect(await parsed.with({ client: bad.client })("hi")).toBe(16);
    expect((await plain.with({ client: bad.client })("hi")).content).toBe('{"title":"Dune"}');
    expect(log).toEqual(["request call", "request call"]);
  });

  test("cannot change what was read already", async () => {
    await using bad = await serve(failing(500));
    await using server = await startChat(textChunks("Dune"), completion({ content: "no" }));
    const other = { response: completion({ content: "x" }) };
    const stream = openai.call(model, { stream: true, client: server.client }, say);
    const changing = observe({ response: () => other, error: () => other });
    expect(await thrownBy(() => collect(stream.with({ layers: [changing] })("hi")))).toBeInstanceOf(ConfigError);
    const broken = openai.call(model, { stream: true, client: bad.client, layers: [changing] }, say);
    expect(await thrownBy(() => collect(broken("hi")))).toMatchObject({ code: "config", cause: { status: 500 } });
    const answering = observe({ error: () => other });
    const options = { client: server.client, layers: [answering], responseModel: Book, jsonMode: true } as const;
    expect(await thrownBy(() => openai.call(model, options, say)("hi"))).toMatchObject({
      code: "config",
      cause: expect.any(ParseError),
    });
    const wrong = observe({ response: () => 7 as never });
    const whole = openai.call(model, { client: server.client, layers: [wrong] }, say);
    expect(await thrownBy(() => whole("hi"))).toMatchObject({ message: expect.stringContaining("gives { response }") });
  });

  test("that throws ends the call with its own error, which is not told", async () => {
    const whole = completion({ content: "x" });
    await using server = await startChat(whole, whole, textChunks("x"));
    const own = new Error("hook");
    const throwing = () => {
      throw own;
    };
    const told: unknown[] = [];
    const error = (error: unknown) => void told.push(error);
    for (const hook of ["request", "response", "value"] as const) {
      const layers = [observe({ [hook]: throwing, error })];
      const call = openai.call(model, { client: server.client, layers }, say);
      expect(await thrownBy(() => call("hi"))).toBe(own);
    }
    expect(server.requests).toHaveLength(2);
    const layers = [observe({ chunk: throwing, error })];
    const stream = openai.call(model, { stream: true, client: server.client, layers }, say)("hi");
    expect(await thrownBy(() => collect(stream))).toBe(own);
    expect(told).toEqual([]);
  });

  test("that is none is refused", () => {
    expect(() => observe({})).toThrow("observe() needs a hook");
    expect(() => observe({ respones: () => {} } as never)).toThrow('"respones"');
    expect(() => observe({ response: 7 } as never)).toThrow("The hook `response` is a function");
    expect(() => observe(undefined as never)).toThrow(ConfigError);
  });
});
