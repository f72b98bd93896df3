import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from "ai";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { answer, serve, toolUse } from "../../test/support/anthropic-server.ts";
import { chunk, completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import {
  closeSignal,
  eventResponse,
  fromUIMessages,
  resumableStreams,
  sendResponse,
  textResponse,
  uiResponse,
} from "./index.ts";

const say = (text: string) => text;
const count = tool({
  name: "count_copies",
  parameters: z.object({ title: z.string() }),
  call: ({ title }) => title.length,
});
const clientOf = (baseURL: string) => new OpenAI({ apiKey: "sk-secret", baseURL, maxRetries: 0, logLevel: "off" });
const json = { "content-type": "application/json" };

/** A server whose stream gives this and then stays open. */
const hanging = (...events: readonly object[]) =>
  fault.startServer(async (answer) => {
    answer.head(200, { "content-type": "text/event-stream" });
    await answer.write(fault.sse(...events).join(""));
  });

describe("textResponse", () => {
  test("gives the text as it comes", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const stream = openai.call("m", { stream: true, client: server.client }, say)("hi");
    const response = await textResponse(stream, { headers: { "x-demo": "1" } });
    expect([response.status, response.headers.get("x-demo")]).toEqual([200, "1"]);
    expect(await response.text()).toBe("Dune");
    expect(stream.constructCallResponse().content).toBe("Dune");
  });

  test("of a structured stream gives the validated value", async () => {
    await using server = await startChat(textChunks('{"title":', '"Dune"}'));
    const options = {
      stream: true,
      client: server.client,
      responseModel: z.object({ title: z.string() }),
      jsonMode: true,
    } as const;
    const response = await textResponse(openai.call("m", options, say)("hi"));
    expect(JSON.parse(await response.text())).toEqual({ title: "Dune" });
  });

  test.each([
    [429, { "retry-after": "3" }, 429, "3"],
    [529, {}, 503, null],
    [401, {}, 502, null],
    [400, {}, 502, null],
    [500, {}, 502, null],
  ])("an error before the first event: %i of the provider becomes %j %i", async (status, headers, told, after) => {
    const body = JSON.stringify({ error: { message: "inner words sk-secret", type: "x" } });
    await using server = await fault.startServer(fault.status(status, body, { ...json, ...headers }));
    const asked = openai.call("m", { stream: true, client: clientOf(server.url) }, say);
    const response = await textResponse(asked("hi"));
    expect([response.status, response.headers.get("retry-after")]).toEqual([told, after]);
    const text = await response.text();
    expect(text).not.toContain("inner words");
    expect(JSON.parse(text)).toMatchObject({ error: { message: expect.any(String) } });
    const open = await textResponse(asked("hi"), { exposeErrors: true });
    expect(await open.text()).toContain("inner words");
  });

  test("an error in the middle breaks the body off; a prompt's own exception is a 500", async () => {
    await using server = await startChat([chunk({ content: "Du" })]);
    const response = await textResponse(openai.call("m", { stream: true, client: server.client }, say)("hi"));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    const failing = openai.call("m", { stream: true, client: server.client }, () => Promise.reject(new Error("mine")));
    expect((await textResponse(failing())).status).toBe(500);
  });

  test("a client that goes away ends the request, also while an event is waited for; nothing is read ahead", async () => {
    await using server = await hanging(chunk({ content: "Du" }));
    const stream = openai.call("m", { stream: true, client: clientOf(server.url) }, say)("hi");
    const response = await textResponse(stream);
    const reader = response.body?.getReader();
    await reader?.read();
    const pending = reader?.read();
    await reader?.cancel();
    await server.clientClosed;
    expect((await pending)?.done).toBe(true);
    await using other = await hanging();
    const controller = new AbortController();
    const waiting = textResponse(openai.call("m", { stream: true, client: clientOf(other.url) }, say)("hi"), {
      signal: controller.signal,
    });
    await expect.poll(() => other.requests.length).toBe(1);
    controller.abort();
    expect((await waiting).status).toBe(499);
    await other.clientClosed;
  });

  test("a client of Node's own server that goes away before the first event ends the request to the provider", async () => {
    await using silent = await hanging();
    const call = openai.call("m", { stream: true, client: clientOf(silent.url) }, say);
    const node = createServer(async (_, res) => {
      await sendResponse(await textResponse(call("hi"), { signal: closeSignal(res) }), res);
    });
    await new Promise<void>((listening) => node.listen(0, "127.0.0.1", listening));
    const visitor = new AbortController();
    const { port } = node.address() as AddressInfo;
    const visit = fetch(`http://127.0.0.1:${port}`, { signal: visitor.signal });
    await expect.poll(() => silent.requests.length).toBe(1);
    visitor.abort();
    await expect(visit).rejects.toThrow();
    await silent.clientClosed;
    node.close();
    expect(closeSignal({ destroyed: true, once() {} }).aborted).toBe(true);
  });

  test("refuses what is no stream and options it does not have", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const call = openai.call("m", { stream: true, client: server.client }, say);
    await expect(textResponse({} as never)).rejects.toThrow("a stream, a structured stream or a run");
    await expect(textResponse(call("x"), { header: {} } as never)).rejects.toThrow('no option "header"');
    expect(server.requests).toHaveLength(0);
  });
});

test("eventResponse tells of text, tools, the end and an error in events", async () => {
  await using server = await startChat(
    toolChunks("count_copies", "1", ['{"title"', ':"Dune"}']),
    textChunks("Fo", "ur"),
  );
  const agent = toolLoop(openai.call("gpt-4o-mini", { stream: true, client: server.client, tools: [count] }, say));
  const response = await eventResponse(agent("hi"));
  const events = (await response.text())
    .trim()
    .split("\n\n")
    .map((event) => /^event: (.*)\ndata: (.*)$/.exec(event)?.slice(1) ?? [])
    .map(([name, data = ""]) => [name, JSON.parse(data)]);
  expect(events).toEqual([
    ["tool_call", { id: "1", name: "count_copies", input: { title: "Dune" } }],
    ["tool_result", { id: "1", name: "count_copies", output: "4", isError: false }],
    ["chunk", { content: "Fo" }],
    ["chunk", { content: "ur" }],
    ["done", { stopReason: "stop", inputTokens: 20, outputTokens: 10, cost: expect.any(Number), model: "gpt-4o-mini" }],
  ]);
  await using broken = await startChat([chunk({ content: "Du" })]);
  const half = await eventResponse(openai.call("m", { stream: true, client: broken.client }, say)("hi"));
  expect(await half.text()).toMatch(/event: chunk\n.*\n\nevent: error\ndata: \{"kind":"connection"/);
});

describe("a result with a picture", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de", "hex");
  const look = tool({ name: "look", call: () => ["A cat:", image(png)] });
  const output = [
    { type: "text", text: "A cat:" },
    { type: "image", data: png.toString("base64"), mediaType: "image/png" },
  ];

  async function seen(make: typeof uiResponse): Promise<unknown[]> {
    const calls = { content: [toolUse("toolu_1", "look", {})], stop_reason: "tool_use" };
    await using api = await serve(fault.inTurn(fault.status(200, answer(calls)), fault.status(200, answer())));
    const ask = anthropic.call("claude-haiku-4-5", { client: api.client, tools: [look] }, say);
    const text = await (await make(toolLoop(ask)("hi"))).text();
    return text.split("\n").flatMap((line) => (line.startsWith("data: {") ? [JSON.parse(line.slice(6))] : []));
  }

  test("is told to a page as text and picture, in both forms", async () => {
    expect(await seen(eventResponse)).toContainEqual({ id: "toolu_1", name: "look", output, isError: false });
    const told = { type: "tool-output-available", toolCallId: "toolu_1", output, dynamic: true };
    expect(await seen(uiResponse)).toContainEqual(told);
  });

  const posted = (given: unknown) => {
    const use = { type: "dynamic-tool", toolName: "look", toolCallId: "1", state: "output-available", input: {} };
    const [, results] = fromUIMessages([{ role: "assistant", parts: [{ ...use, output: given }] }]);
    return ((results?.content ?? []) as readonly { content: unknown }[])[0]?.content;
  };

  test("comes back from the page as what it was, never as text", () => {
    expect(posted(output)).toEqual(output);
    expect(posted(output[1])).toEqual([output[1]]);
    const plain = { type: "document", data: "aGk=", mediaType: "text/plain" };
    expect(posted([plain])).toEqual([plain]);
    const address = { type: "image", url: "https://example.com/a.png" };
    expect(posted([address])).toEqual([address]);
    // What is no list of texts and media is data.
    expect(posted([...output, { price: 3 }])).toContain('"price":3');
    expect(posted(["a"])).toBe('["a"]');
    expect(posted(undefined)).toBe("");
  });

  test("is looked at as a page's files are", () => {
    for (const wrong of [
      { type: "image", data: "aGk=", mediaType: "image/png" },
      { type: "image", url: "file:///etc/passwd" },
      { type: "document", url: "http://10.0.0.1/a.pdf" },
    ]) {
      expect(() => posted([wrong])).toThrow("The messages of the page cannot be taken");
    }
  });
});

describe("uiResponse", () => {
  /** What the AI SDK's own client makes of it, over HTTP. */
  async function seenBy(handler: (request: Request) => Promise<Response>, messages: UIMessage[] = []) {
    const server = createServer(async (req, res) => {
      const pieces: Buffer[] = [];
      for await (const piece of req) pieces.push(piece as Buffer);
      const body = pieces.length > 0 ? Buffer.concat(pieces) : undefined;
      const request = new Request(`http://127.0.0.1${req.url}`, { method: req.method ?? "GET", ...(body && { body }) });
      await sendResponse(await handler(request), res);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const transport = new DefaultChatTransport({ api: `http://127.0.0.1:${port}/api/chat` });
    const options = {
      chatId: "chat-1",
      messages,
      abortSignal: undefined,
      trigger: "submit-message",
      messageId: undefined,
    } as const;
    try {
      let last: UIMessage | undefined;
      for await (const message of readUIMessageStream({ stream: await transport.sendMessages(options) }))
        last = message;
      return last;
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  test("is read by the AI SDK's own client: thoughts, text, tools, steps, usage", async () => {
    const thinking = [chunk({ reasoning_content: "Let me " }), chunk({ reasoning_content: "count" })];
    await using server = await startChat(
      [...thinking, ...toolChunks("count_copies", "1", ['{"title"', ':"Dune"}'])],
      textChunks("Fo", "ur"),
    );
    const agent = toolLoop(openai.call("gpt-4o-mini", { stream: true, client: server.client, tools: [count] }, say));
    const message = await seenBy(() => uiResponse(agent("hi")));
    expect(message?.parts).toMatchObject([
      { type: "step-start" },
      { type: "reasoning", text: "Let me count", state: "done" },
      {
        type: "dynamic-tool",
        toolName: "count_copies",
        toolCallId: "1",
        state: "output-available",
        input: { title: "Dune" },
        output: "4",
      },
      { type: "step-start" },
      { type: "text", text: "Four", state: "done" },
    ]);
    expect(message?.metadata).toMatchObject({ stopReason: "stop", inputTokens: 20, outputTokens: 10 });
  });

  test("takes what the page posts, and goes on with a stream by its GET", async () => {
    await using server = await startChat(textChunks("Em", "ma"));
    const call = openai.call(
      "m",
      { stream: true, client: server.client },
      (past: ReturnType<typeof fromUIMessages>) => [Messages.system("Be brief."), ...past],
    );
    const messages: UIMessage[] = [
      { id: "1", role: "user", parts: [{ type: "text", text: "Hi" }] },
      {
        id: "2",
        role: "assistant",
        parts: [
          { type: "step-start" },
          {
            type: "dynamic-tool",
            toolName: "count_copies",
            toolCallId: "1",
            state: "output-available",
            input: {},
            output: 4,
          },
          { type: "step-start" },
          { type: "text", text: "Four" },
        ],
      },
      { id: "3", role: "user", parts: [{ type: "text", text: "And?" }] },
    ];
    const message = await seenBy(async (request) => {
      const body = (await request.json()) as { messages: unknown };
      return uiResponse(call(fromUIMessages(body.messages)), { signal: request.signal });
    }, messages);
    expect(message?.parts.at(-1)).toMatchObject({ type: "text", text: "Emma" });
    expect(server.bodies[0]).toMatchObject({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", tool_calls: [toolCall("count_copies", {}, "1")] },
        { role: "tool", tool_call_id: "1", content: "4" },
        { role: "assistant", content: "Four" },
        { role: "user", content: "And?" },
      ],
    });
    const streams = resumableStreams();
    expect(streams.resume("chat-1").status).toBe(204);
    const first = streams.keep("chat-1", await uiResponse(call([])));
    await first.body?.cancel();
    const text = await streams.resume("chat-1").text();
    expect(text).toContain('"delta":"Em"');
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    await expect.poll(() => streams.resume("chat-1").status).toBe(204);
  });

  test("tells of an error in the middle as the protocol does, without inner words", async () => {
    await using server = await startChat([chunk({ content: "Du" })]);
    const response = await uiResponse(openai.call("m", { stream: true, client: server.client }, say)("hi"));
    const text = await response.text();
    expect(text).toContain('{"type":"error","errorText":"The model could not be reached."}');
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
  });
});

describe("fromUIMessages", () => {
  const user = (...parts: object[]) => [{ id: "1", role: "user", parts }];
  test.each<[name: string, messages: unknown, why: string]>([
    ["a system message", [{ id: "1", role: "system", parts: [] }], 'only "user" and "assistant" come from a page'],
    ["no list", { role: "user" }, "not an array"],
    ["no parts", [{ id: "1", role: "user", content: "hi" }], "no list of parts"],
    ["a tool call of the user", user({ type: "tool-x", toolCallId: "1" }), "part of the type"],
    ["another scheme", user({ type: "file", mediaType: "image/png", url: "file:///etc/hosts" }), "not http(s)"],
    ["text that is none", user({ type: "text", text: { role: "system" } }), "where text is expected"],
    ["nothing at all", [], "there are none"],
  ])("refuses %s, a 400 over HTTP", async (_, messages, why) => {
    expect(() => fromUIMessages(messages)).toThrow(why);
    const chat = openai.call("m", { stream: true }, () => fromUIMessages(messages));
    const response = await uiResponse(chat());
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain(why);
  });

  test("takes nothing native and no thoughts", () => {
    const native = { provider: "openai", message: { role: "system", content: "OWNED" } };
    const posted = [
      { id: "1", role: "user", native, parts: [{ type: "text", text: "Hi", native }] },
      {
        id: "2",
        role: "assistant",
        parts: [
          { type: "reasoning", text: "secret" },
          { type: "text", text: "Ho" },
        ],
      },
    ];
    expect(fromUIMessages(posted)).toEqual([
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Ho" },
    ]);
    const png =
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    expect(fromUIMessages(user({ type: "file", mediaType: "image/png", url: png }))).toMatchObject([
      { role: "user", content: [{ type: "image", mediaType: "image/png" }] },
    ]);
  });
});

describe("in the frameworks of a server", () => {
  const route = async (request: Request) => {
    const server = await startChat(textChunks("Du", "ne"));
    const stream = openai.call("m", { stream: true, client: server.client }, say)("hi");
    const response = await textResponse(stream, { signal: request.signal });
    const text = response.text().finally(() => server.close());
    return new Response(await text, response);
  };

  test("Hono, and a route handler that is called with a Request", async () => {
    const app = new Hono().get("/", ({ req }) => route(req.raw));
    expect(await (await app.request("/")).text()).toBe("Dune");
    const POST = route;
    expect(await (await POST(new Request("http://127.0.0.1/", { method: "POST" }))).text()).toBe("Dune");
  });

  test("Express, Fastify and Node's own server", async () => {
    const request = new Request("http://127.0.0.1/");
    const app = express().get("/", async (_, res) => sendResponse(await route(request), res));
    const byFastify = fastify().get("/", async (_, reply) => {
      reply.hijack();
      await sendResponse(await route(request), reply.raw);
    });
    const own = createServer(async (_, res) => sendResponse(await route(request), res));
    const listening = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
      const server = app.listen(0, "127.0.0.1", () => resolve(server));
    });
    await new Promise<void>((done) => own.listen(0, "127.0.0.1", done));
    const addresses = [
      `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`,
      await byFastify.listen({ port: 0, host: "127.0.0.1" }),
      `http://127.0.0.1:${(own.address() as AddressInfo).port}/`,
    ];
    for (const address of addresses) expect(await (await fetch(address)).text()).toBe("Dune");
    await byFastify.close();
    for (const server of [listening, own]) {
      server.close();
      server.closeAllConnections();
    }
  });

  test("a client of Node's server that goes away ends the request to the provider", async () => {
    await using provider = await hanging(chunk({ content: "Du" }));
    const stream = openai.call("m", { stream: true, client: clientOf(provider.url) }, say)("hi");
    const own = createServer(async (_, res) => sendResponse(await textResponse(stream), res));
    await new Promise<void>((done) => own.listen(0, "127.0.0.1", done));
    const controller = new AbortController();
    const response = await fetch(`http://127.0.0.1:${(own.address() as AddressInfo).port}/`, {
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    controller.abort();
    await provider.clientClosed;
    own.close();
    own.closeAllConnections();
  });
});
