import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openai } from "callscope/openai";
import { BatchUnsureError, batch } from "callscope/rows";
import OpenAI from "openai";
import * as z from "zod";

// A service that stands for the provider's batches: each is over at the first look.
interface Line {
  readonly custom_id: string;
  readonly body: { readonly messages: readonly { readonly content: string }[] };
}
let lines: Line[] = [];
let metadata: unknown;
const answerTo = ({ custom_id, body }: Line) => {
  const urgent = body.messages[0]?.content.includes("fire");
  const call = { name: "answer", arguments: JSON.stringify({ urgent }) };
  const tool_calls = [{ id: "call_1", type: "function", function: call }];
  const choice = { index: 0, message: { role: "assistant", content: null, tool_calls }, finish_reason: "tool_calls" };
  const usage = { prompt_tokens: 60, completion_tokens: 6, total_tokens: 66 };
  const completion = { id: "1", object: "chat.completion", created: 1, model: "gpt-4o-mini", choices: [choice], usage };
  return JSON.stringify({ custom_id, response: { status_code: 200, body: completion }, error: null });
};
const server = createServer(async (request, response) => {
  const text = Buffer.concat(await request.toArray()).toString();
  const url = request.url ?? "";
  if (url.endsWith("/files")) {
    lines = text
      .split("\r\n")
      .flatMap((part) => part.split("\n"))
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  } else if (request.method === "POST") ({ metadata } = JSON.parse(text));
  const isResults = url.endsWith("/content");
  const made = { id: "batch_1", status: "completed", output_file_id: "file_2", created_at: 1, metadata };
  response.writeHead(200, { "content-type": isResults ? "application/jsonl" : "application/json" });
  response.end(isResults ? lines.map(answerTo).reverse().join("\n") : JSON.stringify(made));
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const client = new OpenAI({ apiKey: "key", baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
const folder = mkdtempSync(join(tmpdir(), "batch-"));
const tickets = ["the printer is on fire", "a key sticks"].map((text, id) => ({ id: `t${id}`, text }));
const poll = 10;

// #region batch
const Triage = z.object({ urgent: z.boolean() });
const triage = openai.call(
  "gpt-4o-mini",
  { client, responseModel: Triage },
  (text: string) => `Is this urgent? ${text}`,
);
const run = batch(triage, tickets, {
  key: ({ id }) => id,
  args: ({ text }) => [text],
  journal: join(folder, "nightly.db"),
  name: "triage",
  again: "batch",
  poll,
});
try {
  for await (const row of run) {
    if (row.status === "done") console.log(row.key, row.value.urgent, `$${row.cost}`);
    else console.log(row.key, "failed:", (row.error as Error).message);
  }
} catch (error) {
  if (!(error instanceof BatchUnsureError)) throw error;
  console.log("Which of these is it? Run again with `adopt`:", error.candidates);
}
// #endregion
console.log((await run).done, "done");
rmSync(folder, { recursive: true });
server.close();
server.closeAllConnections();
