import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallResponse } from "../../src/read/response.ts";
import type { DoneRow, Row } from "../../src/rows/index.ts";
import { type DurableEngine, type DurableLane, lanes } from "../support/durable-lanes.ts";
import { type DurableModel, startModel } from "../support/durable-model.ts";
import { thrownBy } from "../support/replay.ts";

// One suite on each real engine: Restate's server from its npm package, DBOS on Debian's PostgreSQL.

const user = (content: string) => ({ role: "user", content });
const plain = (text: string, model = "gpt-4o-mini") => ({ model, messages: [user(text)] });

for (const lane of lanes) {
  describe.skipIf(!lane.present)(lane.present ? lane.title : lane.sentence, () => suite(lane));
}

function suite(lane: DurableLane): void {
  let model: DurableModel;
  let engine: DurableEngine;

  beforeAll(async () => {
    if (!lane.present) expect.fail(lane.sentence);
    // Answers of chains come in any order.
    model = await startModel((question) => (question.includes("chain-") ? Math.random() * 60 : 0));
    engine = await lane.start(model.url);
  }, 60_000);
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
    await model?.close();
  });

  /** Runs a case to its end, with the gate open, and gives what it came to and the bodies it asked before the gate. */
  async function ended(name: string, key = name): Promise<{ came: Record<string, unknown>; bodies: unknown[] }> {
    model.open(key);
    const came = (await engine.run(name, key)) as Record<string, unknown>;
    return { came, bodies: model.bodies(key).filter((body) => !JSON.stringify(body).includes(`"${key} gate"`)) };
  }

  const answered = { stopReason: "stop", cost: 0.0000045, tokens: { input: 10, output: 5 }, id: "chatcmpl-1" };

  test("rows: each with its value or its error, at most so many at once, and asked once, whoever asks again", async () => {
    const texts = Array.from({ length: 40 }, (_, at) => `row${at} ${at === 7 ? "wrong" : "say"}`);
    const run = engine.maps.shout(texts, { name: "first", concurrency: 6, key: (text) => text, tag: "kind" });
    const rows = new Map<string, Row<CallResponse>>();
    for await (const row of run) rows.set(row.key, row);
    expect(rows.size).toBe(40);
    for (const [ordinal, text] of texts.entries()) {
      const row = rows.get(text) as Row<CallResponse>;
      expect(row).toMatchObject({ key: text, ordinal, args: [text], resumed: false });
      // Of one without an answer there is no metadata.
      if (ordinal === 7) continue;
      expect(row).toMatchObject({ status: "done", tag: "say", cost: 0.0000045, requests: 1 });
      const { value } = row as DoneRow<CallResponse>;
      expect(value.content).toBe(text.toUpperCase());
      expect(value.callKwargs).toEqual(plain(text));
    }
    const failure = { name: "StepError", message: "400 No: wrong", kind: "invalid_request", status: 400 };
    expect(rows.get("row7 wrong")).toMatchObject({ status: "failed", requests: 1, cost: 0, error: { failure } });
    expect(run.totals).toMatchObject({ done: 39, failed: 1, requests: 40, resumed: 0, stopped: undefined });
    expect(run.totals.tags.get("say")).toMatchObject({ done: 39 });
    expect(model.bodies("row3")).toEqual([plain("row3 say")]);
    expect(model.most("say")).toBeLessThanOrEqual(6);
    const asked = model.requests.length;
    const again = await engine.maps.shout(texts, { name: "first", key: (text) => text });
    expect(again).toMatchObject({ done: 39, failed: 1, resumed: 40, own: { requests: 0 } });
    expect(model.requests).toHaveLength(asked);
    // Another name is another run, and without one it is the call's own.
    expect(await engine.maps.shout(["x say"], {})).toMatchObject({ done: 1, resumed: 0 });
    expect(await engine.maps.shout(["x say"], {})).toMatchObject({ done: 1, resumed: 1 });
  });

  test("rows of a structured call and of a tool loop", async () => {
    for await (const row of engine.maps.book(["one book"], {})) {
      expect(row).toMatchObject({ status: "done", value: { title: "Dune" }, requests: 2, cost: 0.000009 });
    }
    for await (const row of engine.maps.agent(["agent tools"], {})) {
      expect(row).toMatchObject({ status: "done", requests: 2, cost: 0.000009 });
      if (row.status !== "done") continue;
      expect(row.value).toMatchObject({ status: "done", response: { content: "AGENT TOOLS" } });
      expect(row.value.conversation.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    }
  });

  test("rows stop at a signal with what is in flight kept, and what JSON would change is refused", async () => {
    const controller = new AbortController();
    const run = engine.maps.shout(
      (function* () {
        for (let at = 0; ; at++) {
          if (at === 30) controller.abort();
          yield `stopped${at} say`;
        }
      })(),
      { name: "stopped", signal: controller.signal, concurrency: 4, sigint: false },
    );
    const totals = await run;
    expect(totals).toMatchObject({ stopped: "signal", failed: 0 });
    expect(totals.done).toBeGreaterThanOrEqual(20);
    const dates = { args: () => [new Date(0)] as unknown as [string] };
    for await (const row of engine.maps.shout(["date"], { name: "dates", ...dates } as object)) {
      expect(row).toMatchObject({ status: "failed", requests: 0, error: { code: "config" } });
    }
  });

  test("a call, its request as ever", async () => {
    const { came, bodies } = await ended("plain");
    expect(came).toMatchObject({ ...answered, content: "PLAIN PLAIN", head: { requestId: "r-1" }, attempts: [] });
    expect(bodies).toEqual([plain("plain plain")]);
  });

  test("a structured call, asked again by its validation", async () => {
    const { came, bodies } = await ended("structured");
    expect(came).toMatchObject({ value: { title: "Dune" }, attempts: [{ content: '{"titel":"Dune"}' }] });
    expect(came).toMatchObject({ total: { requests: 2, inputTokens: 20 } });
    expect(bodies).toHaveLength(2);
    expect(bodies[1]).toMatchObject({ messages: [{ role: "system" }, user("structured book"), {}, { role: "user" }] });
  });

  test("a stream, whose step holds the whole answer, given as one event", async () => {
    const { came, bodies } = await ended("stream");
    expect(came).toMatchObject({ ...answered, pieces: ["STREAM STREAM"], content: "STREAM STREAM" });
    expect(bodies).toEqual([{ ...plain("stream stream"), stream: true, stream_options: { include_usage: true } }]);
  });

  test.each(["loop", "streamedLoop", "stepless"])("a tool loop: %s", async (name) => {
    const { came, bodies } = await ended(name);
    const weather = { type: "tool_result", name: "weather", isError: false };
    expect(came).toMatchObject({ status: "done", cost: 0.000009 });
    const [first, second] = came.results as Record<string, unknown>[];
    expect(first).toMatchObject(weather);
    const output = { city: "Paris", sky: `${name.toUpperCase()} INNER`, at: "1970-01-01T00:00:00.000Z" };
    expect(JSON.parse(String(first?.output))).toEqual(output);
    if (name !== "streamedLoop") expect(second).toMatchObject({ name: "pay", output: "no money", isError: true });
    expect(model.ran.get(`${name} weather`)).toBe(1);
    // What the tool asks is asked once, too.
    expect(bodies).toHaveLength(3);
    expect(bodies.at(-1)).toMatchObject({
      messages: [
        {},
        { role: "assistant" },
        { role: "tool", tool_call_id: "call_0" },
        ...(name === "streamedLoop" ? [] : [{ role: "tool", content: "no money" }]),
      ],
    });
  });

  test("a fallback goes on after what a provider refuses, and counts every request", async () => {
    const { came, bodies } = await ended("secondLeg");
    expect(bodies).toEqual([plain("secondLeg wrong", "gpt-4o"), plain("secondLeg plain")]);
    expect(came).toMatchObject({ content: "SECONDLEG PLAIN", total: { requests: 2, cost: 0.0000045 } });
    expect(came.attempts).toMatchObject([
      { error: { kind: "invalid_request", status: 400 }, model: "gpt-4o", cost: 0 },
    ]);
    const both = await ended("fallback");
    expect(both.bodies.map((body) => (body as { model: string }).model)).toEqual([
      ...["gpt-4o", "gpt-4o", "gpt-4o", "gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini"],
      "gpt-4o",
    ]);
  });

  test("retry() has a step for each attempt; without it the layer tries again itself, no sooner than the provider says", async () => {
    const { came, bodies } = await ended("retried");
    expect(bodies).toEqual(Array(3).fill(plain("retried flaky")));
    expect(came).toMatchObject({ content: "RETRIED FLAKY", total: { requests: 3 } });
    expect(came.attempts).toMatchObject(Array(2).fill({ error: { kind: "overloaded", status: 503 } }));
    const { bodies: own, came: later } = await ended("byItself");
    expect(own).toHaveLength(2);
    expect(later.attempts).toMatchObject([{ error: { kind: "rate_limit", status: 429 } }]);
    const [attempt] = later.attempts as { endTime: number }[];
    expect(Number(later.startTime) - Number(attempt?.endTime)).toBeGreaterThanOrEqual(120);
  });

  test("what is refused is final: it is asked once, and told by its kind", async () => {
    const { came, bodies } = await ended("wrong");
    expect(bodies).toHaveLength(1);
    const failure = { name: "BadRequestError", message: "400 No: wrong", kind: "invalid_request", status: 400 };
    expect(came).toMatchObject({ name: "StepError", message: "400 No: wrong", failure, view: { retryable: false } });
    const down = await ended("down");
    expect(down.bodies).toHaveLength(2);
    expect(down.came).toMatchObject({ failure: { name: "InternalServerError", status: 503, retryable: true } });
  });

  test("a budget and a limit stand inside: what does not fit is not asked, nor fallen back on", async () => {
    const { came, bodies } = await ended("limited");
    expect(bodies).toEqual([plain("limited one"), plain("limited two")]);
    expect(came).toMatchObject({ first: { content: "LIMITED ONE" }, second: { content: "LIMITED TWO" } });
    expect(came.refused).toMatchObject({ failure: { name: "BudgetError", code: "budget" } });
  });

  test("a hedge is refused with a sentence", async () => {
    const { came, bodies } = await ended("hedged");
    expect(came).toMatchObject({ name: "ConfigError", message: expect.stringContaining("durable scope") });
    expect(bodies).toEqual([]);
  });

  test("calls side by side are asked once each", async () => {
    const { came, bodies } = await ended("mixed");
    expect((came.all as { content: string }[]).map(({ content }) => content)).toEqual(
      ["A", "B", "C", "D"].map((name) => `MIXED ${name}`),
    );
    expect(bodies).toHaveLength(4);
  });

  test("an abort ends what is in flight, and is kept: nothing is asked again", async () => {
    const came = await engine.run("aborted", "aborted");
    expect(came).toMatchObject({ name: "StepError", view: { kind: expect.stringMatching(/aborted|timeout/) } });
    expect(model.asked.get("aborted gate 1")).toBe(1);
    await model.clientClosed;
  });

  test("a run that is replayed after a crash is the same, to the last getter, and nothing that ended is asked again", async () => {
    const names = [
      "plain",
      "structured",
      "stream",
      "loop",
      "streamedLoop",
      "fallback",
      "secondLeg",
      "retried",
      "byItself",
      "wrong",
      "down",
      "limited",
      "hedged",
      "mixed",
      "chains",
      "uneven",
    ];
    const keyed = names.map((name) => ({ name, key: `again-${name}` }));
    const runs = keyed.map(({ name, key }) => engine.run(name, key));
    await Promise.all(keyed.map(({ key }) => model.atGate(key)));
    const asked = new Map(model.asked);
    await engine.killWorker();
    for (const { key } of keyed) model.open(key);
    await engine.startWorker();
    const came = await Promise.all(runs);
    for (const [index, { key, name }] of keyed.entries()) {
      const [first, ...again] = model.notes.get(key) ?? [];
      // Once at least: an engine may play a run again as often as it likes.
      expect(again.length, name).toBeGreaterThanOrEqual(1);
      for (const one of again) expect(one, name).toEqual(first);
      expect(came[index], name).toEqual(first);
    }
    // Only what was in flight.
    const again = [...model.asked].filter(([text, count]) => count !== (asked.get(text) ?? 0));
    expect(again.map(([text]) => text).sort()).toEqual(keyed.map(({ key }) => `${key} gate 1`).sort());
    expect(model.ran.get("again-loop weather")).toBe(1);
    expect(model.ran.get("again-loop pay")).toBe(1);
  }, 60_000);

  test("the engine's own wait goes on over a crash", async () => {
    const run = engine.run("asleep", "nap");
    model.open("nap");
    while (!model.asked.has("nap nap 1")) await wait(10);
    await wait(300);
    await engine.killWorker();
    await engine.startWorker();
    const came = (await run) as { attempts: { endTime: number }[]; startTime: number };
    expect(model.asked.get("nap nap 1")).toBe(2);
    expect(came.startTime - Number(came.attempts[0]?.endTime)).toBeGreaterThanOrEqual(1490);
  }, 60_000);

  test.each(["held", "asleep"])(
    "a cancelled run ends: no loop, fallback or retry takes it for a failure (%s)",
    async (name) => {
      const key = `cancelled-${name}`;
      const run = thrownBy(() => engine.run(name, key));
      if (name === "held") await model.atGate(`${key}-tool`);
      else while (!model.asked.has(`${key} nap 1`)) await wait(10);
      await wait(100);
      await engine.cancel(key);
      expect(String(((await run) as Error).message)).toMatch(/cancel/i);
      model.open(`${key}-tool`);
      await wait(100);
      const asked = [...model.asked].filter(([text]) => text.startsWith(key));
      expect(asked).toEqual(
        name === "held"
          ? [
              [`${key} hold 1`, 1],
              [`${key}-tool gate 1`, 1],
            ]
          : [[`${key} nap 1`, 1]],
      );
      expect(model.notes.get(key)).toBeUndefined();
    },
    30_000,
  );
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
