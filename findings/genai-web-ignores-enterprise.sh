#!/usr/bin/env bash
# `new GoogleGenAI({ enterprise: true, apiKey })` of @google/genai is a client of Vertex AI (Gemini Enterprise) in Node. The build
# for browsers, which bundlers and workers take, ignores `enterprise`, which its types have: the same line sends the prompt and the
# key to the other API, without a word. The older spelling `vertexai: true` works in both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @google/genai@3.1.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import * as node from "@google/genai/node";
import * as web from "@google/genai/web";
console.log(`@google/genai ${JSON.parse(readFileSync("node_modules/@google/genai/package.json", "utf8")).version}`);
const asked = [];
globalThis.fetch = async (input) => {
  asked.push(new URL(input.url ?? input).host);
  return Response.json({ candidates: [] });
};
for (const { GoogleGenAI } of [node, web]) {
  for (const named of [{ enterprise: true }, { vertexai: true }]) {
    const client = new GoogleGenAI({ ...named, apiKey: "key" });
    await client.models.generateContent({ model: "gemini-2.5-flash", contents: "Hi" });
  }
}
console.log(`node:  enterprise -> ${asked[0]}, vertexai -> ${asked[1]}`);
console.log(`web:   enterprise -> ${asked[2]}, vertexai -> ${asked[3]}`);
process.exitCode = asked[0] === asked[1] && asked[2] !== asked[3] && asked[3] === asked[1] ? 0 : 1;
JS
node try.mjs
