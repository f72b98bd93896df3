import { existsSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import * as z from "zod";
import { completion, textChunks, toolCall } from "../../test/support/chat-server.ts";
import { sse } from "../../test/support/fault-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { query, startRows, temporaryFolder } from "../../test/support/row-server.ts";
import { retry } from "../layers/retry.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { CallResponse } from "../read/response.ts";
import { tool } from "../tools/tool.ts";
import { JournalError, map, type Row } from "./index.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const names = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);
const own = (row: string) => row;

async function all<Value>(run: AsyncIterable<Row<Value>>): Promise<Row<Value>[]> {
  const rows: Row<Value>[] = [];
  for await (const row of run) rows.push(row);
  return rows.sort((a, b) => a.ordinal - b.ordinal);
}

const read = (path: string, sql: string) => query(path, sql, true);

test("a row whose answer is in the journal is not asked again, and is given as it was", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const journal = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const first = await all(map(call, names(50), { journal }));
  expect(server.requests).toHaveLength(50);
  const run = map(call, names(60), { journal });
  const second = await all(run);
  expect(server.requests).toHaveLength(60);
  for (const [index, row] of second.entries()) {
    if (row.status !== "done") throw row.error;
    expect(row.resumed).toBe(index < 50);
    expect(row.value).toBeInstanceOf(CallResponse);
    expect(row.value.content).toBe(`ROW ${index}`);
    const before = first[index];
    if (before?.status !== "done") continue;
    expect({ ...row, resumed: false, value: 0 }).toEqual({ ...before, value: 0 });
    expect(JSON.parse(JSON.stringify(row.value))).toEqual(JSON.parse(JSON.stringify(before.value)));
  }
  const totals = await run;
  expect(totals).toMatchObject({ done: 60, resumed: 50, requests: 60, own: { done: 10, requests: 10 } });
  expect(await map(call, names(60), { journal })).toMatchObject({
    done: 60,
    resumed: 60,
    cost: totals.cost,
    own: { cost: 0 },
  });
  expect(server.requests).toHaveLength(60);
});

test("values of every kind come back: models, made values, streams, loops", async () => {
  using folder = temporaryFolder();
  const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => a + 1 });
  await using server = await startRows((_, answer) => {
    const { stream, messages, tools } = answer.request.body as Record<
      string,
      { length: number; function: { name: string } }[]
    >;
    const name = tools?.[0]?.function.name ?? "";
    const use = name === "add" ? toolCall("add", { a: 2 }) : toolCall(name, { when: "2026-01-02", n: 3 });
    if (stream)
      answer.send(200, { "content-type": "text/event-stream" }, sse(...textChunks("Du", "ne"), "[DONE]").join(""));
    else if (tools === undefined || messages?.length === 3)
      answer.send(200, json, JSON.stringify(completion({ content: "said" })));
    else answer.send(200, json, JSON.stringify(completion({ tool_calls: [use] })));
  });
  const { client } = server;
  const Plain = z.object({ when: z.string(), n: z.number() });
  const Made = z.object({ when: z.string().transform((text) => new Date(text)), n: z.number() });
  const calls = {
    plain: openai.call("gpt-4o-mini", { client, responseModel: Plain }, say),
    made: openai.call("gpt-4o-mini", { client, responseModel: Made }, say),
    parsed: openai.call("gpt-4o-mini", { client, outputParser: ({ content }) => new Set([content]) }, say),
    stream: openai.call("gpt-4o-mini", { client, stream: true }, say),
    loop: toolLoop(openai.call("gpt-4o-mini", { client, tools: [add] }, say)),
  };
  const journal = folder.path("kinds.db");
  // What a transform does is not seen in the fingerprint: it is what the call does now that counts.
  const look = (value: unknown) => (value instanceof CallResponse ? value.content : value);
  for (const call of Object.values(calls)) {
    const [before] = await all(map(call as typeof calls.plain, ["a"], { journal }));
    const sent = server.requests.length;
    const [after] = await all(map(call as typeof calls.plain, ["a"], { journal }));
    expect(server.requests).toHaveLength(sent);
    if (before?.status !== "done" || after?.status !== "done") throw after?.status === "failed" ? after.error : before;
    expect(after).toMatchObject({ resumed: true, cost: before.cost, requests: before.requests });
    if (call !== (calls.loop as unknown)) expect(look(after.value)).toEqual(look(before.value));
  }
  const [looped] = await all(map(calls.loop, ["a"], { journal }));
  if (looped?.status !== "done") throw looped?.error;
  expect(looped.value).toMatchObject({ status: "done", state: { version: 2, status: "done" }, pending: [] });
  expect(looped.value.responses.map(({ content }) => content)).toEqual(["", "said"]);
  expect(looped.value.responses[0]?.tools?.[0]?.args).toEqual({ a: 2 });
  expect(looped.value.turns.map(({ role }) => role)).toEqual(["assistant", "tool", "assistant"]);
  expect(read(journal, "SELECT status, value FROM results ORDER BY ended, key")).toHaveLength(4);
  const [made] = await all(map(calls.made, ["a"], { journal }));
  expect(made).toMatchObject({ resumed: true, value: { when: new Date("2026-01-02"), n: 3 } });
});

test("anybody's SQLite reads it", async () => {
  using folder = temporaryFolder();
  await using server = await startRows((text, answer) => {
    if (text === "row 1") answer.send(400, json, JSON.stringify({ error: { message: "too long", code: "bad" } }));
  });
  const journal = folder.path("a.db");
  const totals = await map(openai.call("gpt-4o-mini", { client: server.client }, say), names(2), {
    journal,
    name: "nightly",
    key: own,
    concurrency: 1,
  });
  expect(existsSync(`${journal}-wal`)).toBe(false);
  const rows = read(journal, "SELECT run, key, ordinal, status, args, value, cost, requests, error FROM results");
  const failure = {
    key: "row 1",
    name: "Error",
    message: "400 too long",
    kind: "invalid_request",
    status: 400,
    retryable: false,
  };
  expect(rows).toEqual([
    {
      run: "nightly",
      key: "row 0",
      ordinal: 0,
      status: "done",
      args: '["row 0"]',
      value: '"ROW 0"',
      cost: totals.cost,
      requests: 1,
      error: null,
    },
    {
      run: "nightly",
      key: "row 1",
      ordinal: 1,
      status: "failed",
      args: '["row 1"]',
      value: null,
      cost: 0,
      requests: 1,
      error: JSON.stringify(failure),
    },
  ]);
  expect(JSON.stringify(read(journal, "SELECT * FROM answers"))).not.toContain("sk-secret");
});

test("failed rows stay failed until they are to be asked again, all of them or some", async () => {
  using folder = temporaryFolder();
  let broken = true;
  await using server = await startRows((text, answer) => {
    if (broken && text === "row 1") answer.send(400, json, "{}");
    if (broken && text === "row 2") answer.send(503, json, "{}");
  });
  const journal = folder.path("a.db");
  const call = openai.call(
    "gpt-4o-mini",
    { client: server.client, layers: [retry({ attempts: 2, wait: async () => {} })] },
    say,
  );
  const run = map(call, names(4), { journal });
  expect(await run).toMatchObject({ done: 2, failed: 2, cost: undefined });
  expect([server.asked.get("row 1"), server.asked.get("row 2")]).toEqual([1, 2]);
  const kept = await all(map(call, names(4), { journal }));
  expect(server.requests).toHaveLength(5);
  expect(kept[2]).toMatchObject({ status: "failed", resumed: true, requests: 2, cost: undefined });
  if (kept[2]?.status !== "failed") throw new Error("it is done");
  expect(kept[2].error).toMatchObject({ code: "row", failure: { kind: "overloaded", status: 503, retryable: true } });
  broken = false;
  const some = await map(call, names(4), { journal, failed: ({ retryable }) => retryable });
  expect(some).toMatchObject({ done: 3, failed: 1, resumed: 3 });
  expect(await map(call, names(4), { journal, failed: "rerun" })).toMatchObject({ done: 4, failed: 0, resumed: 3 });
  expect(server.requests).toHaveLength(7);
});

test("a key that was given before in the run is not asked twice, nor after a resume", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const journal = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const rows = ["a", "b", "a", "c", "b", "a"];
  for (const resumed of [false, true]) {
    const ended = await all(map(call, rows, { journal, key: own, concurrency: 2 }));
    expect(ended.map(({ status }) => status)).toEqual(["done", "done", "failed", "done", "failed", "failed"]);
    expect(ended.map((row) => row.resumed && row.status)).toEqual(
      resumed ? ["done", "done", false, "done", false, false] : Array(6).fill(false),
    );
    expect(ended[2]).toMatchObject({ key: "a", requests: 0, error: { code: "duplicate_key", key: "a" } });
  }
  expect(Object.fromEntries(server.asked)).toEqual({ a: 1, b: 1, c: 1 });
});

test("rows in another order, fewer and more are found all the same", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const journal = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const rows = names(700);
  await map(call, rows, { journal, key: own, concurrency: 64 });
  const shuffled = rows.toSorted((a, b) => ((Number(a.slice(4)) * 7919) % 701) - ((Number(b.slice(4)) * 7919) % 701));
  for (const order of [
    rows,
    rows.toReversed(),
    shuffled,
    shuffled.slice(50, 90),
    [...rows.slice(300), ...rows.slice(0, 300)],
  ]) {
    expect(await map(call, order, { journal, key: own })).toMatchObject({
      done: order.length,
      resumed: order.length,
      failed: 0,
    });
  }
  expect(server.requests).toHaveLength(700);
  expect(await map(call, ["new", ...rows], { journal, key: own })).toMatchObject({ resumed: 700, own: { done: 1 } });
});

test("a run made by another call is refused by name, or asked again by choice", async () => {
  using folder = temporaryFolder();
  await using server = await startRows((_, answer) => {
    const { tools } = answer.request.body as { tools?: unknown[] };
    if (tools) answer.send(200, json, JSON.stringify(completion({ tool_calls: [toolCall("answer", { n: 3 })] })));
  });
  const { client } = server;
  const journal = folder.path("a.db");
  const before = openai.call("gpt-4o-mini", { client }, say);
  await map(before, ["a", "b"], { journal, name: "n", key: own });
  const others = {
    model: openai.call("gpt-4o", { client }, say),
    prompt: openai.call("gpt-4o-mini", { client }, (text: string) => `Say ${text}`),
    parameters: openai.call("gpt-4o-mini", { client, callParams: { temperature: 1 } }, say),
    schema: openai.call("gpt-4o-mini", { client, responseModel: z.object({ n: z.number() }) }, say),
    parser: openai.call("gpt-4o-mini", { client, outputParser: ({ content }) => content }, say),
  };
  for (const [name, call] of Object.entries(others)) {
    const error = await thrownBy(() => map(call as typeof before, ["a"], { journal, name: "n", key: own }));
    expect(error).toBeInstanceOf(JournalError);
    expect(error).toMatchObject({
      fault: "changed",
      changes: [name],
      message: expect.stringContaining(`${name} changed`),
    });
  }
  expect(server.requests).toHaveLength(2);
  // The same call written again is the same.
  const same = openai.call("gpt-4o-mini", { client }, say).with({ timeout: 9999 });
  expect(await map(same, ["a"], { journal, name: "n", key: own })).toMatchObject({ resumed: 1 });
  const again = { journal, name: "n", key: own, changed: "rerun" } as const;
  expect(await map(others.schema, ["a"], again)).toMatchObject({ resumed: 0, done: 1 });
  expect(await map(others.schema, ["a", "b"], again)).toMatchObject({ resumed: 1, done: 2 });
  expect(server.requests).toHaveLength(4);
  expect(read(journal, "SELECT key, value FROM results ORDER BY key")).toEqual([
    { key: "a", value: '{"n":3}' },
    { key: "b", value: '{"n":3}' },
  ]);
  // Without a name, another call is another run.
  expect(await map(others.model, ["a"], { journal })).toMatchObject({ resumed: 0 });
});

test("redact decides about all that is stored", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const journal = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const paths: string[] = [];
  const redact = (value: unknown, path: readonly (string | number)[]) => {
    paths.push(path.join("."));
    return typeof value === "string" ? value.replace(/secret-\d/gi, "***") : value;
  };
  const [row] = await all(map(call, ["a secret-1"], { journal, redact }));
  if (row?.status !== "done") throw row?.error;
  expect(row.value.content).toBe("A SECRET-1");
  expect(paths).toEqual(expect.arrayContaining(["args.0", "value", "received.response.choices.0.message.content"]));
  const stored = JSON.stringify([read(journal, "SELECT * FROM rows"), read(journal, "SELECT * FROM answers")]);
  expect(stored.toLowerCase()).not.toContain("secret-1");
  expect(stored).toContain("***");
  const [again] = await all(map(call, ["a secret-1"], { journal, redact }));
  if (again?.status !== "done") throw again?.error;
  expect(again).toMatchObject({ resumed: true, key: row.key });
  expect(again.value.content).toBe("A ***");
});

test("a full journal is a typed error, and nothing acknowledged is lost", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const journal = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const told: string[] = [];
  const run = map(call, names(500), { journal, key: own, maxJournalBytes: 160_000, concurrency: 8 });
  const error = await thrownBy(async () => {
    for await (const row of run) told.push(row.key);
  });
  expect(error).toBeInstanceOf(JournalError);
  if (!(error instanceof JournalError)) throw error;
  expect(error).toMatchObject({ fault: "full", path: journal, code: "journal" });
  expect(error.cause).toMatchObject({ errcode: 13 });
  expect(error.unsaved.length).toBeGreaterThan(0);
  expect(error.unsaved.length).toBeLessThanOrEqual(8);
  expect(told.length).toBeGreaterThan(5);
  expect(server.requests).toHaveLength(told.length + error.unsaved.length);
  const kept = read(journal, "SELECT key FROM results") as { key: string }[];
  expect(kept.map(({ key }) => key).sort()).toEqual(told.sort());
  expect(read(journal, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  // With room again, it goes on.
  expect(await map(call, names(500), { journal, key: own })).toMatchObject({ done: 500, resumed: told.length });
  expect(server.requests).toHaveLength(500 + error.unsaved.length);
});

test("a file that is no journal is left alone", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const text = folder.path("text.db");
  writeFileSync(text, "this is not a database, but it is long enough to be looked at as one".repeat(50));
  const foreign = folder.path("foreign.db");
  const db = new DatabaseSync(foreign);
  db.exec("CREATE TABLE mine (a)");
  db.close();
  const missing = folder.path("no/such/folder.db");
  for (const [journal, fault] of [
    [text, "foreign"],
    [foreign, "foreign"],
    [missing, "unwritable"],
  ] as const) {
    expect(await thrownBy(() => map(call, ["a"], { journal }))).toMatchObject({
      code: "journal",
      fault,
      path: journal,
    });
  }
  expect(read(foreign, "SELECT name FROM sqlite_schema")).toEqual([{ name: "mine" }]);
  expect(server.requests).toHaveLength(0);
});

test("rows are committed in small groups, to a file in WAL mode", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const journal = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  await map(call, names(400), { journal, key: own, concurrency: 32 });
  expect(query(journal, "PRAGMA journal_mode")).toEqual([{ journal_mode: "wal" }]);
  // Each commit is a beat of the lease, as are its taking and its timer.
  const [{ beat } = { beat: 0 }] = read(journal, "SELECT beat FROM runs") as { beat: number }[];
  expect(beat).toBeGreaterThan(400 / 32);
  expect(beat).toBeLessThan(400 / 2);
});

test("redact sees what is kept of an error", async () => {
  using folder = temporaryFolder();
  await using server = await startRows((_, answer) => {
    answer.send(400, json, JSON.stringify({ error: { message: "no card 4111" } }));
  });
  const journal = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const redact = (value: unknown, path: readonly (string | number)[]) =>
    path[0] === "error" && path[1] === "message" ? "-" : value;
  const [row] = await all(map(call, ["a"], { journal, redact }));
  if (row?.status !== "failed") throw new Error("it is done");
  expect((row.error as Error).message).toContain("4111");
  expect(JSON.stringify(read(journal, "SELECT * FROM results"))).not.toContain("4111");
});
