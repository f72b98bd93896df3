import { createHash } from "node:crypto";
import OpenAI from "openai";
import { expect, test } from "vitest";
import * as z from "zod";
import { type BatchServer, startBatches } from "../../test/support/batch-server.ts";
import { completion, toolCall } from "../../test/support/chat-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { temporaryFolder } from "../../test/support/row-server.ts";
import { budget } from "../layers/budget.ts";
import { openai } from "../providers/openai/index.ts";
import { BatchError, BatchUnsureError, batch, map, type Row } from "./index.ts";

const say = (text: string) => text;
const poll = 1;
const names = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);
const own = (row: string) => row;

function clientOf({ url }: BatchServer): OpenAI {
  return new OpenAI({ apiKey: "sk-secret", baseURL: `${url}/v1`, maxRetries: 0, logLevel: "off" });
}

async function all<Value>(run: AsyncIterable<Row<Value>>): Promise<Row<Value>[]> {
  const rows: Row<Value>[] = [];
  for await (const row of run) rows.push(row);
  return rows.sort((a, b) => a.ordinal - b.ordinal);
}

function hash(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

test("rows are handed in as one file and come back, in any order, as the rows they are, at the batch's price", async () => {
  await using server = await startBatches();
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const run = batch(call, names(3), { key: own, poll });
  const rows = await all(run);
  expect(rows.map(({ key, ordinal, args, status, requests }) => [key, ordinal, args, status, requests])).toEqual(
    names(3).map((name, index) => [name, index, [name], "done", 1]),
  );
  for (const row of rows) {
    if (row.status !== "done") throw row.error;
    expect(row.value.content).toBe(row.key.toUpperCase());
    expect(row.value.received.tier).toBe("batch");
    // $0.15 and $0.60 a million tokens, halved.
    expect(row.cost).toBeCloseTo(((row.inputTokens ?? 0) * 0.075 + (row.outputTokens ?? 0) * 0.3) / 1e6, 12);
  }
  expect(server.batches).toHaveLength(1);
  const [made] = server.batches;
  expect(made?.lines).toEqual(
    names(3).map((name) => ({
      custom_id: hash(name),
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: "gpt-4o-mini", messages: [{ role: "user", content: name }] },
    })),
  );
  expect(made?.body).toEqual({
    input_file_id: "file-0",
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
    metadata: { callscope: expect.stringMatching(/^callscope-[0-9a-f-]{36}$/) },
  });
  expect(server.requests[0]?.text).toContain('name="purpose"\r\n\r\nbatch');
  expect(await run).toMatchObject({ done: 3, failed: 0, requests: 3, stopped: undefined });
});

test("rows are split by the limits, and so many batches are open at once", async () => {
  let open = 0;
  let most = 0;
  await using server = await startBatches({
    made: () => {
      most = Math.max(most, ++open);
    },
    ends: () => {
      open--;
      return "completed";
    },
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const totals = await batch(call, names(10), { key: own, poll, limits: { requests: 3 }, concurrency: 2 });
  expect(totals).toMatchObject({ done: 10 });
  expect(server.batches.map(({ lines }) => lines.length)).toEqual([3, 3, 3, 1]);
  expect(most).toBe(2);
  const size = Buffer.byteLength(JSON.stringify(server.batches[0]?.lines[0])) + 1;
  await batch(call, names(5), { key: own, poll, limits: { bytes: 2 * size } });
  expect(server.batches.slice(4).map(({ lines }) => lines.length)).toEqual([2, 2, 1]);
  const [first, long] = await all(batch(call, ["row 0", "long".repeat(99)], { poll, limits: { bytes: 2 * size } }));
  expect(first).toMatchObject({ status: "done" });
  expect(long).toMatchObject({ status: "failed", requests: 0, error: { code: "config" } });
});

test("a request that failed gives the SDK's own error, one without an answer a BatchError; the others are unharmed", async () => {
  const bad = {
    error: { message: "too long", type: "invalid_request_error", code: "context_length_exceeded", param: null },
  };
  await using server = await startBatches({
    answer: ({ body }) => {
      const text = body.messages[0]?.content;
      if (text === "row 1")
        return { line: { response: { status_code: 400, request_id: "req_9", body: bad }, error: null } };
      if (text === "row 2") return { line: { response: null, error: { code: "batch_expired", message: "Too late." } } };
      return text === "row 3" ? undefined : completion({ content: "yes" });
    },
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const run = batch(call, names(5), { key: own, poll });
  const [, refused, expired, missing, last] = await all(run);
  if (refused?.status !== "failed" || expired?.status !== "failed" || missing?.status !== "failed") throw last;
  expect(refused.error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refused.error).toMatchObject({ status: 400, code: "context_length_exceeded", requestID: "req_9" });
  expect(refused).toMatchObject({ cost: 0, requests: 1 });
  expect(expired.error).toBeInstanceOf(BatchError);
  expect(expired.error).toMatchObject({
    code: "batch_expired",
    fault: "expired",
    batch: "batch_0",
    message: "Too late.",
  });
  expect(missing.error).toMatchObject({ code: "batch_missing" });
  expect(last).toMatchObject({ status: "done" });
  expect(await run).toMatchObject({ done: 2, failed: 3 });
});

test("a batch that fails as a whole says why; one that expires keeps what was answered", async () => {
  await using failing = await startBatches({ ends: () => "failed" });
  const failed = await all(batch(openai.call("gpt-4o-mini", { client: clientOf(failing) }, say), names(2), { poll }));
  for (const row of failed) expect(row).toMatchObject({ error: { code: "batch_failed", message: "The file is bad." } });
  await using expiring = await startBatches({
    ends: () => "expired",
    answer: ({ body }) => (body.messages[0]?.content === "row 0" ? completion({ content: "yes" }) : undefined),
  });
  const half = await all(batch(openai.call("gpt-4o-mini", { client: clientOf(expiring) }, say), names(2), { poll }));
  expect(half).toMatchObject([{ status: "done" }, { status: "failed", error: { code: "batch_expired" } }]);
});

test("what expired goes into the next batch, or is asked live, where that is wanted", async () => {
  const play = {
    ends: ({ id }: { id: string }) => (id === "batch_0" ? "expired" : "completed"),
    answer: (_: unknown, { id }: { id: string }) => (id === "batch_0" ? undefined : completion({ content: "yes" })),
    live: (answer: { send(status: number, headers: Record<string, string>, body: string): void }) =>
      answer.send(200, { "content-type": "application/json" }, JSON.stringify(completion({ content: "live" }))),
  };
  for (const again of ["batch", "live"] as const) {
    await using server = await startBatches(play);
    const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
    const rows = await all(batch(call, names(2), { key: own, poll, again }));
    for (const row of rows) {
      if (row.status !== "done") throw row.error;
      expect(row.value.content).toBe(again === "live" ? "live" : "yes");
      expect(row.value.received.tier).toBe(again === "live" ? undefined : "batch");
      expect(row.requests).toBe(2);
      expect(row.cost).toBe(row.value.cost);
    }
    expect(server.batches).toHaveLength(again === "live" ? 1 : 2);
  }
});

test("an answer that does not fit is shown to the model in the next batch, or live; its cost counts", async () => {
  const Model = z.object({ n: z.number() });
  const fits = (body: { readonly messages: readonly unknown[] }) =>
    completion({ tool_calls: [toolCall("answer", { n: body.messages.length > 1 ? 1 : "one" })] });
  for (const again of ["batch", "live"] as const) {
    await using server = await startBatches({
      answer: ({ body }) => fits(body),
      live: (answer) => {
        const body = answer.request.body as { messages: unknown[] };
        answer.send(200, { "content-type": "application/json" }, JSON.stringify(fits(body)));
      },
    });
    const call = openai.call("gpt-4o-mini", { client: clientOf(server), responseModel: Model }, say);
    const [row] = await all(batch(call, ["a"], { key: own, poll, again }));
    if (row?.status !== "done") throw row?.error;
    expect(row.value).toEqual({ n: 1 });
    expect(row.requests).toBe(2);
    // The first answer at half the price, the second one at half or at the full.
    const used = { input: (row.inputTokens ?? 0) / 2, output: (row.outputTokens ?? 0) / 2 };
    const full = (used.input * 0.15 + used.output * 0.6) / 1e6;
    expect(row.cost).toBeCloseTo(again === "live" ? 1.5 * full : full, 12);
    const asked =
      again === "batch"
        ? server.batches[1]?.lines[0]?.body
        : (server.requests.findLast(({ method }) => method === "POST")?.body as object);
    expect(asked).toMatchObject({ messages: [{ role: "user" }, { role: "assistant" }, { role: "tool" }] });
    const [unfit] = await all(batch(call, ["a"], { key: own, poll }));
    expect(unfit).toMatchObject({ status: "failed", requests: 1, error: { code: "parse", kind: "invalid_data" } });
    // A second answer that does not fit is the end: the call says how often.
    const strict = openai.call(
      "gpt-4o-mini",
      { client: clientOf(server), responseModel: z.object({ n: z.boolean() }) },
      say,
    );
    const [never] = await all(batch(strict, ["a"], { key: own, poll, again }));
    expect(never).toMatchObject({ status: "failed", requests: 2 });
  }
});

test("a run goes on in another one: batches that are open are read, rows in the journal are not asked", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  await using server = await startBatches({ looks: 3 });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const controller = new AbortController();
  const first = batch(call, names(4), { key: own, poll, journal, limits: { requests: 2 }, signal: controller.signal });
  const begun = first.then((totals) => totals);
  while (server.batches.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort();
  expect(await begun).toMatchObject({ done: 0, stopped: "signal" });
  await expect(map(call, names(4), { key: own, journal })).rejects.toThrow(/batches of this run/);
  const rows = await all(batch(call, names(6), { key: own, poll, journal }));
  expect(rows.map(({ key, status }) => [key, status])).toEqual(names(6).map((name) => [name, "done"]));
  expect(server.batches.map(({ lines }) => lines.length)).toEqual([2, 2, 2]);
  const again = batch(call, names(6), { key: own, poll, journal });
  for await (const row of again) {
    if (row.status !== "done") throw row.error;
    expect(row).toMatchObject({ resumed: true, value: { content: row.key.toUpperCase() } });
  }
  expect(await again).toMatchObject({ done: 6, resumed: 6, own: { requests: 0 } });
  expect(server.batches).toHaveLength(3);
  expect(await map(call, names(6), { key: own, journal })).toMatchObject({ resumed: 6 });
});

test("a process that is killed between handing in and writing down pays once: the batch is found by its name", async () => {
  const { spawn } = await import("node:child_process");
  const { once } = await import("node:events");
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  let kill: () => void = () => {};
  await using server = await startBatches({
    made: async ({ id }) => {
      // The batch is made; its id never reaches the process.
      if (id !== "batch_0") return;
      kill();
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
  });
  const program = new URL("../../test/support/batch-child.ts", import.meta.url).pathname;
  const start = () =>
    spawn(process.execPath, [program, server.url, journal, "5"], { stdio: ["ignore", "pipe", "inherit"] });
  const first = start();
  kill = () => void first.kill("SIGKILL");
  expect(await once(first, "exit")).toEqual([null, "SIGKILL"]);
  expect(server.batches).toHaveLength(1);
  const second = start();
  const chunks: Buffer[] = [];
  second.stdout.on("data", (bytes: Buffer) => chunks.push(bytes));
  await once(second, "exit");
  expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ done: 5 });
  expect(server.batches).toHaveLength(1);
});

test("a submission that broke is looked for by the next run: found it is adopted, not found it is handed in", async () => {
  for (const arrives of [true, false]) {
    using folder = temporaryFolder();
    const journal = folder.path("a.db");
    let broken = false;
    await using server = await startBatches({
      made: (_, answer) => {
        if (broken) return;
        broken = true;
        if (!arrives) (server.batches as object[]).pop();
        answer.reset();
      },
    });
    const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
    const error = await thrownBy(() => batch(call, names(3), { key: own, poll, journal }));
    expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
    expect(await batch(call, names(3), { key: own, poll, journal })).toMatchObject({ done: 3 });
    expect(server.batches).toHaveLength(1);
    expect(server.batches[0]?.lines).toHaveLength(3);
  }
});

test("where two batches have the name it stops and asks; `adopt` answers", async () => {
  for (const answer of ["batch_1", "resubmit"]) {
    using folder = temporaryFolder();
    const journal = folder.path("a.db");
    await using server = await startBatches({
      made: (made, sent) => {
        if (made.id !== "batch_0") return;
        // As somebody's proxy would that sends a request twice.
        (server.batches as object[]).push({ ...made, id: "batch_1" });
        sent.reset();
      },
    });
    const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
    await thrownBy(() => batch(call, names(2), { key: own, poll, journal }));
    const error = await thrownBy(() => batch(call, names(2), { key: own, poll, journal }));
    expect(error).toBeInstanceOf(BatchUnsureError);
    expect(error).toMatchObject({ requests: 2, candidates: [{ id: "batch_1", requests: 2 }, { id: "batch_0" }] });
    expect((error as Error).message).toContain("batch_1, batch_0");
    expect(server.batches).toHaveLength(2);
    expect(await batch(call, names(2), { key: own, poll, journal, adopt: answer })).toMatchObject({ done: 2 });
    expect(server.batches).toHaveLength(answer === "resubmit" ? 3 : 2);
  }
});

test("a submission that is refused throws the SDK's error and leaves its rows open", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  let refused = 0;
  await using server = await startBatches({
    made: (_, answer) => {
      if (refused++ > 0) return;
      (server.batches as object[]).pop();
      answer.send(400, { "content-type": "application/json" }, JSON.stringify({ error: { message: "no" } }));
    },
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  expect(await thrownBy(() => batch(call, names(2), { key: own, poll, journal }))).toBeInstanceOf(
    OpenAI.BadRequestError,
  );
  expect(await batch(call, names(2), { key: own, poll, journal })).toMatchObject({ done: 2, own: { requests: 2 } });
});

test("cancel() ends what is open: answered rows are kept, the others fail, nothing more is read", async () => {
  await using server = await startBatches({
    looks: 100_000,
    answer: ({ body }) => (body.messages[0]?.content === "row 0" ? completion({ content: "yes" }) : undefined),
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const run = batch(call, names(9), { key: own, poll, limits: { requests: 2 }, concurrency: 1 });
  const rows = all(run);
  while (server.batches.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await run.cancel()).toMatchObject({ done: 1, failed: 1, stopped: "cancelled" });
  expect(await rows).toMatchObject([{ status: "done" }, { status: "failed", error: { code: "batch_cancelled" } }]);
  expect(server.batches).toHaveLength(1);
});

test("a second row of the same key is not asked; a prompt that throws fails its row alone", async () => {
  await using server = await startBatches();
  const prompt = (text: string) => {
    if (text === "row 1") throw new Error("no text");
    return text;
  };
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, prompt);
  const rows = await all(batch(call, ["row 0", "row 1", "row 0"], { key: own, poll }));
  expect(rows.map(({ status }) => status)).toEqual(["done", "failed", "failed"]);
  expect(rows[2]).toMatchObject({ error: { code: "duplicate_key" } });
  expect(server.batches[0]?.lines).toHaveLength(1);
});

test("what is taken out is not in the journal, and the rows come back whole", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  await using server = await startBatches({ looks: 2 });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const redact = (value: unknown) => (typeof value === "string" && value.includes("secret") ? "-" : value);
  const run = batch(call, ["my secret"], { key: () => "1", poll, journal, redact });
  const { readFileSync, existsSync } = await import("node:fs");
  let seen = "";
  const reading = setInterval(() => {
    for (const file of [journal, `${journal}-wal`]) if (existsSync(file)) seen += readFileSync(file, "latin1");
  }, 1);
  const [row] = await all(run);
  clearInterval(reading);
  expect(server.batches[0]?.lines[0]?.body.messages[0]?.content).toBe("my secret");
  expect(row).toMatchObject({ status: "done", args: ["my secret"], value: { content: "MY SECRET" } });
  expect(seen).toContain("batch_items");
  expect(seen).not.toContain("my secret");
});

test("misuse is told before anything is sent", async () => {
  await using server = await startBatches();
  const client = clientOf(server);
  const call = openai.call("gpt-4o-mini", { client }, say);
  const streamed = openai.call("gpt-4o-mini", { client, stream: true }, say);
  const wrong: [unknown, object, RegExp][] = [
    [streamed, {}, /takes no call that streams/],
    [say, {}, /takes a call/],
    [call, { poll: 0 }, /`poll` is a number/],
    [call, { limits: { requests: 0 } }, /`limits` is/],
    [call, { again: "later" }, /`again` is "batch"/],
    [call, { adopt: 3 }, /`adopt` is the id/],
    [call, { polls: 3 }, /polls|`poll`/],
  ];
  for (const [given, options, message] of wrong) {
    expect(() => batch(given as typeof call, ["a"], options)).toThrow(message);
  }
  await expect(batch(call, ["a"], { role: "arn" })).rejects.toThrow(/`role` is for Bedrock/);
  const purse = openai.call("gpt-4o-mini", { client, layers: [budget({ usd: 1 })] }, say);
  await expect(batch(purse, ["a"])).rejects.toThrow(/stands around each request/);
  expect(server.requests).toHaveLength(0);
});

test("rows of another call are asked again where that is wanted; its open batches are cancelled", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  await using server = await startBatches({ looks: 2 });
  const client = clientOf(server);
  const run = batch(openai.call("gpt-4o-mini", { client }, say), names(2), { key: own, poll, journal, name: "a" });
  for await (const _ of run) break;
  const controller = new AbortController();
  const left = batch(openai.call("gpt-4o-mini", { client }, say), names(4), {
    ...{ key: own, poll, journal, name: "a", signal: controller.signal },
  });
  const begun = left.then((totals) => totals);
  while (server.batches.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort();
  await begun;
  const other = openai.call("gpt-4o", { client }, say);
  await expect(batch(other, names(4), { key: own, poll, journal, name: "a" })).rejects.toMatchObject({
    fault: "changed",
  });
  const again = await batch(other, names(4), { key: own, poll, journal, name: "a", changed: "rerun" });
  expect(again).toMatchObject({ done: 4, resumed: 0 });
  expect(server.batches.map(({ lines, status }) => [lines.length, status])).toEqual([
    [2, "completed"],
    [2, "cancelling"],
    [4, "completed"],
  ]);
});

test("a run that ends between writing answers and crossing out their requests does not write them twice", async () => {
  const { DatabaseSync } = await import("node:sqlite");
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  const change = (sql: string) => {
    const db = new DatabaseSync(journal);
    db.exec(sql);
    db.close();
  };
  await using server = await startBatches({
    made: () => change("CREATE TRIGGER stop BEFORE DELETE ON batch_items BEGIN SELECT RAISE(ABORT, 'stopped'); END"),
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  await expect(batch(call, names(3), { key: own, poll, journal })).rejects.toThrow("stopped");
  change("DROP TRIGGER stop");
  const run = batch(call, names(3), { key: own, poll, journal });
  expect(await all(run)).toMatchObject(names(3).map((name) => ({ key: name, status: "done" })));
  expect(await run).toMatchObject({ done: 3, requests: 3 });
  expect(server.batches).toHaveLength(1);
});
