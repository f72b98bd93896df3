#!/usr/bin/env bash
# Before its first upload the openai package asks its `fetch` for a `data:` address, to see whether form data works there. A
# `fetch` of one's own (a proxy, a recorder, a guard that allows one host) sees a request that nobody made and that has no host.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai@7.57.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import OpenAI, { toFile } from "openai";
const seen = [];
const fetch = async (address, options) => {
  seen.push(String(address?.url ?? address));
  if (seen.at(-1).startsWith("data:")) return globalThis.fetch(address, options);
  return new Response(JSON.stringify({ id: "file-1", object: "file" }), { headers: { "content-type": "application/json" } });
};
const client = new OpenAI({ apiKey: "key", baseURL: "http://127.0.0.1:9/v1", fetch });
for (const name of ["a.jsonl", "b.jsonl"]) {
  await client.files.create({ purpose: "batch", file: await toFile(Buffer.from("{}"), name) });
}
console.log(`openai ${JSON.parse(readFileSync("node_modules/openai/package.json", "utf8")).version}`);
console.log(`two uploads asked for: ${seen.join("  ")}`);
process.exitCode = seen.filter((address) => address.startsWith("data:")).length === 1 && seen.length === 3 ? 0 : 1;
JS
node try.mjs
