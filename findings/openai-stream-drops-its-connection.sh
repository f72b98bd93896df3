#!/usr/bin/env bash
# The official `openai` package leaves the body of a streamed answer at `data: [DONE]`, a moment before the body's own end. To
# Node that is a body which was given up: the connection is closed. Streams that follow one another open a connection each,
# behind TLS two more round trips for each, while plain calls of the same client share one. Nothing is reported, and a server
# that ends the body together with its last event does not help much.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai@7.57.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import OpenAI from "openai";
const base = { id: "1", created: 1, model: "m" };
const answer = (object, said) => ({ ...base, object, choices: [{ index: 0, finish_reason: "stop", ...said }] });
let connections = 0;
const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  if (!JSON.parse(body).stream) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer("chat.completion", { message: { role: "assistant", content: "Hi" } })));
    return;
  }
  response.setHeader("content-type", "text/event-stream");
  response.write(`data: ${JSON.stringify(answer("chat.completion.chunk", { delta: { content: "Hi" } }))}\n\n`);
  response.write("data: [DONE]\n\n");
  setTimeout(() => response.end(), 5);
});
server.on("connection", () => connections++);
server.listen(0, "127.0.0.1");
await once(server, "listening");
const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 });
const asked = { model: "m", messages: [{ role: "user", content: "Hi" }] };
async function opened(use) {
  const before = connections;
  for (let time = 0; time < 10; time++) {
    await use();
    await delay(20);
  }
  return connections - before;
}
const calls = await opened(() => client.chat.completions.create(asked));
const streams = await opened(async () => {
  for await (const _ of await client.chat.completions.create({ ...asked, stream: true }));
});
console.log(`openai ${JSON.parse(readFileSync("node_modules/openai/package.json", "utf8")).version}`);
console.log(`ten calls opened ${calls} connection, ten streams opened ${streams}`);
server.close();
server.closeAllConnections();
process.exitCode = calls === 1 && streams >= 9 ? 0 : 1;
JS
node try.mjs
