import { expect, test } from "vitest";
import * as z from "zod";
import { completion, textChunks, toolCall } from "../../test/support/chat-server.ts";
import { sse } from "../../test/support/fault-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { startRows, temporaryFolder } from "../../test/support/row-server.ts";
import { fallback } from "../combine/fallback.ts";
import { budget } from "../layers/budget.ts";
import { BudgetError } from "../layers/budget-error.ts";
import { retry } from "../layers/retry.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { withMetadata } from "../prepare/prompt.ts";
import { openai } from "../providers/openai/index.ts";
import { CallResponse } from "../read/response.ts";
import { within } from "../send/scope.ts";
import { tool } from "../tools/tool.ts";
import { map, type Row } from "./index.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const names = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);

async function all<Value>(run: AsyncIterable<Row<Value>>): Promise<Row<Value>[]> {
  const rows: Row<Value>[] = [];
  for await (const row of run) rows.push(row);
  return rows.sort((a, b) => a.ordinal - b.ordinal);
}

test("rows are asked for side by side, never more than `concurrency`, and each gives what the call gives", async () => {
  const full = Promise.withResolvers<void>();
  let open = 0;
  await using server = await startRows(async () => {
    if (++open === 4) setTimeout(full.resolve, 50);
    await full.promise;
  });
  const shout = openai.call("gpt-4o-mini", { client: server.client }, say);
  const rows = names(40).map((text, index) => ({ id: `id-${index}`, text }));
  const run = map(shout, rows, { key: (row) => row.id, args: (row) => [row.text], concurrency: 4 });
  expect(server.requests).toHaveLength(0);
  const ended = await all(run);
  expect(ended.map(({ key }) => key)).toEqual(rows.map(({ id }) => id));
  for (const [index, row] of ended.entries()) {
    if (row.status !== "done") throw row.error;
    expect(row.value).toBeInstanceOf(CallResponse);
    expect(row).toMatchObject({ args: [`row ${index}`], resumed: false, requests: 1, cost: row.value.cost });
    expect(row.value.content).toBe(`ROW ${index}`);
  }
  expect(server.most).toBe(4);
  const bodies = server.requests.map(({ text }) => text).sort();
  expect(bodies[0]).toBe(JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "row 0" }] }));
  const totals = await run;
  expect(totals).toMatchObject({ done: 40, failed: 0, resumed: 0, requests: 40, stopped: undefined });
  expect(totals.cost).toBeCloseTo(
    ended.reduce((sum, { cost = Number.NaN }) => sum + cost, 0),
    10,
  );
  expect(totals.own.cost).toBe(totals.cost);
});

test("awaiting runs it to the end; 16 are in flight by default", async () => {
  const full = Promise.withResolvers<void>();
  let open = 0;
  // Nobody is answered before as many as may be in flight are, and had time to be more.
  await using server = await startRows(async () => {
    if (++open === 16) setTimeout(full.resolve, 50);
    await full.promise;
  });
  const totals = await map(openai.call("gpt-4o-mini", { client: server.client }, say), names(60));
  expect(totals).toMatchObject({ done: 60, failed: 0 });
  expect(server.most).toBe(16);
});

test("rows come from generators, asynchronous ones too, and are taken as there is room", async () => {
  await using server = await startRows();
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  let taken = 0;
  let told = 0;
  const source = async function* () {
    for (const text of names(100)) {
      taken++;
      yield text;
    }
  };
  for await (const row of map(call, source(), { concurrency: 3 })) {
    expect(row.status).toBe("done");
    told++;
    await new Promise((resolve) => setTimeout(resolve, 1));
    // In flight, waiting to be taken, and the next one.
    expect(taken - told).toBeLessThanOrEqual(3 + 3 + 3 + 1);
  }
  expect(told).toBe(100);
  const set = new Set(["a", "b"]);
  expect(await map(call, set)).toMatchObject({ done: 2 });
});

test("a poison row keeps the SDK's own error, and the others are done", async () => {
  const { default: OpenAI } = await import("openai");
  await using server = await startRows((text, answer) => {
    if (text === "row 3") answer.send(400, json, JSON.stringify({ error: { message: "no", code: "bad" } }));
  });
  const run = map(openai.call("gpt-4o-mini", { client: server.client }, say), names(8));
  const rows = await all(run);
  expect(rows.map(({ status }) => status)).toEqual(["done", "done", "done", "failed", ...Array(4).fill("done")]);
  const failed = rows[3];
  if (failed?.status !== "failed") throw new Error("row 3 is done");
  expect(failed.error).toBeInstanceOf(OpenAI.BadRequestError);
  // It was refused: nothing is billed.
  expect(failed).toMatchObject({ cost: 0, requests: 1 });
  expect(await run).toMatchObject({ done: 7, failed: 1, requests: 8 });
});

test("arguments that cannot be made fail their row alone; a key that is none ends the run", async () => {
  await using server = await startRows();
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const broken = new Error("no text");
  const rows = await all(
    map(call, [1, 2, 3], {
      key: String,
      args: (row) => {
        if (row === 2) throw broken;
        return [`row ${row}`];
      },
    }),
  );
  expect(rows[1]).toMatchObject({ key: "2", status: "failed", error: broken, requests: 0, cost: 0 });
  expect([...server.asked.keys()].sort()).toEqual(["row 1", "row 3"]);
  const error = await thrownBy(() => map(call, ["a", "b"], { key: (row) => (row === "a" ? "a" : "") }));
  expect(error).toMatchObject({ code: "config", message: expect.stringContaining("row 1") });
});

test("a row's cost counts every attempt: a retry's, and an answer that did not fit", async () => {
  let count = 0;
  await using server = await startRows((_, answer) => {
    if (++count === 1) answer.send(429, { ...json, "retry-after": "0" }, "{}");
    else if (count === 2)
      answer.send(200, json, JSON.stringify(completion({ tool_calls: [toolCall("answer", { n: "x" })] })));
    else answer.send(200, json, JSON.stringify(completion({ tool_calls: [toolCall("answer", { n: 1 })] })));
  });
  const Model = z.object({ n: z.number() });
  const options = {
    client: server.client,
    responseModel: Model,
    retries: { validation: 1 },
    layers: [retry({ wait: async () => {} })],
  };
  const [row] = await all(map(openai.call("gpt-4o-mini", options, say), ["a"]));
  if (row?.status !== "done") throw row?.error;
  expect(row.value).toEqual({ n: 1 });
  const { cost: one } = await openai.call("gpt-4o-mini", { client: server.client }, say)("b");
  expect(row.requests).toBe(3);
  expect(row.cost).toBeCloseTo(2 * (one ?? Number.NaN), 12);
});

test("streams are read to their end", async () => {
  await using server = await startRows((_, answer) => {
    answer.send(200, { "content-type": "text/event-stream" }, sse(...textChunks("Du", "ne"), "[DONE]").join(""));
  });
  const [row] = await all(map(openai.call("gpt-4o-mini", { client: server.client, stream: true }, say), ["a"]));
  if (row?.status !== "done") throw row?.error;
  expect(row.value.content).toBe("Dune");
  expect(row.cost).toBe(row.value.cost);
});

test("a tool loop gives its result, and the row counts all its steps", async () => {
  await using server = await startRows((_, answer) => {
    const { messages } = answer.request.body as { messages: unknown[] };
    const said = messages.length === 1 ? { tool_calls: [toolCall("add", { a: 1, b: 2 })] } : { content: "3" };
    answer.send(200, json, JSON.stringify(completion(said)));
  });
  const add = tool({ name: "add", parameters: z.object({ a: z.number(), b: z.number() }), call: ({ a, b }) => a + b });
  const loop = toolLoop(openai.call("gpt-4o-mini", { client: server.client, tools: [add] }, say));
  const [row] = await all(map(loop, ["1 + 2"]));
  if (row?.status !== "done") throw row?.error;
  expect(row.value.response?.content).toBe("3");
  expect(row).toMatchObject({ requests: 2, cost: row.value.cost });
});

test("of a fallback each row has the leg that answered, read by that leg when it is resumed", async () => {
  using folder = temporaryFolder();
  await using server = await startRows((text, answer) => {
    const { model } = answer.request.body as { model: string };
    if (model === "gpt-4o" && text === "row 1") answer.send(503, json, "{}");
  });
  const { client } = server;
  const first = openai.call("gpt-4o", { client, outputParser: ({ content }) => `first ${content}` }, say);
  const second = openai.call("gpt-4o-mini", { client, outputParser: ({ content }) => content.length }, say);
  const either = fallback(first, second);
  const journal = folder.path("a.db");
  for (const resumed of [false, true]) {
    const rows = await all(map(either, names(3), { journal }));
    expect(rows.map((row) => row.status === "done" && row.value)).toEqual(["first ROW 0", 5, "first ROW 2"]);
    expect(rows.map((row) => [row.resumed, row.requests])).toEqual([
      [resumed, 1],
      [resumed, 2],
      [resumed, 1],
    ]);
    // Whether the failed request was billed, nobody knows.
    expect(rows[1]?.cost).toBeUndefined();
  }
  expect(server.requests).toHaveLength(4);
});

test("leaving the iteration finishes what is in flight and begins nothing more", async () => {
  await using server = await startRows(() => new Promise((resolve) => setTimeout(resolve, 5)));
  const run = map(openai.call("gpt-4o-mini", { client: server.client }, say), names(1000), { concurrency: 4 });
  for await (const _ of run) break;
  const { done, stopped } = await run;
  expect(stopped).toBe("left");
  expect(done).toBe(server.requests.length);
  expect(done).toBeLessThan(20);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(server.requests).toHaveLength(done);
});

test("a signal finishes what is in flight and stops; the totals say so", async () => {
  await using server = await startRows(() => new Promise((resolve) => setTimeout(resolve, 5)));
  const controller = new AbortController();
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const run = map(call, names(1000), { concurrency: 4, signal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  const totals = await run;
  expect(totals).toMatchObject({ failed: 0, stopped: "signal", reason: controller.signal.reason });
  expect(totals.done).toBe(server.requests.length);
  expect(totals.done).toBeLessThan(900);
});

test("the run stops after so many failures, and where a budget is used up, with the row left open", async () => {
  await using server = await startRows((_, answer) => answer.send(400, json, "{}"));
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const totals = await map(call, names(1000), { concurrency: 2, maxFailures: 3 });
  expect(totals).toMatchObject({ stopped: "failures", done: 0 });
  expect([3, 4]).toContain(totals.failed);
  await using good = await startRows();
  const purse = budget({ requests: 5 });
  const poor = openai.call("gpt-4o-mini", { client: good.client, layers: [purse] }, say);
  const spent = await map(poor, names(100), { concurrency: 2 });
  expect(spent).toMatchObject({ stopped: "budget", done: 5, failed: 0 });
  expect(spent.reason).toBeInstanceOf(BudgetError);
});

test("a scope's abort leaves its rows open, and a run keeps the scope it was called in", async () => {
  await using server = await startRows((text) => (text === "row 0" ? undefined : new Promise(() => {})));
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const controller = new AbortController();
  const scope = { signal: controller.signal, headers: { "x-team": "books" } };
  const run = within(scope, () => map(call, names(10), { concurrency: 2 }));
  setTimeout(() => controller.abort(), 50);
  expect(await within({ headers: { "x-other": "1" } }, async () => run)).toMatchObject({
    done: 1,
    failed: 0,
    stopped: "signal",
  });
  expect(server.requests[0]?.headers["x-team"]).toBe("books");
  expect(server.requests[0]?.headers["x-other"]).toBeUndefined();
});

test("totals are kept apart by a tag of the metadata, or of the row", async () => {
  await using server = await startRows((text, answer) => {
    if (text.endsWith("1")) answer.send(400, json, "{}");
  });
  const write = (text: string) => ({
    messages: [{ role: "user" as const, content: text }],
    metadata: { team: text[4] },
  });
  const call = openai.call("gpt-4o-mini", { client: server.client }, withMetadata({ team: "none" }, write));
  const { tags } = await map(call, ["row a", "row b", "row a", "row a1"], { tag: "team" });
  expect([...tags.keys()].sort()).toEqual(["a", "b", "none"]);
  expect(tags.get("a")).toMatchObject({ done: 2, failed: 0 });
  expect(tags.get("none")).toMatchObject({ done: 0, failed: 1 });
  const byRow = await map(call, ["row a", "row b"], { tag: (row) => `__proto__${row}` });
  expect([...byRow.tags.keys()].sort()).toEqual(["__proto__row a", "__proto__row b"]);
});

test("misuse is told before anything is sent", async () => {
  const call = openai.call("gpt-4o-mini", say);
  const wrong: [unknown, unknown, unknown, RegExp][] = [
    [(text: string) => text, [], {}, /takes a call/],
    [call, [], { concurency: 3 }, /`concurrency`|concurrency/],
    [call, [], { concurrency: 0 }, /whole number from 1/],
    [call, [], { changed: "maybe", journal: "x" }, /"refuse" or "rerun"/],
    [call, [], { redact: () => 1 }, /give `journal`/],
    [call, [], { key: "id" }, /`key` is a function/],
    [call, [], { journal: "" }, /not empty/],
  ];
  for (const [given, rows, options, message] of wrong) {
    expect(() => map(given as typeof call, rows as string[], options as object)).toThrow(message);
  }
  await expect(map(call, 3 as unknown as string[])).rejects.toThrow(/can be iterated/);
});

test("what the source throws ends the run with that very error; what was in flight is told", async () => {
  await using server = await startRows();
  const broken = new Error("the source broke");
  const source = function* () {
    yield "row 0";
    throw broken;
  };
  const run = map(openai.call("gpt-4o-mini", { client: server.client }, say), source());
  expect(await thrownBy(() => all(run))).toBe(broken);
  expect(await thrownBy(() => run)).toBe(broken);
  expect(run.totals).toMatchObject({ done: 1 });
});
