// Run by itself in Node, on the sources: makes one warm text call and prints, as JSON, the functions and files of
// ours that it crossed.
import { createServer } from "node:http";
import { Session } from "node:inspector/promises";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { openai } from "../../src/providers/openai/index.ts";

const answer = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Dune", refusal: null }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});
const server = createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json").end(answer);
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const { port } = server.address() as AddressInfo;
const client = new OpenAI({ apiKey: "test", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
const recommendBook = openai.call("gpt-4o-mini", { client }, (genre: string) => `Recommend a ${genre} book`);

await (await recommendBook("fantasy")).content;
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
await session.post("Profiler.takePreciseCoverage");
const response = await recommendBook("fantasy");
if (response.content !== "Dune") throw new Error("The call gave something else.");
const { result } = await session.post("Profiler.takePreciseCoverage");
const crossed = result
  .filter(({ url }) => url.includes("/src/") && !url.includes("node_modules"))
  .map(({ url, functions }) => ({
    file: url.slice(url.lastIndexOf("/src/") + 5),
    functions: functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0).map(({ functionName }) => functionName),
  }))
  .filter(({ functions }) => functions.length > 0);
console.log(JSON.stringify(crossed));
server.close();
server.closeAllConnections();
