#!/usr/bin/env bash
# Everywhere else @mistralai/mistralai takes `maxTokens` and sends `max_tokens`. The `body` of a batch's inline request is sent as
# it is: with the names that the types of a chat have it reaches the service under names that the service does not know.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @mistralai/mistralai@2.7.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Mistral } from "@mistralai/mistralai";
const bodies = [];
const server = createServer(async (request, response) => {
  bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
  response.writeHead(500, { "content-type": "application/json" }).end("{}");
});
server.listen(0, "127.0.0.1", async () => {
  const client = new Mistral({ apiKey: "key", serverURL: `http://127.0.0.1:${server.address().port}`, retryConfig: { strategy: "none" } });
  const chat = { model: "mistral-small-latest", maxTokens: 5, messages: [{ role: "user", content: "hi" }] };
  await client.chat.complete(chat).catch(() => {});
  const { model, ...body } = chat;
  await client.batch.jobs.create({ model, endpoint: "/v1/chat/completions", requests: [{ customId: "1", body }] }).catch(() => {});
  console.log(`@mistralai/mistralai ${JSON.parse(readFileSync("node_modules/@mistralai/mistralai/package.json", "utf8")).version}`);
  const sent = bodies[1]?.requests?.[0];
  console.log("chat:", Object.keys(bodies[0]).join(", "));
  console.log("batch request:", Object.keys(sent).join(", "), "| its body:", Object.keys(sent.body).join(", "));
  server.closeAllConnections();
  server.close();
  process.exitCode = bodies[0].max_tokens === 5 && "custom_id" in sent && sent.body.maxTokens === 5 ? 0 : 1;
});
JS
node try.mjs
