#!/usr/bin/env bash
# A tool of the AI SDK may give a picture (`toModelOutput` with a part of the type `file`). On OpenAI's Responses API it goes out
# as a picture. On Chat Completions, whose tool messages hold text alone, the provider writes the part as JSON into that text, the
# bytes in base64: no error, no warning; the model reads letters, and they are paid for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @ai-sdk/openai@4.0.118 zod@4.6.7 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createOpenAI } from "@ai-sdk/openai";
const bodies = {};
const fetch = async (url, { body }) => {
  bodies[new URL(url).pathname.split("/").pop()] = JSON.parse(body);
  return new Response(JSON.stringify({ error: { message: "seen" } }), { status: 400 });
};
const data = Buffer.from("89504e470d0a1a0a", "hex").toString("base64");
const prompt = [
  { role: "user", content: [{ type: "text", text: "What is there?" }] },
  { role: "assistant", content: [{ type: "tool-call", toolCallId: "c1", toolName: "look", input: {} }] },
  {
    role: "tool",
    content: [
      {
        type: "tool-result",
        toolCallId: "c1",
        toolName: "look",
        output: { type: "content", value: [{ type: "file", mediaType: "image/png", data: { type: "data", data } }] },
      },
    ],
  },
];
const openai = createOpenAI({ apiKey: "key", fetch });
await openai.chat("gpt-4o-mini").doGenerate({ prompt }).catch(() => {});
await openai.responses("gpt-4o-mini").doGenerate({ prompt }).catch(() => {});
console.log(`@ai-sdk/openai ${JSON.parse(readFileSync("node_modules/@ai-sdk/openai/package.json", "utf8")).version}`);
const chat = bodies.completions.messages.at(-1).content;
const responses = bodies.responses.input.at(-1).output;
console.log("chat:", JSON.stringify(chat));
console.log("responses:", JSON.stringify(responses));
const asText = typeof chat === "string" && chat.includes(data);
process.exitCode = asText && responses[0].type === "input_image" ? 0 : 1;
JS
node try.mjs
