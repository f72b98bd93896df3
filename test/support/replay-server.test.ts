import { connect } from "node:http2";
import { text as readText } from "node:stream/consumers";
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as fault from "./fault-server.ts";
import { describeRecordings, type Exchange, type RecordedResponse } from "./recordings.ts";
import { startReplay } from "./replay-server.ts";

function exchange(response: RecordedResponse, url = "https://example.com/v1/chat/completions"): Exchange {
  return { request: { method: "POST", url, headers: {}, body: {} }, response };
}

const json = exchange({ status: 201, headers: { "content-type": "application/json", "x-id": "7" }, body: { a: "ü" } });
const stream = exchange({ status: 200, headers: { "content-type": "text/event-stream" }, text: "data: ü\n\n" });
const bytes = exchange({ status: 200, headers: { "content-type": "application/octet-stream" }, base64: "AP/+" });

function post(url: string, body: unknown = {}) {
  return fetch(`${url}/v2/chat/completions?key=1`, { method: "POST", body: JSON.stringify(body) });
}

describe("over HTTP/1.1", () => {
  test("answers in order with status, headers and body, and keeps the requests", async () => {
    await using server = await startReplay([json, stream, bytes]);
    const first = await post(server.url, { n: 1 });
    expect([first.status, first.headers.get("x-id"), await first.json()]).toEqual([201, "7", { a: "ü" }]);
    expect(await (await post(server.url, { n: 2 })).text()).toBe("data: ü\n\n");
    expect(await (await post(server.url, { n: 3 })).bytes()).toEqual(new Uint8Array([0, 255, 254]));
    expect(server.requests.map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(server.requests[0]).toMatchObject({ method: "POST", path: "/v2/chat/completions?key=1" });
    expect(server.connections).toBeGreaterThan(0);
    server.expectAllServed();
  });

  test("a request too many gets 599 and fails expectAllServed", async () => {
    await using server = await startReplay([json]);
    await post(server.url);
    expect((await post(server.url)).status).toBe(599);
    expect(server.problems).toEqual(["Request 2 (POST chat/completions) has no exchange: there are only 1."]);
    expect(() => server.expectAllServed()).toThrow("Request 2");
  });

  test("an exchange nobody asked for fails expectAllServed", async () => {
    await using server = await startReplay([json, stream]);
    await post(server.url);
    expect(server.problems).toEqual([]);
    expect(() => server.expectAllServed()).toThrow("1 of 2 exchanges were not asked for.");
  });

  test("another method or another tail of the path is a problem, another prefix is none", async () => {
    const google = exchange(
      { status: 200, headers: {}, body: {} },
      "https://example.com/v1/models/g%3A1:generateContent",
    );
    const unknown: Exchange = { request: null, response: google.response };
    await using server = await startReplay([google, unknown, google, google]);
    await fetch(`${server.url}/v1beta/models/g:1:generateContent`, { method: "POST" });
    await fetch(`${server.url}/anything`);
    expect(server.problems).toEqual([]);
    await fetch(`${server.url}/v1/models/g:1:generateContent`);
    await fetch(`${server.url}/v1/models/g:1:streamGenerateContent`, { method: "POST" });
    expect(server.problems).toEqual([
      "Request 3 is GET g:1:generateContent, recorded is POST g:1:generateContent.",
      "Request 4 is POST g:1:streamGenerateContent, recorded is POST g:1:generateContent.",
    ]);
  });

  test("chunkBytes and delayMs cut and slow a stream", async () => {
    await using slow = await startReplay([stream], { chunkBytes: 2, delayMs: 500 });
    const reader = (await post(slow.url)).body!.getReader();
    const silence = new Promise((wait) => setTimeout(wait, 50, "silence"));
    expect((await reader.read()).value).toHaveLength(2);
    expect(await Promise.race([reader.read(), silence])).toBe("silence");
    await reader.cancel();
    await using server = await startReplay([stream], { chunkBytes: 2, delayMs: 10 });
    const { body } = await post(server.url);
    const sizes: number[] = [];
    for await (const piece of body ?? []) sizes.push(piece.length);
    expect(sizes).toEqual([2, 2, 2, 2, 2]);
  });
});

describe("over cleartext HTTP/2", () => {
  test("the same port answers", async () => {
    await using server = await startReplay([stream, json], { chunkBytes: 1 });
    const session = connect(server.url);
    const request = session.request({ ":method": "POST", ":path": "/chat/completions" });
    request.end('{"n":1}');
    expect(await readText(request)).toBe("data: ü\n\n");
    session.close();
    expect((await post(server.url)).status).toBe(201);
    expect(server.requests[0]).toMatchObject({ method: "POST", path: "/chat/completions", body: { n: 1 } });
    expect(server.connections).toBe(2);
    server.expectAllServed();
  });

  test("a client that leaves and a server that breaks are seen there too", async () => {
    await using server = await fault.startServer(fault.inTurn(fault.hang, fault.reset(["data: 1\n\n"], 1)));
    const session = connect(server.url);
    const failed = new Promise((resolve) => session.on("error", resolve));
    const first = session.request({ ":path": "/" }).end();
    while (server.requests.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    first.close();
    expect(await server.clientClosed).toBeGreaterThan(0);
    const second = session.request({ ":path": "/" }).end();
    await expect(readText(second)).rejects.toThrow();
    expect(await failed).toMatchObject({ code: "ECONNRESET" });
  });
});

const isChat = ({ scenario }: { scenario: readonly string[] }) => scenario.includes("stream");

describeRecordings(
  "openai",
  ({ exchanges }) => {
    test("the SDK reads every stream, byte by byte as in one", async () => {
      const texts: string[] = [];
      for (const chunkBytes of [7, undefined]) {
        await using server = await startReplay(exchanges, chunkBytes ? { chunkBytes } : {});
        const client = new OpenAI({ apiKey: "none", baseURL: `${server.url}/v1`, maxRetries: 0, logLevel: "off" });
        for (const { request } of exchanges) texts.push(await readChat(client, request?.body));
        expect(server.requests.map(({ body }) => body)).toEqual(exchanges.map(({ request }) => request?.body));
        server.expectAllServed();
      }
      expect(texts.slice(exchanges.length)).toEqual(texts.slice(0, exchanges.length));
    });
  },
  isChat,
);

/** The chunks or the answer as JSON. Recorded bodies are what the SDK takes, by their origin. */
async function readChat(client: OpenAI, body: unknown): Promise<string> {
  const result = await client.chat.completions.create(body as OpenAI.ChatCompletionCreateParams);
  if (!("controller" in result)) return JSON.stringify(result);
  const chunks: unknown[] = [];
  for await (const chunk of result) chunks.push(chunk);
  return JSON.stringify(chunks);
}

describeRecordings(
  "bedrock",
  ({ exchanges }) => {
    test("the SDK's default HTTP/2 handler reads every answer", async () => {
      await using server = await startReplay(exchanges, { chunkBytes: 100 });
      const client = new BedrockRuntimeClient({
        region: "us-east-1",
        endpoint: server.url,
        maxAttempts: 1,
        credentials: { accessKeyId: "none", secretAccessKey: "none" },
      });
      for (const { request, response } of exchanges) {
        expect(await converse(client, request?.url ?? "")).toBe(response.status === 200 ? "messageStop" : "error");
      }
      server.expectAllServed();
      client.destroy();
    });
  },
  ({ scenario }) => scenario.includes("stream") || scenario.some((tag) => tag.startsWith("error")),
);

async function converse(client: BedrockRuntimeClient, url: string): Promise<"messageStop" | "error" | "nothing"> {
  const input = { modelId: "m", messages: [{ role: "user" as const, content: [{ text: "hi" }] }] };
  try {
    if (!url.endsWith("stream")) {
      const { stopReason } = await client.send(new ConverseCommand(input));
      return stopReason ? "messageStop" : "nothing";
    }
    const { stream } = await client.send(new ConverseStreamCommand(input));
    for await (const event of stream ?? []) if (event.messageStop) return "messageStop";
    return "nothing";
  } catch {
    return "error";
  }
}
