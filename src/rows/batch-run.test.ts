import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as readText } from "node:stream/consumers";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { type BatchServer, startBatches } from "../../test/support/batch-server.ts";
import { completion } from "../../test/support/chat-server.ts";
import { query, temporaryFolder } from "../../test/support/row-server.ts";
import { withMetadata } from "../prepare/prompt.ts";
import { openai } from "../providers/openai/index.ts";
import { batch, openJournal } from "./index.ts";

const say = (text: string) => text;
const options = { key: (row: string) => row, poll: 1 };
const names = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);

function clientOf({ url }: BatchServer): OpenAI {
  return new OpenAI({ apiKey: "sk-secret", baseURL: `${url}/v1`, maxRetries: 0, logLevel: "off" });
}

const refused = { line: { response: { status_code: 400, body: { error: { message: "too long" } } }, error: null } };

test("dead letters of a batch are listed, and asked again where that is wanted", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  let broken = true;
  await using server = await startBatches({
    answer: ({ body }) => (broken && body.messages[0]?.content === "row 1" ? refused : completion({ content: "yes" })),
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const given = { ...options, journal, name: "night" };
  expect(await batch(call, names(3), given)).toMatchObject({ done: 2, failed: 1 });
  {
    using opened = openJournal(journal);
    expect([...opened.failures()]).toMatchObject([
      { run: "night", key: "row 1", kind: "invalid_request", status: 400 },
    ]);
  }
  broken = false;
  expect(await batch(call, names(3), given)).toMatchObject({ done: 2, failed: 1, resumed: 3 });
  expect(await batch(call, names(3), { ...given, failed: "rerun" })).toMatchObject({ done: 3, failed: 0, resumed: 2 });
  expect(server.batches.map(({ lines }) => lines.length)).toEqual([3, 1]);
});

test("the run stops after so many failures; what is open is read by the next one", async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  await using server = await startBatches({ answer: () => refused });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, say);
  const given = { ...options, journal, limits: { requests: 2 }, concurrency: 2 };
  const stopped = await batch(call, names(8), { ...given, maxFailures: 2 });
  expect(stopped).toMatchObject({ stopped: "failures", done: 0 });
  expect(stopped.reason).toBeInstanceOf(OpenAI.BadRequestError);
  expect(stopped.failed).toBeLessThanOrEqual(4);
  expect(server.batches.length).toBeLessThanOrEqual(3);
  expect(await batch(call, names(8), given)).toMatchObject({ failed: 8, stopped: undefined });
  expect(server.batches.flatMap(({ lines }) => lines)).toHaveLength(8);
});

test("totals are kept apart by a tag of the metadata", async () => {
  await using server = await startBatches();
  const write = (text: string) => ({
    messages: [{ role: "user" as const, content: text }],
    metadata: { team: text[4] },
  });
  const call = openai.call("gpt-4o-mini", { client: clientOf(server) }, withMetadata({ team: "none" }, write));
  const { tags, inputTokens } = await batch(call, ["row a", "row b", "row ac"], { ...options, tag: "team" });
  expect([...tags.keys()].sort()).toEqual(["a", "b"]);
  expect(tags.get("a")).toMatchObject({ done: 2, failed: 0 });
  const sum = [...tags.values()].reduce((total, sums) => total + (sums.inputTokens ?? Number.NaN), 0);
  expect(sum).toBe(inputTokens);
});

test("Ctrl-C stops the looking, not the batches: the next run reads them", { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  const journal = folder.path("a.db");
  await using server = await startBatches({ looks: 1_000_000 });
  const child = new URL("../../test/support/batch-child.ts", import.meta.url).pathname;
  const start = () => {
    const worker = spawn(process.execPath, [child, server.url, journal, "4"], { stdio: ["ignore", "pipe", "inherit"] });
    const said = Promise.all([readText(worker.stdout), once(worker, "close")]).then(([output]) => JSON.parse(output));
    return { worker, said };
  };
  const first = start();
  while ((server.batches[0]?.looks ?? 0) < 3) await new Promise((resolve) => setTimeout(resolve, 2));
  first.worker.kill("SIGINT");
  expect(await first.said).toEqual({ done: 0, cost: 0 });
  expect(server.batches[0]?.status).toBe("in_progress");
  expect(query(journal, "SELECT count(*) AS items FROM batch_items")).toEqual([{ items: 4 }]);
  (server.batches[0] as { looks: number }).looks = 1_000_000;
  expect(await start().said).toMatchObject({ done: 4 });
  expect(server.batches).toHaveLength(1);
});
