import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { closeSignal, sendResponse, textResponse } from "callscope/http";
import { openai } from "callscope/openai";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";

// #region call
const answer = openai.call("gpt-4o-mini", { stream: true }, (question: string) => `Answer a customer: ${question}`);
// #endregion

// #region fetch
/** Next.js, Hono, Bun, Deno and workers: a `Request` in, a `Response` out. */
export function GET(request: Request): Promise<Response> {
  const question = new URL(request.url).searchParams.get("q") ?? "";
  return textResponse(answer(question), { signal: request.signal });
}

const hono = new Hono();
hono.get("/answer", ({ req }) => GET(req.raw));
// #endregion

// #region node
const node = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url ?? "/", "http://localhost");
  const signal = closeSignal(response);
  await sendResponse(await textResponse(answer(searchParams.get("q") ?? ""), { signal }), response);
});
// #endregion

// #region express
const app = express();
app.get("/answer", async (request, response) => {
  const signal = closeSignal(response);
  await sendResponse(await textResponse(answer(String(request.query.q)), { signal }), response);
});
// #endregion

// #region fastify
const fast = fastify();
fast.get<{ Querystring: { q: string } }>("/answer", async (request, reply) => {
  reply.hijack(); // the response is written by sendResponse
  const signal = closeSignal(reply.raw);
  await sendResponse(await textResponse(answer(request.query.q), { signal }), reply.raw);
});
// #endregion

// Each is asked once, and stopped.
const path = `/answer?q=${encodeURIComponent("Are you open on Sundays?")}`;
const ask = async (url: string) => (await fetch(url + path)).text();
const urlOf = (address: AddressInfo | string | null) => `http://127.0.0.1:${(address as AddressInfo).port}`;

console.log("hono   ", await (await hono.request(path)).text());
await new Promise<void>((listening) => node.listen(0, "127.0.0.1", listening));
console.log("node   ", await ask(urlOf(node.address())));
node.close();
const listener = await new Promise<ReturnType<typeof app.listen>>((ready) => {
  const started = app.listen(0, "127.0.0.1", () => ready(started));
});
console.log("express", await ask(urlOf(listener.address())));
listener.close();
await fast.listen({ port: 0, host: "127.0.0.1" });
console.log("fastify", await ask(urlOf(fast.server.address())));
await fast.close();
