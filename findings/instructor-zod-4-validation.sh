#!/usr/bin/env bash
# @instructor-ai/instructor takes zod from 3.23.8 on as a peer, 4 included. With zod 4 a value that fits is given; one that does
# not ends in a TypeError of the library's own, in the place of what the validation found.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps @instructor-ai/instructor@1.7.0 openai@7.57.0 zod@4.6.7 zod-stream@3.0.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import Instructor from "@instructor-ai/instructor";
import OpenAI from "openai";
import * as z from "zod";
for (const name of ["@instructor-ai/instructor", "zod"]) {
  const { version, peerDependencies } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  console.log(name, version, peerDependencies?.zod ?? "");
}
const schema = z.object({ dose: z.number() });
async function ask(value) {
  const call = { id: "c", type: "function", function: { name: "Dose", arguments: JSON.stringify(value) } };
  const message = { role: "assistant", content: null, tool_calls: [call] };
  const body = { id: "a", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message, finish_reason: "tool_calls" }] };
  const fetch = async () => new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
  const client = Instructor({ client: new OpenAI({ apiKey: "key", fetch }), mode: "TOOLS" });
  const messages = [{ role: "user", content: "How many?" }];
  try {
    const { dose } = await client.chat.completions.create({ model: "m", messages, response_model: { schema, name: "Dose" } });
    return `dose ${dose}`;
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}
const told = [await ask({ dose: 20 }), await ask({ dose: "twenty" })];
for (const one of told) console.log(one);
process.exitCode = told[0] === "dose 20" && told[1].startsWith("TypeError: ") ? 0 : 1;
JS
node try.mjs
