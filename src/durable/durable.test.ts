import { describe, expect, test } from "vitest";
import * as z from "zod";
import { ask, askFor, growing, streamOf } from "../../test/contract/lane.ts";
import { lanes } from "../../test/contract/lanes/index.ts";
import { completion, startChat, toolCall } from "../../test/support/chat-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { fallback } from "../combine/fallback.ts";
import { attemptsOf } from "../contract/attempts.ts";
import type { Layer } from "../contract/layer.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { isOfEngine, type KeptFailure } from "../errors/kept-failure.ts";
import { observe } from "../layers/observe.ts";
import { retry } from "../layers/retry.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { image } from "../message/media.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { map } from "../rows/index.ts";
import { within } from "../send/scope.ts";
import { answer, failure, fake } from "../testing/index.ts";
import { tool } from "../tools/tool.ts";
import type { Engine } from "./engine.ts";
import { type DurableOptions, durableLayer } from "./layer.ts";

/** What the memory's engine ends a run with. */
class Ended extends Error {}
class Failed extends Error {
  readonly failure: KeptFailure;

  constructor(failure: KeptFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** An engine whose journal is an array: a second run of it is a replay. */
function memory() {
  const journal: { readonly name: string; readonly text: string }[] = [];
  const waits: number[] = [];
  return {
    journal,
    waits,
    /** The layer of a run that begins, or begins anew. */
    run(options: DurableOptions = {}, more: Partial<Engine> = {}): Layer {
      let at = 0;
      return durableLayer(
        {
          async step(name, work, read) {
            const index = at++;
            journal[index] ??= { name, text: await work(undefined) };
            return read(journal[index].text);
          },
          keepsOrder: false,
          sleep: async (ms) => void waits.push(ms),
          isOwn: (error) => error instanceof Ended,
          failed: (kept) => new Failed(kept),
          maxBytes: undefined,
          ...more,
        },
        options,
      );
    },
  };
}

const rich = {
  text: "Hello there, you!",
  thinking: "They want a greeting.",
  toolCalls: [{ name: "count_copies", args: { title: "Dune" } }],
  usage: { inputTokens: 20, outputTokens: 9 },
};
const copies = tool({ name: "count_copies", parameters: z.object({ title: z.string() }), call: () => "3" });
const Book = z.object({ title: z.string(), year: z.number() });
const dune = { title: "Dune", year: 1965 };
const shown = [
  "content",
  "thinking",
  "toolCalls",
  "tokens",
  "cost",
  "costDetails",
  "stopReason",
  "finishReasons",
  "head",
  "messageParam",
  "message",
  "startTime",
  "endTime",
] as const;

describe.each(lanes)("$name: a durable step", (lane) => {
  test("holds all of an answer, whole and streamed, in the first run as in its replay", async () => {
    const { journal, run } = memory();
    const model = fake([answer(rich), answer(rich)]);
    const both = (layer: Layer) =>
      within({ layers: [layer, model] }, async () => {
        const response = await ask(lane, { tools: [copies] })();
        const stream = streamOf(lane, { tools: [copies] })();
        const steps = await collect(stream);
        return { response, steps, whole: stream.constructCallResponse(), startTime: stream.startTime };
      });
    const first = await both(run());
    const again = await both(run());
    model.done();
    expect(journal.map(({ name }) => name.replace(/ \d$/, ""))).toEqual(
      Array(2).fill(`${lane.provider.name} ${first.response.callKwargs && model.requests[0]?.model}`),
    );
    for (const kind of ["response", "whole"] as const) {
      for (const key of shown) expect([key, again[kind][key]]).toEqual([key, first[kind][key]]);
      expect(again[kind].tools?.map(({ name, args }) => ({ name, args }))).toEqual(rich.toolCalls);
      expect(Object.getPrototypeOf(again[kind].response)).toBe(Object.getPrototypeOf(first[kind].response));
      expect(again[kind].content).toBe(rich.text);
    }
    // One event says all of it, and the tool comes with it.
    const [[event, use] = [], ...more] = first.steps as [
      { content: string; chunk: object },
      { name: string } | undefined,
    ][];
    expect([event?.content, use?.name, more]).toEqual([rich.text, "count_copies", []]);
    expect(event?.chunk).toBe(first.whole.response);
    expect(again.startTime).toBe(first.startTime);
  });

  test("holds a value as it grows", async () => {
    const { run } = memory();
    const model = fake([answer({ value: dune }), answer({ value: dune })]);
    const grown = (layer: Layer) =>
      within({ layers: [layer, model] }, async () => [
        await askFor(lane, { responseModel: Book })(),
        (await collect(growing(lane, { responseModel: Book })())).at(-1),
      ]);
    expect(await grown(run())).toEqual([dune, dune]);
    expect(await grown(run())).toEqual([dune, dune]);
    model.done();
  });
});

const say = openai.call("gpt-4o-mini", (text: string) => text);

describe("what an engine steers by", () => {
  test("is not told to a model, tried again, fallen back on or made a row's failure", async () => {
    const ending = { step: async () => Promise.reject(new Ended("enough")) };
    const model = fake([]);
    const layers = () => [retry({ when: () => true }), memory().run({}, ending), model];
    const error = await thrownBy(() =>
      within({ layers: layers() }, () => fallback(say, { call: say, when: () => true })("a")),
    );
    expect(error).toBeInstanceOf(Ended);
    expect([isOfEngine(error), classify(error)]).toMatchObject([true, { kind: "aborted", retryable: false }]);
    const rows = await thrownBy(() => within({ layers: layers() }, () => map(say, ["a", "b"])));
    expect(rows).toBeInstanceOf(Ended);
    // A tool that is none of the steps speaks to the engine by itself.
    const own = tool({
      name: "own",
      call: (): string => {
        throw new Ended("from a tool");
      },
    });
    const asks = fake([answer({ toolCalls: [{ name: "own", args: {} }] })]);
    for (const tools of [true, false]) {
      const engine = memory();
      const loop = toolLoop(
        openai.call(
          "gpt-4o-mini",
          { tools: [own], layers: [fake([answer({ toolCalls: [{ name: "own", args: {} }] })])] },
          () => "go",
        ),
      );
      const run = within({ layers: [engine.run({ tools: () => tools })] }, () => loop());
      expect(await thrownBy(() => run)).toBeInstanceOf(Ended);
      // It stays open: nothing has come of it.
      expect(run.state?.calls).toMatchObject([{ name: "own" }]);
      expect(run.state?.calls[0]).not.toHaveProperty("output");
      expect(engine.journal).toHaveLength(1);
    }
    expect(asks.requests).toEqual([]);
  });

  test("a deadline does not take its place", async () => {
    const slow = { step: () => new Promise<never>((_, reject) => setTimeout(reject, 30, new Ended("enough"))) };
    const call = say.with({ deadline: 5, layers: [memory().run({}, slow)] });
    expect(await thrownBy(() => call("a"))).toBeInstanceOf(Ended);
  });
});

test("a replay that asks something else is told so, and nothing is sent for it", async () => {
  const { run } = memory();
  const model = fake(["one"]);
  await within({ layers: [run(), model] }, () => say("at 9:00"));
  const error = await thrownBy(() => within({ layers: [run(), model] }, () => say("at 9:01")));
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as Error).message).toMatch(/"openai gpt-4o-mini 1" holds the answer to another request/);
  expect(isOfEngine(error)).toBe(true);
});

test.each([true, false])(
  "calls side by side take their places as they are called (keepsOrder: %s)",
  async (keepsOrder) => {
    const { run, journal } = memory();
    const model = fake((request) => answer({ text: JSON.stringify(request.prepared.request) }));
    const delays = [30, 0, 15];
    const asked = () => {
      const slowly = openai.call(
        "gpt-4o-mini",
        { layers: [run({}, { keepsOrder }), model] },
        async (text: string, ms: number) => {
          await new Promise((resolve) => setTimeout(resolve, ms));
          return text;
        },
      );
      return Promise.all(delays.map((ms, at) => slowly(`text ${at}`, ms)));
    };
    const first = await asked();
    delays.reverse();
    const again = await asked();
    expect(again.map(({ content }) => content)).toEqual(first.map(({ content }) => content));
    expect(journal.map(({ text }) => text.match(/text \d/)?.[0])).toEqual(["text 0", "text 1", "text 2"]);
    expect(model.requests).toHaveLength(3);
  },
);

test("a call that is made while another's prompt is written does not wait for it", async () => {
  const { run } = memory();
  const model = fake(["inner", "outer"]);
  const outer = openai.call("gpt-4o-mini", async () => (await say("first")).content);
  const { content } = await within({ layers: [run(), model] }, () => outer());
  expect(content).toBe("outer");
  expect(model.requests[1]?.prepared.request).toMatchObject({ messages: [{ content: "inner" }] });
});

test("a failure is kept with its attempts, and is the same in a replay", async () => {
  const { run, waits } = memory();
  const model = fake([
    failure("overloaded"),
    failure("rate_limit", { retryAfterMs: 1500 }),
    failure("invalid_request"),
  ]);
  const errors: unknown[] = [];
  for (const _ of [1, 2]) errors.push(await thrownBy(() => within({ layers: [run(), model] }, () => say("a"))));
  model.done();
  const [first, again] = errors;
  expect(first).toMatchObject({ failure: { kind: "invalid_request", status: 400, retryable: false } });
  expect((again as Failed).failure).toEqual((first as Failed).failure);
  expect(classify(again)).toEqual(classify(first));
  expect(JSON.stringify(attemptsOf(again))).toBe(JSON.stringify(attemptsOf(first)));
  expect(attemptsOf(first).map(({ cost }) => cost)).toEqual([undefined, 0, 0]);
  expect(attemptsOf(first).map((one) => JSON.parse(JSON.stringify(one)).error)).toEqual([
    { kind: "overloaded", status: 503 },
    { kind: "rate_limit", status: 429 },
    { kind: "invalid_request", status: 400 },
  ]);
  // By the engine's clock: the second no sooner than the provider says.
  expect(waits).toHaveLength(4);
  expect(waits[1]).toBeGreaterThanOrEqual(1500);
});

test("without retries it is sent once; retry() around it has the say", async () => {
  const once = fake([failure("overloaded")]);
  await thrownBy(() => within({ layers: [memory().run({ retry: false }), once] }, () => say("a")));
  once.done();
  const twice = fake([failure("overloaded"), failure("overloaded")]);
  await thrownBy(() => within({ layers: [retry({ attempts: 2 }), memory().run(), twice] }, () => say("a")));
  twice.done();
  const streamed = fake([failure("overloaded"), "Emma"]);
  const stream = within({ layers: [memory().run(), streamed] }, () => openai.call("m", { stream: true }, () => "a")());
  expect((await collect(stream)).map(([{ content }]) => content)).toEqual(["Emma"]);
  expect(stream.constructCallResponse().total.requests).toBe(2);
});

test("an answer that a step cannot hold is a failure, not a step that never comes back", async () => {
  const model = fake(["x".repeat(5000), "y"]);
  const { run } = memory();
  const error = await thrownBy(() => within({ layers: [run({}, { maxBytes: 4000 }), model] }, () => say("a")));
  expect(error).toMatchObject({
    message: expect.stringMatching(/^The answer has \d+ bytes, and a durable step holds at most 4000/),
  });
  expect(classify(error).retryable).toBe(false);
});

test("what a tool gives is given again: values, texts, errors; and what it asks is part of its step", async () => {
  const given: Record<string, unknown> = {
    text: "as it is",
    object: { at: new Date(0), n: 1n, set: new Set([1]) },
    list: ["Two notes:", "a", "b"],
    nothing: undefined,
    fault: new Error("as a value"),
  };
  const outputs: unknown[][] = [];
  const names = Object.keys(given);
  const { run, journal } = memory();
  const model = fake([answer({ toolCalls: names.map((name) => ({ name, args: {} })) }), "inner", "done"]);
  const told = observe({ tool: ({ name }, output) => void outputs.at(-1)?.push([name, output]) });
  const tools = names.map((name) =>
    tool({
      name,
      call: async () => (name === "text" ? (await say("inner")).content.replace("inner", "as it is") : given[name]),
    }),
  );
  const loop = toolLoop(
    openai.call("gpt-4o-mini", { tools }, () => "go"),
    { concurrency: 1 },
  );
  const results: unknown[] = [];
  for (const _ of [1, 2]) {
    outputs.push([]);
    const seen: unknown[] = [];
    await within({ layers: [told, run(), model] }, async () => {
      for await (const event of loop()) {
        if (event.type === "tool_result") seen.push([event.name, event.output, event.isError]);
      }
    });
    results.push(seen);
  }
  model.done();
  expect(results[1]).toEqual(results[0]);
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[0]?.[1]).toEqual(["object", { at: "1970-01-01T00:00:00.000Z", n: "1", set: [1] }]);
  expect(results[0]).toEqual([
    ["text", "as it is", false],
    ["object", '{"at":"1970-01-01T00:00:00.000Z","n":"1","set":[1]}', false],
    ["list", '["Two notes:","a","b"]', false],
    ["nothing", "null", false],
    ["fault", "as a value", true],
  ]);
  expect(journal.map(({ name }) => name)).toEqual([
    "openai gpt-4o-mini 1",
    ...names.map((name, index) => `tool ${name} ${index + 2}`),
    "openai gpt-4o-mini 7",
  ]);
});

test("no key and no header of a request is in the journal", async () => {
  await using server = await startChat(
    completion({ tool_calls: [toolCall("count_copies", { title: "Dune" })] }),
    completion({ content: "3" }),
  );
  const { run, journal } = memory();
  const call = openai.call("gpt-4o-mini", { client: server.client, tools: [copies] }, () => "go");
  await within({ layers: [run()], headers: { "x-tenant": "secret-tenant" } }, () => toolLoop(call)());
  expect(journal).toHaveLength(3);
  expect(JSON.stringify(journal)).not.toMatch(/sk-secret|secret-tenant|authorization/i);
});

test("options that make no sense are refused", () => {
  const engine = memory();
  for (const options of [
    { tool: true },
    { tools: "all" },
    { retry: { attempts: 0 } },
    { retry: { when: "server" } },
    null,
  ]) {
    expect(() => engine.run(options as never)).toThrow(ConfigError);
  }
});

test("media that a tool gives lie in its step with their bytes, and go out as such in a replay, too", async () => {
  const { run } = memory();
  const model = fake([answer({ toolCalls: [{ name: "look", args: {} }] }), "A dot."]);
  const head = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex");
  const png = new Uint8Array(Buffer.concat([head, Buffer.alloc(32)]));
  const look = tool({ name: "look", call: () => ["A picture:", image(png)] });
  const loop = toolLoop(anthropic.call("claude-haiku-4-5", { tools: [look] }, () => "go"));
  const [first, second] = [
    await within({ layers: [run(), model] }, () => loop()),
    await within({ layers: [run(), model] }, () => loop()),
  ];
  model.done();
  expect(second.conversation).toEqual(first.conversation);
  expect(second.response?.callKwargs).toEqual(first.response?.callKwargs);
  expect(JSON.stringify(second.response?.callKwargs)).toContain('"media_type":"image/png"');
});

test("an output that cannot be sent ends a loop in a step, too", async () => {
  const { run } = memory();
  const model = fake([answer({ toolCalls: [{ name: "look", args: {} }] })]);
  const look = tool({ name: "look", call: () => new Uint8Array([1]) });
  const loop = toolLoop(anthropic.call("claude-haiku-4-5", { tools: [look] }, () => "go"));
  for (const _ of [1, 2]) {
    await expect(within({ layers: [run(), model] }, () => loop())).rejects.toThrow("image(bytes)");
  }
  model.done();
});
