import { ApiError, GenerateContentResponse, GoogleGenAI } from "@google/genai";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { type BatchServer, startBatches } from "../../test/support/batch-server.ts";
import { startGemini } from "../../test/support/batch-services.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { query, temporaryFolder } from "../../test/support/row-server.ts";
import { Messages } from "../index.ts";
import { gemini } from "../providers/gemini/index.ts";
import { groq } from "../providers/groq/index.ts";
import { openai } from "../providers/openai/index.ts";
import { batch, type Row } from "./index.ts";

const say = (text: string) => text;
const options = { key: (row: string) => row, poll: 1 };
const names = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);

function clientOf({ url }: BatchServer): OpenAI {
  return new OpenAI({ apiKey: "sk-secret", baseURL: `${url}/v1`, maxRetries: 0, logLevel: "off" });
}

async function all<Value>(run: AsyncIterable<Row<Value>>): Promise<Row<Value>[]> {
  const rows: Row<Value>[] = [];
  for await (const row of run) rows.push(row);
  return rows.sort((a, b) => a.ordinal - b.ordinal);
}

test("the files of a batch are deleted when its results are in the journal, unless they are to stay", async () => {
  for (const keepFiles of [undefined, true]) {
    using folder = temporaryFolder();
    const journal = folder.path("a.db");
    await using server = await startBatches();
    const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
    const kept: number[] = [];
    const run = batch(call, names(4), { ...options, journal, keepFiles, limits: { requests: 2 }, concurrency: 1 });
    for await (const _ of run) {
      // What is told is in the journal; the files of its batch are not gone before.
      kept.push(query(journal, "SELECT count(*) AS rows FROM results").length, server.files.length);
    }
    expect(await run).toMatchObject({ done: 4 });
    expect(kept.every((count) => count > 0)).toBe(true);
    expect(server.files).toEqual(
      keepFiles ? ["file-0", "file-1", "out-batch_0", "err-batch_0", "out-batch_1", "err-batch_1"] : [],
    );
  }
});

test("Groq's are deleted, too; a file that cannot be deleted is no failure of the run", async () => {
  await using server = await startBatches();
  const client = new Groq({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
  const call = groq.call("llama-3.3-70b-versatile", { client }, say);
  expect(await batch(call, names(2), options)).toMatchObject({ done: 2 });
  expect(server.files).toEqual([]);
  await using sticky = await startBatches({ keeps: true });
  const other = openai.call("gpt-4o-mini", { client: clientOf(sticky) }, say);
  expect(await batch(other, names(2), options)).toMatchObject({ done: 2, failed: 0, stopped: undefined });
  expect(sticky.requests.filter(({ method }) => method === "DELETE")).toHaveLength(3);
  expect(sticky.files).toHaveLength(3);
});

test("the file of a batch that the service refuses is deleted; of one that broke off nobody knows", async () => {
  for (const status of [400, 0]) {
    await using server = await startBatches({
      made: (_, answer) => {
        if (status === 0) answer.reset();
        else answer.send(status, { "content-type": "application/json" }, JSON.stringify({ error: { message: "no" } }));
      },
    });
    const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
    const error = await thrownBy(() => batch(call, names(2), options));
    expect(error).toBeInstanceOf(status === 0 ? OpenAI.APIConnectionError : OpenAI.BadRequestError);
    expect(server.files).toEqual(status === 0 ? ["file-0"] : []);
  }
});

const full = {
  code: "token_limit_exceeded",
  message:
    "Enqueued token limit reached for gpt-4o-mini. Please try again once some in_progress batches have completed.",
};

test("a batch for which the account has no room waits until another one has ended, and no row fails", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  const isOpen = ({ status }: { status: string }) => status === "in_progress";
  // One has room at a time.
  await using server = await startBatches({
    looks: 3,
    says: full,
    made: (made) => {
      if (server.batches.some((one) => one !== made && isOpen(one))) made.status = "failed";
    },
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const said: string[] = [];
  const progress = { to: { isTTY: true, columns: 500, write: (text: string) => said.push(text) } };
  const run = batch(call, names(6), { ...options, journal, progress, poll: 60, limits: { requests: 2 } });
  const rows = await all(run);
  expect(rows.map(({ status, requests }) => [status, requests])).toEqual(Array(6).fill(["done", 1]));
  expect(server.batches.filter(({ status }) => status === "completed").map(({ lines }) => lines.length)).toEqual([
    2, 2, 2,
  ]);
  expect(server.batches.length).toBeGreaterThan(3);
  expect(server.batches.length).toBeLessThan(10);
  expect(server.files).toEqual([]);
  // The open batches stand in the progress: id, the service's word, how many are over.
  expect(said.join("")).toMatch(/batch_0 in_progress [012]\/2/);
  expect(query(journal, "SELECT count(*) AS open FROM batch_items")).toEqual([{ open: 0 }]);
});

test("one that has no room with nothing else at work is tried again in halves; a killed run goes on with its rows", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  let room = 0;
  await using server = await startBatches({
    says: full,
    made: (made) => {
      if (made.lines.length > room) made.status = "failed";
    },
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const controller = new AbortController();
  const run = batch(call, names(8), { ...options, journal, signal: controller.signal });
  const begun = run.then((totals) => totals);
  while (server.batches.length < 6) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort();
  expect(await begun).toMatchObject({ done: 0, failed: 0, stopped: "signal" });
  expect(server.batches.slice(0, 4).map(({ lines }) => lines.length)).toEqual([8, 4, 2, 1]);
  room = 3;
  const before = server.batches.length;
  expect(await batch(call, names(8), { ...options, journal })).toMatchObject({ done: 8, failed: 0, requests: 8 });
  const sizes = server.batches.slice(before).map(({ lines }) => lines.length);
  expect(sizes.filter((size) => size <= room).reduce((sum, size) => sum + size, 0)).toBe(8);
});

test("a batch that failed for another reason fails its rows", async () => {
  await using server = await startBatches({ ends: () => "failed" });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const rows = await all(batch(call, names(2), options));
  expect(rows).toMatchObject(Array(2).fill({ status: "failed", error: { code: "batch_failed" } }));
  expect(server.batches).toHaveLength(1);
  expect(server.files).toEqual([]);
});

test("Gemini: what is too large for a request goes by a file, and the results come from one", async () => {
  const text = (content: string) => ({
    candidates: [{ content: { role: "model", parts: [{ text: content }] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: "gemini-2.5-flash",
  });
  // In another order than the requests, as their keys allow.
  const results = (sent: readonly Record<string, never>[]) =>
    sent
      .map(({ key }, index) => {
        return index === 1 ? { key, error: { code: 8, message: "Too many." } } : { key, response: text(`no ${index}`) };
      })
      .reverse();
  using folder = temporaryFolder();
  await using server = await startGemini({ results, breaks: "after" });
  const client = new GoogleGenAI({ enterprise: false, apiKey: "k", httpOptions: { baseUrl: server.url } });
  const long = "x".repeat(1_000_000);
  const write = (name: string) => [Messages.system("Be brief."), Messages.user(`${name} ${long}`)];
  const callParams = { temperature: 0, maxOutputTokens: 9 };
  const call = gemini.call("gemini-2.5-flash", { client, callParams }, write);
  const kept = { ...options, journal: folder.path("a.db") };
  // Lost on the way, and found by its display name: nothing is uploaded twice.
  await thrownBy(() => batch(call, names(20), kept));
  const rows = await all(batch(call, names(20), kept));
  const [first, second] = rows;
  if (first?.status !== "done" || second?.status !== "failed") throw first;
  expect(first.value.content).toBe("no 0");
  expect(first.value.response).toBeInstanceOf(GenerateContentResponse);
  expect(first.cost).toBeCloseTo((10 * 0.15 + 5 * 1.25) / 1e6, 12);
  expect(second.error).toBeInstanceOf(ApiError);
  expect(second.error).toMatchObject({ status: 429 });
  expect(rows.filter(({ status }) => status === "done")).toHaveLength(19);
  const [made] = server.made as { batch: { displayName: string; inputConfig: object } }[];
  const displayName = made?.batch.displayName ?? "";
  const file = `files/${displayName.slice("callscope-".length)}`;
  expect(file.length).toBeLessThanOrEqual("files/".length + 40);
  expect(server.made).toEqual([{ batch: { displayName, inputConfig: { fileName: file } } }]);
  const lines = (server.files[0] ?? "").split("\n").filter(Boolean);
  expect(server.files).toHaveLength(1);
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    names(20).map((row) => ({
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
      request: {
        contents: [{ role: "user", parts: [{ text: `${row} ${long}` }] }],
        systemInstruction: { role: "user", parts: [{ text: "Be brief." }] },
        generationConfig: callParams,
      },
    })),
  );
  const started = server.requests.find(({ path }) => path.startsWith("/upload/"));
  expect(started?.body).toEqual({
    file: { name: file, displayName, mimeType: "jsonl", sizeBytes: String(Buffer.byteLength(server.files[0] ?? "")) },
  });
  expect(server.deleted).toEqual([file, "files/batch-results"]);
});
