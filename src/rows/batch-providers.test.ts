import { GoogleGenAI } from "@google/genai";
import Groq from "groq-sdk";
import OpenAI, { AzureOpenAI } from "openai";
import { expect, test } from "vitest";
import { type BatchLine, startBatches } from "../../test/support/batch-server.ts";
import { completion } from "../../test/support/chat-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { temporaryFolder } from "../../test/support/row-server.ts";
import { call as anyCall } from "../any-provider.ts";
import { azure } from "../providers/azure/index.ts";
import { cohere } from "../providers/cohere/index.ts";
import { groq } from "../providers/groq/index.ts";
import { litellm } from "../providers/litellm/index.ts";
import { local } from "../providers/local/index.ts";
import { openai } from "../providers/openai/index.ts";
import { vertex } from "../providers/vertex/index.ts";
import { batch, type Row } from "./index.ts";

const say = (text: string) => text;
const options = { key: (row: string) => row, poll: 1 };

async function all<Value>(run: AsyncIterable<Row<Value>>): Promise<Row<Value>[]> {
  const rows: Row<Value>[] = [];
  for await (const row of run) rows.push(row);
  return rows.sort((a, b) => a.ordinal - b.ordinal);
}

test("Azure OpenAI: the path has no version, by both of the SDK's clients", async () => {
  await using server = await startBatches();
  const rest = { apiKey: "k", maxRetries: 0 };
  const clients = [
    new AzureOpenAI({ ...rest, apiVersion: "2026-01-01", baseURL: `${server.url}/openai` }),
    new OpenAI({ ...rest, baseURL: `${server.url}/openai/v1/` }),
  ];
  for (const [index, client] of clients.entries()) {
    const [row] = await all(batch(azure.call("gpt-4o-mini", { client }, say), ["row 0"], options));
    expect(row).toMatchObject({ status: "done", value: { content: "ROW 0" } });
    const { lines, body } = server.batches[index] ?? {};
    expect(body).toMatchObject({ endpoint: "/chat/completions", completion_window: "24h" });
    expect(lines).toEqual([
      {
        custom_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        method: "POST",
        url: "/chat/completions",
        body: { model: "gpt-4o-mini", messages: [{ role: "user", content: "row 0" }] },
      },
    ]);
  }
  expect(server.requests.map(({ path }) => path.split("?")[0])).toContain("/openai/batches");
});

test("Groq: on OpenAI's wire by its own SDK, whose errors it throws", async () => {
  const bad = { error: { message: "no such model", type: "invalid_request_error" } };
  let broken = false;
  await using server = await startBatches({
    answer: ({ body }) =>
      body.messages[0]?.content === "row 1"
        ? { line: { response: { status_code: 404, body: bad }, error: null } }
        : completion({ content: "yes" }, "llama-3.3-70b-versatile"),
    made: (_, answer) => {
      if (!broken) answer.reset();
      broken = true;
    },
  });
  const client = new Groq({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
  using folder = temporaryFolder();
  const kept = { ...options, journal: folder.path("a.db") };
  const call = groq.call("llama-3.3-70b-versatile", { client }, say);
  expect(await thrownBy(() => batch(call, ["row 0", "row 1"], kept))).toBeInstanceOf(Groq.APIConnectionError);
  const [row, failed] = await all(batch(call, ["row 0", "row 1"], kept));
  expect(server.batches).toHaveLength(1);
  expect(row).toMatchObject({ status: "done", value: { content: "yes" } });
  expect(failed?.status === "failed" && failed.error).toBeInstanceOf(Groq.NotFoundError);
  expect(server.batches[0]?.body).toEqual({
    input_file_id: "file-0",
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
    metadata: { callscope: expect.stringMatching(/^callscope-/) },
  });
  expect(server.batches[0]?.lines[0]).toEqual({
    custom_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    method: "POST",
    url: "/v1/chat/completions",
    body: { model: "llama-3.3-70b-versatile", messages: [{ role: "user", content: "row 0" }] },
  });
});

test("OpenAI's Responses API has an endpoint of its own, and the SDK's `output_text`", async () => {
  const answer = ({ body }: BatchLine) => ({
    id: "resp_1",
    object: "response",
    model: "gpt-4o-mini",
    status: "completed",
    input: body,
    output: [
      {
        type: "message",
        id: "m",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "Dune", annotations: [] }],
      },
    ],
    usage: {
      input_tokens: 10,
      output_tokens: 2,
      total_tokens: 12,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  });
  await using server = await startBatches({ answer });
  const client = new OpenAI({ apiKey: "k", baseURL: `${server.url}/v1`, maxRetries: 0 });
  const [row] = await all(batch(openai.responses.call("gpt-4o-mini", { client }, say), ["row 0"], options));
  if (row?.status !== "done") throw row?.error;
  expect(row.value.content).toBe("Dune");
  expect(row.value.response.output_text).toBe("Dune");
  expect(row.cost).toBeCloseTo((10 * 0.075 + 2 * 0.3) / 1e6, 12);
  expect(server.batches[0]?.body).toMatchObject({ endpoint: "/v1/responses" });
  expect(server.batches[0]?.lines[0]).toMatchObject({ url: "/v1/responses", body: { model: "gpt-4o-mini" } });
});

test("a provider that is chosen when the program runs is batched as its own", async () => {
  await using server = await startBatches();
  const client = new OpenAI({ apiKey: "k", baseURL: `${server.url}/v1`, maxRetries: 0 });
  const call = anyCall("openai/gpt-4o-mini", { client }, say);
  expect(await batch(call, ["row 0"], options)).toMatchObject({ done: 1 });
});

test("providers that have no batches say so and offer map()", async () => {
  const calls = [cohere.call("command-r", say), litellm.call("gpt-4o-mini", say), local.call("default", say)];
  for (const call of calls) {
    expect(() => batch(call as never, ["a"], options)).toThrow(/has no batches that take prompts: use map\(\)/);
  }
  const reason = /bucket of Google Cloud Storage, which @google\/genai can neither write nor read. Use map\(\)/;
  const client = new GoogleGenAI({ enterprise: true, apiKey: "k" });
  await expect(batch(vertex.call("gemini-2.5-flash", { client }, say), ["a"], options)).rejects.toThrow(reason);
  const chosen = anyCall("cohere/command-r", say);
  await expect(batch(chosen, ["a"], options)).rejects.toThrow(/use map\(\)/);
});
