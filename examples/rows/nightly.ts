import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openai } from "callscope/openai";
import { estimate, jsonl, map, openJournal } from "callscope/rows";
import OpenAI from "openai";
import * as z from "zod";

// A service that stands for the provider: it answers every ticket, and refuses the one that is too long.
const server = createServer(async (request, response) => {
  const { messages } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
    messages: { content: string }[];
  };
  const text = messages[0]?.content ?? "";
  const refused = text.includes("endless");
  const call = { name: "answer", arguments: JSON.stringify({ urgent: text.includes("fire") }) };
  const message = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "call_1", type: "function", function: call }],
  };
  const answer = {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o-mini",
    choices: [{ index: 0, message, finish_reason: "tool_calls", logprobs: null }],
    usage: { prompt_tokens: 60, completion_tokens: 6, total_tokens: 66 },
  };
  response.writeHead(refused ? 400 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(refused ? { error: { message: "too long" } } : answer));
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const client = new OpenAI({ apiKey: "key", baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
const folder = mkdtempSync(join(tmpdir(), "nightly-"));
const path = (name: string) => join(folder, name);
const texts = ["the printer is on fire", "a key sticks", "endless", "fire in the server room"];
writeFileSync(path("tickets.jsonl"), texts.map((text, id) => JSON.stringify({ id: `t${id}`, text })).join("\n"));

// #region call
const Triage = z.object({ urgent: z.boolean() });
const triage = openai.call(
  "gpt-4o-mini",
  { client, responseModel: Triage },
  (text: string) => `Is this urgent? ${text}`,
);
// #endregion

// #region estimate
const tickets = jsonl(path("tickets.jsonl"), { schema: z.object({ id: z.string(), text: z.string() }) });
const before = await estimate(triage, tickets, { args: ({ text }) => [text], sample: 1000, outputTokens: 20 });
console.log(before.rows, "rows, at most", before.live.most, "dollars live,", before.batch?.most, "as a batch");
// #endregion

// #region map
const nightly = () =>
  map(triage, tickets, {
    key: ({ id }) => id,
    args: ({ text }) => [text],
    journal: path("nightly.db"),
    name: "triage",
  });
for await (const row of nightly()) {
  if (row.status === "done") console.log(row.key, row.value.urgent);
  else console.log(row.key, "failed:", (row.error as Error).message);
}
// #endregion

// #region again
const { done, failed, resumed, own } = await nightly();
console.log({ done, failed, resumed, asked: own.requests });
// #endregion

// #region journal
{
  using journal = openJournal(path("nightly.db"));
  for (const { key, kind, message } of journal.failures()) console.log(key, kind, message);
  console.log(journal.export(path("triage.csv"), { name: "triage", status: "done" }), "exported");
  console.log(journal.delete({ before: new Date(Date.now() - 30 * 86_400_000) }), "older than a month");
}
// #endregion
rmSync(folder, { recursive: true });
server.close();
server.closeAllConnections();
