import { describe, expect, test } from "vitest";
import * as z from "zod";
import { ask, askFor, growing, streamOf } from "../../test/contract/lane.ts";
import { lanes, networkLanes } from "../../test/contract/lanes/index.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { call } from "../any-provider.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { classify, type ErrorKind } from "../errors/classify.ts";
import { ConfigError, ResponseError, TimeoutError } from "../errors/errors.ts";
import { retry } from "../layers/retry.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { StreamError } from "../read/stream-error.ts";
import { within } from "../send/scope.ts";
import { tool } from "../tools/tool.ts";
import { answer, type FailureOptions, failure, fake } from "./index.ts";

const rich = {
  text: "Hello there, you!",
  thinking: "They want a greeting.",
  toolCalls: [
    { name: "count_copies", args: { title: "Dune — ‘one’" } },
    { name: "list_all", args: {} },
  ],
  usage: { inputTokens: 20, outputTokens: 9 },
};
const copies = tool({ name: "count_copies", parameters: z.object({ title: z.string() }), call: () => "3" });
const all = tool({ name: "list_all", parameters: z.object({}), call: () => "none" });
const Book = z.object({ title: z.string(), year: z.number() });
const dune = { title: "Dune", year: 1965 };

describe.each(lanes)("$name: a made-up answer", (lane) => {
  test("says what it was told to say, whole and streamed, and the stream folds to the whole", async () => {
    const model = fake([answer(rich), answer(rich)]);
    const options = { layers: [model], tools: [copies, all] };
    const response = await ask(lane, options)();
    expect(response).toMatchObject({
      content: "Hello there, you!",
      thinking: "They want a greeting.",
      stopReason: "tool_calls",
      inputTokens: 20,
      outputTokens: 9,
    });
    const calls = (response.tools ?? []).map(({ name, args }) => [name, args]);
    expect(calls).toEqual([
      ["count_copies", { title: "Dune — ‘one’" }],
      ["list_all", {}],
    ]);
    const stream = streamOf(lane, options)();
    const steps = await collect(stream);
    expect(steps.length).toBeGreaterThan(4);
    const whole = stream.constructCallResponse();
    expect(whole.content).toBe("Hello there, you!");
    expect(whole.tools?.map(({ name, args }) => [name, args])).toEqual(calls);
    for (const key of ["thinking", "stopReason", "finishReasons", "tokens", "model", "cost"] as const) {
      expect([key, whole[key]]).toEqual([key, response[key]]);
    }
    expect(Object.getPrototypeOf(whole.response)).toBe(Object.getPrototypeOf(response.response));
    expect([response.head?.requestId, whole.head?.requestId]).toEqual(["req-fake-1", "req-fake-2"]);
    expect(JSON.stringify(whole.message)).toContain("count_copies");
    if (lane.free) expect(response.cost).toBe(0);
    else expect(response.cost).toBeGreaterThan(0);
    model.done();
    expect(model.requests.map(({ provider, prepared }) => [provider, prepared.stream])).toEqual([
      [lane.provider.name, false],
      [lane.provider.name, true],
    ]);
  });

  test("goes back to the provider as its own turn", async () => {
    const model = fake([answer({ text: "one", toolCalls: rich.toolCalls }), "two"]);
    const call = ask(lane, { layers: [model], tools: [copies, all] });
    const result = await toolLoop(call as never)();
    expect(result).toMatchObject({ status: "done", response: { content: "two" } });
    const ids = model.requests[1]?.prepared.neutral.flatMap(
      (message) => JSON.stringify(message).match(/call0000\d/g) ?? [],
    );
    expect(new Set(ids)).toEqual(new Set(["call00001", "call00002"]));
    model.done();
  });

  test("has a value of the response model, in every mode, whole and as it grows", async () => {
    for (const jsonMode of [undefined, true]) {
      const model = fake([answer({ value: dune }), answer({ value: dune })]);
      const options = { layers: [model], responseModel: Book, ...(jsonMode && { jsonMode }) };
      expect(await askFor(lane, options)()).toEqual(dune);
      const seen = await collect(growing(lane, options)());
      expect(seen.at(-1)).toEqual(dune);
    }
    const list = fake([answer({ value: ["a", "b"] })]);
    expect(await askFor(lane, { layers: [list], responseModel: z.array(z.string()) })()).toEqual(["a", "b"]);
  });

  test("is cut off, echoes another model, and comes in pieces of one's own", async () => {
    const model = fake([answer({ text: "Hel", finish: "length" }), answer({ text: ["He", "llo"] })]);
    const response = await ask(lane, { layers: [model] })();
    expect(response).toMatchObject({ content: "Hel", stopReason: "length" });
    const steps = await collect(streamOf(lane, { layers: [model] })());
    expect(steps.map(([chunk]) => chunk.content).filter(Boolean)).toEqual(["He", "llo"]);
  });

  test("fails on demand: cut, stalled, malformed", async () => {
    const cut = fake([answer({ text: "a b c d e f", fault: { kind: "cut", after: 2 } })]);
    const stream = streamOf(lane, { layers: [cut] })();
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_ended_early" });
    expect(attemptsOf(error)).toMatchObject([{ error, provider: lane.provider.name }]);

    const stalled = fake([answer({ fault: "stall", text: "x" }), answer({ fault: "stall", text: "x" })]);
    const silent = streamOf(lane, { layers: [stalled] }).with({ idleTimeout: 20 });
    expect(await thrownBy(() => collect(silent()))).toMatchObject({ code: "stream_stalled" });
    const late = ask(lane, { layers: [stalled] }).with({ timeout: 20 });
    expect(await thrownBy(() => late())).toBeInstanceOf(TimeoutError);

    const bad = fake([answer({ text: "x", fault: "malformed" }), answer({ text: "x", fault: "malformed" })]);
    expect(await thrownBy(() => ask(lane, { layers: [bad] })())).toBeInstanceOf(ResponseError);
    const broken = await thrownBy(() => collect(streamOf(lane, { layers: [bad] })()));
    expect(broken).toMatchObject({ code: "stream_broken", cause: expect.any(SyntaxError) });
  });

  test("is left when its caller leaves", async () => {
    const controller = new AbortController();
    const model = fake([answer({ text: "x", delay: 10_000 })]);
    const asked = ask(lane, { layers: [model] }).with({ signal: controller.signal })();
    setTimeout(() => controller.abort(), 10);
    expect(classify(await thrownBy(async () => asked)).kind).toBe("aborted");
  });
});

describe.each(networkLanes)("$name: a made-up failure", (lane) => {
  // Statuses that every lane knows the class of.
  const classed = [401, 403, 404, 422, 429, 500];
  const client = lane.client("http://127.0.0.1:9");

  test.each<[ErrorKind, FailureOptions, number | undefined]>([
    ["authentication", {}, 401],
    ["permission", {}, 403],
    ["not_found", {}, 404],
    ["quota", {}, undefined],
    ["invalid_request", {}, 400],
    ["invalid_request", { status: 422 }, 422],
    ["too_large", {}, 413],
    ["context_overflow", {}, 400],
    ["conflict", {}, 409],
    ["rate_limit", { retryAfterMs: 2000 }, 429],
    ["overloaded", { retryAfterMs: 1500 }, lane.name === "anthropic" ? 529 : 503],
    ["server", {}, 500],
    ["unsupported", {}, 501],
    ["timeout", {}, undefined],
    ["connection", {}, undefined],
    ["aborted", {}, undefined],
  ])("of the kind %s is the SDK's own error", async (kind, options, status) => {
    const model = fake([failure(kind, options), failure(kind, { ...options, after: 2, answer: "a b c d" })]);
    const thrown = await thrownBy(() => ask(lane, { client, layers: [model] })());
    const view = classify(thrown);
    expect(view).toMatchObject({ kind, retryAfterMs: options.retryAfterMs });
    if (status !== undefined) {
      expect(view.status).toBe(status);
      if (classed.includes(status)) expect(thrown).toBeInstanceOf(lane.errorClass(status));
    }
    expect(attemptsOf(thrown)).toMatchObject([{ error: thrown }]);
    const stream = streamOf(lane, { client, layers: [model] })();
    expect(classify(await thrownBy(() => collect(stream))).kind).toBe(kind);
    expect(stream.partialResponse).toBeDefined();
  });
});

test.each(networkLanes)("$name: a content filter is an error, or it is refused that it is none", async (lane) => {
  const thrown = await thrownBy(() => ask(lane, { layers: [fake([failure("content_filter")])] })());
  if (thrown instanceof ConfigError) expect(thrown.message).toContain('no error of the kind "content_filter"');
  else expect(classify(thrown).kind).toBe("content_filter");
  const isChat = /^(?:openai|groq|azure|litellm)/.test(lane.name);
  expect(thrown instanceof ConfigError).toBe(!isChat);
});

describe("a script", () => {
  const say = openai.call("gpt-4o-mini", (text: string) => text);

  test("is answers, texts, errors and functions; what is left over fails `done`, what is missing fails the call", async () => {
    const error = new Error("no more");
    const model = fake([
      "Dune",
      (request, index) => `${index}: ${JSON.stringify(request.prepared.request)}`,
      error,
      failure("rate_limit"),
    ]);
    await within({ layers: [model] }, async () => {
      expect((await say("hi")).content).toBe("Dune");
      expect((await say("you")).content).toContain('1: {"model":"gpt-4o-mini"');
      expect(await thrownBy(() => say("x"))).toBe(error);
      expect(() => model.done()).toThrow('was asked 3 of its 4 answers; nobody asked for failure("rate_limit")');
      expect(classify(await thrownBy(() => say("x"))).kind).toBe("rate_limit");
      model.done();
      const missing = await thrownBy(() => say("x"));
      expect(missing).toBeInstanceOf(ConfigError);
      expect(missing).toMatchObject({ message: expect.stringContaining("has 4 answers, and this is request 5") });
    });
    expect(model.requests).toHaveLength(5);
  });

  test("is refused where it is none, before any call", async () => {
    expect(() => fake([7 as never])).toThrow("Answer 0 is a number");
    expect(() => fake(7 as never)).toThrow("takes an array of answers or a function");
    expect(() => answer({ txt: "x" } as never)).toThrow('no part "txt"');
    expect(() => answer({ fault: "melt" as never })).toThrow("faults cut, stall, malformed");
    expect(() => answer({ text: "x", value: 1 })).toThrow("a value is written as one of these");
    expect(() => failure("config")).toThrow("failure() knows the kinds");
    const value = fake([answer({ value: 1 })]);
    expect(await thrownBy(() => say.with({ layers: [value] })("x"))).toMatchObject({ code: "config" });
    const beyond = fake([answer({ text: "x", fault: { kind: "cut", after: 99 } })]);
    const stream = openai.call("m", { stream: true, layers: [beyond] }, () => "x")();
    expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "config" });
    const none = fake(() => undefined as never);
    expect(await thrownBy(() => say.with({ layers: [none] })("x"))).toMatchObject({ code: "config" });
  });

  test("answers a provider that is chosen at run time, a call that is sent apart, and what a retry sends", async () => {
    const anywhere = call("anthropic/claude-haiku-4-5", (text: string) => text);
    const model = fake(["one", "two", failure("rate_limit", { retryAfterMs: 1 }), "three"]);
    await within({ layers: [model] }, async () => {
      expect((await anywhere("x")).response).toMatchObject({ type: "message", content: [{ text: "one" }] });
      const prepared = await say.prepare("y");
      const received = JSON.parse(JSON.stringify(await say.send(prepared)));
      expect((await say.read(prepared, received)).content).toBe("two");
      const again = await within({ layers: [retry()] }, () => say("z"));
      expect([again.content, again.attempts.length]).toEqual(["three", 1]);
    });
    model.done();
  });

  test("keeps to the order of requests that run side by side", async () => {
    const model = fake([answer({ text: "slow", delay: 20 }), "quick"]);
    const answers = await Promise.all(["a", "b"].map((text) => say.with({ layers: [model] })(text)));
    expect(answers.map(({ content }) => content)).toEqual(["slow", "quick"]);
  });
});
