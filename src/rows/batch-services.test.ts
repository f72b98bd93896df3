import Anthropic from "@anthropic-ai/sdk";
import { BedrockClient } from "@aws-sdk/client-bedrock";
import { BedrockRuntimeClient, BedrockRuntimeServiceException } from "@aws-sdk/client-bedrock-runtime";
import { S3Client } from "@aws-sdk/client-s3";
import { ApiError, GenerateContentResponse, GoogleGenAI } from "@google/genai";
import { Mistral } from "@mistralai/mistralai";
import { SDKError } from "@mistralai/mistralai/models/errors";
import { expect, test } from "vitest";
import * as z from "zod";
import { answer as message } from "../../test/support/anthropic-server.ts";
import { startAnthropic, startBedrock, startGemini, startMistral } from "../../test/support/batch-services.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { temporaryFolder } from "../../test/support/row-server.ts";
import { Messages } from "../index.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { bedrock } from "../providers/bedrock/index.ts";
import { gemini } from "../providers/gemini/index.ts";
import { mistral } from "../providers/mistral/index.ts";
import { BatchUnsureError, batch, type Row } from "./index.ts";

const say = (text: string) => text;
const own = (row: string) => row;
const options = { key: own, poll: 1 };
const names = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);
const hash = expect.stringMatching(/^[0-9a-f]{32}$/);
const name = expect.stringMatching(/^callscope-[0-9a-f-]{36}$/);

async function all<Value>(run: AsyncIterable<Row<Value>>): Promise<Row<Value>[]> {
  const rows: Row<Value>[] = [];
  for await (const row of run) rows.push(row);
  return rows.sort((a, b) => a.ordinal - b.ordinal);
}

type Sent = readonly Record<string, never>[];

function anthropicResults(sent: Sent): object[] {
  const kinds = [
    { type: "succeeded", message: message({ model: "claude-haiku-4-5" }) },
    {
      type: "errored",
      error: { type: "error", request_id: "r", error: { type: "overloaded_error", message: "busy" } },
    },
    { type: "expired" },
    { type: "canceled" },
  ];
  return sent.map(({ custom_id }, index) => ({ custom_id, result: kinds[index % 4] })).reverse();
}

function claude(server: { url: string }) {
  const client = new Anthropic({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
  return anthropic.call("claude-haiku-4-5", { client }, say);
}

test("Anthropic: requests in the body, results in any order, of four kinds", async () => {
  await using server = await startAnthropic({ results: anthropicResults });
  const [done, busy, expired, canceled] = await all(batch(claude(server), names(4), options));
  if (done?.status !== "done" || busy?.status !== "failed") throw done;
  expect(done.value.content).toBe("Hello");
  expect(done.cost).toBeCloseTo((10 * 0.5 + 5 * 2.5) / 1e6, 12);
  expect(busy.error).toBeInstanceOf(Anthropic.APIError);
  expect(busy.error).toMatchObject({ status: 529, error: { error: { type: "overloaded_error" } } });
  expect(expired).toMatchObject({ error: { code: "batch_expired", batch: "msgbatch_0" }, cost: 0 });
  expect(canceled).toMatchObject({ error: { code: "batch_cancelled" } });
  expect(server.made).toEqual([
    {
      requests: names(4).map((content) => ({
        custom_id: hash,
        params: { model: "claude-haiku-4-5", messages: [{ role: "user", content }], max_tokens: expect.any(Number) },
      })),
    },
  ]);
});

test("Anthropic: a lost submission that has ended is told by its ids; one at work cannot be told, and is asked about", async () => {
  for (const looks of [0, 1_000_000]) {
    using folder = temporaryFolder();
    const kept = { ...options, journal: folder.path("a.db") };
    await using server = await startAnthropic({ results: anthropicResults, breaks: "after", looks });
    expect(await thrownBy(() => batch(claude(server), names(1), kept))).toBeInstanceOf(Anthropic.APIConnectionError);
    if (looks === 0) {
      expect(await batch(claude(server), names(1), kept)).toMatchObject({ done: 1 });
    } else {
      const error = await thrownBy(() => batch(claude(server), names(1), kept));
      expect(error).toBeInstanceOf(BatchUnsureError);
      expect(error).toMatchObject({
        code: "batch_unsure",
        requests: 1,
        candidates: [{ id: "msgbatch_0", requests: 1 }],
      });
      const run = batch(claude(server), names(1), { ...kept, adopt: "msgbatch_0" });
      const begun = run.then((totals) => totals);
      await run.cancel();
      expect(await begun).toMatchObject({ done: 1, stopped: "cancelled" });
    }
    expect(server.made).toHaveLength(1);
  }
});

test("Anthropic: where no batch of that time and size is there, it never arrived", async () => {
  using folder = temporaryFolder();
  const kept = { ...options, journal: folder.path("a.db") };
  const others = [
    { id: "msgbatch_7", request_counts: { processing: 0, succeeded: 9, errored: 0, canceled: 0, expired: 0 } },
    { id: "msgbatch_8", created_at: "2020-01-01T00:00:00Z" },
  ];
  await using server = await startAnthropic({ results: anthropicResults, breaks: "before", others });
  await thrownBy(() => batch(claude(server), names(1), kept));
  expect(server.made).toHaveLength(0);
  expect(await batch(claude(server), names(1), kept)).toMatchObject({ done: 1 });
  expect(server.made).toHaveLength(1);
});

test("Gemini: requests in the body, results by their key or their place; errors of the SDK's class", async () => {
  const said = (text: string) => ({
    candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: "gemini-2.5-flash",
  });
  const results = (sent: Sent) => [
    { response: said("first") },
    { error: { code: 8, message: "Too many." }, metadata: sent[1]?.metadata },
    { response: said("third"), metadata: sent[2]?.metadata },
  ];
  using folder = temporaryFolder();
  const kept = { ...options, journal: folder.path("a.db") };
  await using server = await startGemini({ results, breaks: "after" });
  const client = new GoogleGenAI({ enterprise: false, apiKey: "k", httpOptions: { baseUrl: server.url } });
  const write = (text: string) => [Messages.system("Be brief."), Messages.user(text)];
  const call = gemini.call("gemini-2.5-flash", { client, callParams: { temperature: 0 } }, write);
  // Lost on the way, and found by its display name.
  await thrownBy(() => batch(call, names(3), kept));
  const [first, second, third] = await all(batch(call, names(3), kept));
  if (first?.status !== "done" || third?.status !== "done" || second?.status !== "failed") throw first;
  expect(first.value.content).toBe("first");
  expect(first.value.response).toBeInstanceOf(GenerateContentResponse);
  expect(first.cost).toBeCloseTo((10 * 0.15 + 5 * 1.25) / 1e6, 12);
  expect(third.value.content).toBe("third");
  expect(second.error).toBeInstanceOf(ApiError);
  expect(second.error).toMatchObject({ status: 429 });
  expect(server.made).toEqual([
    {
      batch: {
        displayName: name,
        inputConfig: {
          requests: {
            requests: names(3).map((text) => ({
              request: {
                contents: [{ role: "user", parts: [{ text }] }],
                systemInstruction: { role: "user", parts: [{ text: "Be brief." }] },
                generationConfig: { temperature: 0 },
              },
              metadata: { key: hash },
            })),
          },
        },
      },
    },
  ]);
  expect(server.requests.find(({ method }) => method === "POST")?.path).toContain(
    "models/gemini-2.5-flash:batchGenerateContent",
  );
});

test("Gemini: how a job ends", async () => {
  for (const [ends, code] of [
    ["BATCH_STATE_FAILED", "batch_failed"],
    ["BATCH_STATE_EXPIRED", "batch_expired"],
    ["BATCH_STATE_CANCELLED", "batch_cancelled"],
  ] as const) {
    await using server = await startGemini({ results: () => [], ends });
    const client = new GoogleGenAI({ enterprise: false, apiKey: "k", httpOptions: { baseUrl: server.url } });
    const [row] = await all(batch(gemini.call("gemini-2.5-flash", { client }, say), ["a"], options));
    expect(row).toMatchObject({ error: { code } });
  }
});

const mistralBody = (text: string) => ({
  id: "1",
  object: "chat.completion",
  created: 1,
  model: "mistral-small-latest",
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
});

test("Mistral: the file has the wire's names, the job the model; results are the SDK's objects", async () => {
  const results = (sent: Sent) =>
    sent.map(({ custom_id }, index) => ({
      id: "r",
      custom_id,
      response:
        index === 0
          ? { status_code: 200, body: mistralBody("yes") }
          : { status_code: 422, body: { object: "error", message: "bad" } },
      error: null,
    }));
  using folder = temporaryFolder();
  const kept = { ...options, journal: folder.path("a.db") };
  await using server = await startMistral({ results, breaks: "after" });
  const client = new Mistral({ apiKey: "k", serverURL: server.url });
  const call = mistral.call("mistral-small-latest", { client, callParams: { maxTokens: 9, randomSeed: 1 } }, say);
  await thrownBy(() => batch(call, names(2), kept));
  const [done, failed] = await all(batch(call, names(2), kept));
  if (done?.status !== "done" || failed?.status !== "failed") throw done;
  expect(done.value.content).toBe("yes");
  expect(done.value.response.choices[0]?.finishReason).toBe("stop");
  expect(done.cost).toBeGreaterThan(0);
  expect(failed.error).toBeInstanceOf(SDKError);
  expect(failed.error).toMatchObject({ statusCode: 422 });
  expect(server.made).toEqual([
    {
      input_files: ["00000000-0000-0000-0000-000000000000"],
      endpoint: "/v1/chat/completions",
      model: "mistral-small-latest",
      metadata: { callscope: name },
      timeout_hours: 24,
    },
  ]);
  const lines = server.files[0]?.split(/\r?\n/).filter((line) => line.startsWith("{")) ?? [];
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    names(2).map((content) => ({
      custom_id: hash,
      body: { max_tokens: 9, random_seed: 1, messages: [{ role: "user", content }] },
    })),
  );
  expect(server.files[0]).toContain('name="purpose"\r\n\r\nbatch');
  // The requests' file and that of the results.
  expect(server.deleted).toEqual(["00000000-0000-0000-0000-000000000000", "results"]);
});

test("Mistral: how a job ends, and the client that is made from the environment has batches, too", async () => {
  for (const [ends, code] of [
    ["FAILED", "batch_failed"],
    ["TIMEOUT_EXCEEDED", "batch_expired"],
    ["CANCELLED", "batch_cancelled"],
  ] as const) {
    await using server = await startMistral({ results: () => [], ends });
    const client = new Mistral({ apiKey: "k", serverURL: server.url });
    const [row] = await all(batch(mistral.call("mistral-small-latest", { client }, say), ["a"], options));
    expect(row).toMatchObject({ error: { code, ...(ends === "FAILED" && { message: "The file is bad." }) } });
  }
  const { ownClient } = await import("../providers/mistral/client.ts");
  process.env.MISTRAL_API_KEY = "k";
  try {
    const whole = await (await ownClient()).whole();
    expect(whole.batch.jobs.create).toBeTypeOf("function");
  } finally {
    delete process.env.MISTRAL_API_KEY;
  }
});

function nova(server: { url: string }, more: object = {}) {
  const settings = {
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
    maxAttempts: 1,
  };
  const client = new BedrockRuntimeClient(settings);
  const clients = { bedrock: new BedrockClient(settings), s3: new S3Client({ ...settings, forcePathStyle: true }) };
  const given = { ...options, role: "arn:aws:iam::1:role/batch", bucket: "rows/nightly", clients };
  return { call: bedrock.call("amazon.nova-lite-v1:0", { client, ...more }, say), given };
}

const converseOutput = (text: string) => ({
  output: { message: { role: "assistant", content: [{ text }] } },
  stopReason: "end_turn",
  usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
  metrics: { latencyMs: 1 },
});

test("Bedrock: a file in the bucket, a job with a token, results beside it", async () => {
  const results = (sent: Sent) =>
    sent
      .map(({ recordId, modelInput }, index) => ({
        modelInput,
        recordId,
        ...(index === 1
          ? { error: { errorCode: 400, errorMessage: "bad" } }
          : { modelOutput: converseOutput(`answer ${index}`) }),
      }))
      .reverse();
  using folder = temporaryFolder();
  await using server = await startBedrock({ results, breaks: "after" });
  const { call, given } = nova(server);
  const kept = { ...given, journal: folder.path("a.db") };
  await thrownBy(() => batch(call, names(100), kept));
  const rows = await all(batch(call, names(100), kept));
  const [first, refused] = rows;
  if (first?.status !== "done" || refused?.status !== "failed") throw first;
  expect(first.value.content).toBe("answer 0");
  expect(first.cost).toBeCloseTo((10 * 0.03 + 5 * 0.12) / 1e6, 12);
  expect(refused.error).toBeInstanceOf(BedrockRuntimeServiceException);
  expect(refused.error).toMatchObject({
    name: "ValidationException",
    message: "bad",
    $metadata: { httpStatusCode: 400 },
  });
  expect(rows.filter(({ status }) => status === "done")).toHaveLength(99);
  const [job] = server.made as { jobName: string }[];
  const at = `s3://rows/nightly/${job?.jobName}/`;
  expect(server.made).toEqual([
    {
      jobName: name,
      clientRequestToken: job?.jobName,
      roleArn: "arn:aws:iam::1:role/batch",
      modelId: "amazon.nova-lite-v1:0",
      modelInvocationType: "Converse",
      inputDataConfig: { s3InputDataConfig: { s3InputFormat: "JSONL", s3Uri: `${at}requests.jsonl` } },
      outputDataConfig: { s3OutputDataConfig: { s3Uri: at } },
    },
  ]);
  const lines = server.files[0]?.split(/\r?\n/).filter((line) => line.startsWith("{")) ?? [];
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    names(100).map((text) => ({ recordId: hash, modelInput: { messages: [{ role: "user", content: [{ text }] }] } })),
  );
  const place = `/rows/nightly/${job?.jobName}`;
  expect(server.requests.find(({ method }) => method === "PUT")?.path).toContain(`${place}/requests.jsonl`);
  expect(server.deleted).toEqual([
    `${place}/requests.jsonl`,
    `${place}/job0/requests.jsonl.out`,
    `${place}/job0/manifest.json.out`,
  ]);
});

test("Bedrock: what it cannot take is told before anything is sent; no rest is too small for a job of its own", async () => {
  const results = (sent: Sent) => sent.map(({ recordId }) => ({ recordId, modelOutput: converseOutput("yes") }));
  await using server = await startBedrock({ results });
  const { call, given } = nova(server);
  await expect(batch(call, names(3), given)).rejects.toThrow(/fewer than 100/);
  await expect(batch(call, names(100), { ...given, role: undefined })).rejects.toThrow(/`role`/);
  const asked = nova(server, { responseModel: z.object({ n: z.number() }) });
  await expect(batch(asked.call, names(100), given)).rejects.toThrow(/takes no tools in a batch/);
  expect(server.requests).toHaveLength(0);
  expect(await batch(call, names(230), { ...given, limits: { requests: 200 } })).toMatchObject({ done: 230 });
  expect(server.files.map((text) => text.match(/"recordId"/g)?.length)).toEqual([130, 100]);
  for (const [ends, code] of [
    ["Failed", "batch_failed"],
    ["Expired", "batch_expired"],
    ["Stopped", "batch_cancelled"],
  ] as const) {
    await using ending = await startBedrock({ results: () => [], ends });
    const { call: other, given: how } = nova(ending);
    const [row] = await all(batch(other, names(100), how));
    expect(row).toMatchObject({ error: { code } });
  }
});
