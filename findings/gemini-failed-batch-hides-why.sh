#!/usr/bin/env bash
# The Gemini API tells of a failed batch what was wrong with it. @google/genai has `error` in the type of a job, and leaves it out
# when it reads one from the Gemini API: all that is seen is JOB_STATE_FAILED.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @google/genai@3.1.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { GoogleGenAI } from "@google/genai";
const job = {
  name: "batches/1",
  metadata: { name: "batches/1", model: "models/gemini-2.5-flash", state: "BATCH_STATE_FAILED", displayName: "nightly" },
  done: true,
  error: { code: 3, message: "The third request has no contents." },
};
const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(job));
});
server.listen(0, "127.0.0.1", async () => {
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const read = await new GoogleGenAI({ apiKey: "key", httpOptions: { baseUrl } }).batches.get({ name: "batches/1" });
  console.log(`@google/genai ${JSON.parse(readFileSync("node_modules/@google/genai/package.json", "utf8")).version}`);
  console.log("read:", JSON.stringify(read));
  server.closeAllConnections();
  server.close();
  process.exitCode = read.state === "JOB_STATE_FAILED" && read.error === undefined ? 0 : 1;
});
JS
node try.mjs
