#!/usr/bin/env bash
# A server tells of a tool's progress and then gives its result, in this order, over standard output. Where both arrive in
# one piece, the client of the MCP SDK forgets whom to tell before it tells him: the progress is an error of "an unknown token",
# and its callback hears nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 >/dev/null
cat > server.mjs <<'JS'
import { createInterface } from "node:readline";
const line = (message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
for await (const text of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(text);
  if (method === "initialize") {
    const { protocolVersion } = params;
    const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "server", version: "1" } };
    process.stdout.write(line({ id, result }));
  }
  if (method === "tools/call") {
    const { progressToken } = params._meta;
    const told = [1, 2].map((progress) => line({ method: "notifications/progress", params: { progressToken, progress } }));
    const result = line({ id, result: { content: [{ type: "text", text: "done" }] } });
    process.stdout.write(told.join("") + result);
  }
}
JS
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
const { version } = JSON.parse(readFileSync("node_modules/@modelcontextprotocol/client/package.json", "utf8"));
const client = new Client({ name: "client", version: "1" });
const errors = [];
client.onerror = (error) => errors.push(error.message);
await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.mjs"] }));
const heard = [];
const onprogress = ({ progress }) => heard.push(progress);
const { content } = await client.callTool({ name: "any", arguments: {} }, { onprogress });
await new Promise((resolve) => setTimeout(resolve, 100));
console.log(`@modelcontextprotocol/client ${version}`);
console.log(`result: ${content[0].text}`);
console.log(`progress heard: ${JSON.stringify(heard)}, sent before the result: [1,2]`);
for (const error of errors) console.log(`onerror: ${error}`);
await client.close();
process.exitCode = heard.length === 0 && errors.length === 2 ? 0 : 1;
JS
node try.mjs
