import { setTimeout as delay } from "node:timers/promises";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as fault from "./fault-server.ts";

const chunk = (content: string) => ({ id: "1", choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const events = fault.sse(chunk("Grüße "), chunk("an "), chunk("alle 🎉"), "[DONE]");
const answer = {
  id: "1",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
};

function client(url: string, options?: { timeout?: number; maxRetries?: number }) {
  return new OpenAI({ apiKey: "none", baseURL: `${url}/v1`, maxRetries: 0, logLevel: "off", ...options });
}

const params = { model: "m", messages: [{ role: "user" as const, content: "hi" }] };

/** The text up to the end, and what ended it. */
async function read(handler: fault.Handler): Promise<{ text: string; error: unknown }> {
  await using server = await fault.startServer(handler);
  let text = "";
  try {
    const stream = await client(server.url).chat.completions.create({ ...params, stream: true });
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
  } catch (error) {
    return { text, error };
  }
  return { text, error: undefined };
}

async function fetchFrom(handler: fault.Handler) {
  await using server = await fault.startServer(handler);
  const response = await fetch(server.url);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("whole answers", () => {
  test.each([
    ["emptyBody200", fault.emptyBody200, 200, ""],
    ["null200", fault.null200, 200, "null"],
    ["emptyObject200", fault.emptyObject200, 200, "{}"],
    ["emptyArray200", fault.emptyArray200, 200, "[]"],
    ["text503", fault.text503, 503, "upstream connect error"],
    ["status", fault.status(418, { a: 1 }, { "x-request-id": "r" }), 418, '{"a":1}'],
  ])("%s", async (_, handler, status, text) => {
    expect(await fetchFrom(handler)).toMatchObject({ status, text });
  });

  test("HTML has its content type and its size", async () => {
    for (const [handler, status] of [
      [fault.html200, 200],
      [fault.html502, 502],
    ] as const) {
      const response = await fetchFrom(handler);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toContain("text/html");
      expect(response.text.length).toBeGreaterThan(10_000);
    }
  });

  test("cutJson200 is no JSON", async () => {
    const { text } = await fetchFrom(fault.cutJson200);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test("retryAfter sends each header as written", async () => {
    for (const value of Object.values(fault.retryAfterValues())) {
      const response = await fetchFrom(fault.retryAfter(value));
      expect(response.status).toBe(429);
      expect(response.headers.get("retry-after")).toBe(value);
    }
  });

  test("inTurn drives the SDK's own retry, and everything is counted", async () => {
    await using server = await fault.startServer(fault.inTurn(fault.retryAfter("0"), fault.status(200, answer)));
    const response = await client(server.url, { maxRetries: 2 }).chat.completions.create(params);
    expect(response.choices[0]?.message.content).toBe("hi");
    expect(server.requests.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: "POST", path: "/v1/chat/completions", body: params },
      { method: "POST", path: "/v1/chat/completions", body: params },
    ]);
    expect(server.connections).toBeGreaterThanOrEqual(1);
  });
});

describe("silence", () => {
  test("hang sends no headers", async () => {
    await using server = await fault.startServer(fault.hang);
    const call = client(server.url, { timeout: 300 }).chat.completions.create(params);
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    await server.clientClosed;
    expect(server.requests).toHaveLength(1);
  });

  test("headerThenStall sends the headers and half the body", async () => {
    await using server = await fault.startServer(fault.headerThenStall('{"id":"1234"}'));
    const controller = new AbortController();
    const response = await fetch(server.url, { signal: controller.signal });
    expect(response.headers.get("content-length")).toBe("13");
    const reader = response.body!.getReader();
    expect((await reader.read()).value).toHaveLength(6);
    expect(await Promise.race([reader.read(), delay(50, "silence")])).toBe("silence");
    controller.abort();
    await server.clientClosed;
  });

  test("streamStall sends its events, and clientClosed tells when the client left", async () => {
    await using server = await fault.startServer(fault.streamStall(events, 2));
    const controller = new AbortController();
    const stream = await client(server.url).chat.completions.create(
      { ...params, stream: true },
      { signal: controller.signal },
    );
    let text = "";
    let abortedAt = Number.POSITIVE_INFINITY;
    controller.signal.addEventListener("abort", () => {
      abortedAt = performance.now();
    });
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content;
      if (text === "Grüße an ") setTimeout(() => controller.abort(), 50);
    }
    expect(text).toBe("Grüße an ");
    const closedAt = await server.clientClosed;
    expect(closedAt).toBeGreaterThanOrEqual(abortedAt);
    expect(closedAt).toBeLessThanOrEqual(performance.now());
  });

  test("clientClosed stays pending when the server ended it all", async () => {
    const server = await fault.startServer(fault.inTurn(fault.whole(events), fault.hang));
    await (await fetch(server.url)).text();
    const pending = fetch(server.url).catch(() => "closed");
    while (server.requests.length < 2) await delay(5);
    await server.close();
    expect(await pending).toBe("closed");
    expect(await Promise.race([server.clientClosed, delay(50, "pending")])).toBe("pending");
  });
});

describe("broken streams", () => {
  test("cleanCut ends like a whole stream", async () => {
    expect(await read(fault.cleanCut(events, 2))).toEqual({ text: "Grüße an ", error: undefined });
  });

  test.each([
    ["reset", fault.reset(events, 2), "ECONNRESET"],
    ["shortLength", fault.shortLength(events, 2), "UND_ERR_SOCKET"],
  ])("%s delivers its events, then breaks", async (_, handler, code) => {
    const { text, error } = await read(handler);
    expect(text).toBe("Grüße an ");
    expect(error).toMatchObject({ message: "terminated", cause: { code } });
  });

  test("disconnect and closedPort are connection errors", async () => {
    expect((await read(fault.disconnect)).error).toBeInstanceOf(OpenAI.APIConnectionError);
    await expect(fetch(await fault.closedPort())).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });

  test("badJsonEvent and errorEvent come after their events", async () => {
    const bad = await fetchFrom(fault.badJsonEvent(events, 1));
    expect(bad.text.split("\n\n")[1]).toBe('data: {"choices":[{"del');
    const { text, error } = await read(fault.errorEvent(events, 2, fault.errorEvents.openai));
    expect(text).toBe("Grüße an ");
    expect(error).toBeInstanceOf(OpenAI.APIError);
  });

  test("every error event is one event of JSON data", () => {
    for (const event of Object.values(fault.errorEvents)) {
      expect(event).toMatch(/^(event: [a-z-]+\n)?data: .+\n\n$/);
      expect(JSON.parse(event.slice(event.indexOf("{")))).toBeTypeOf("object");
    }
  });
});

describe("odd streams that mean the same", () => {
  test.each([
    ["whole", fault.whole(events)],
    ["splitBytes", fault.splitBytes(events)],
    ["crlf", fault.crlf(events)],
    ["comments", fault.comments(events)],
    ["bom", fault.bom(events)],
    ["noDone", fault.noDone(events)],
    ["gzip", fault.gzip(events)],
    ["slow", fault.slow(events, 5)],
  ])("%s", async (_, handler) => {
    expect(await read(handler)).toEqual({ text: "Grüße an alle 🎉", error: undefined });
  });

  test("they are odd on the wire", async () => {
    expect((await fetchFrom(fault.crlf(events))).text).not.toMatch(/[^\r]\n/);
    expect((await fetchFrom(fault.comments(events))).text).toMatch(/^: keep-alive\n\ndata/);
    expect((await fetchFrom(fault.noDone(events))).text).not.toContain("[DONE]");
    expect((await fetchFrom(fault.gzip(events))).headers.get("content-encoding")).toBe("gzip");
    await using server = await fault.startServer(fault.bom(events));
    expect(new Uint8Array(await (await fetch(server.url)).arrayBuffer()).subarray(0, 3)).toEqual(
      new Uint8Array([0xef, 0xbb, 0xbf]),
    );
  });

  test("slow stops when the client leaves", async () => {
    await using server = await fault.startServer(fault.slow(Array(1000).fill(events[0]), 5));
    const stream = await client(server.url).chat.completions.create({ ...params, stream: true });
    for await (const _ of stream) break;
    expect(await server.clientClosed).toBeGreaterThan(0);
  });
});

test("streamEvents takes a recorded stream apart without losing a byte", () => {
  const text = 'event: a\r\ndata: {}\r\n\r\n: note\n\n\ndata: "x"\n\ndata: [DONE]';
  const found = fault.streamEvents({ status: 200, headers: {}, text });
  expect(found).toHaveLength(4);
  expect(found.join("")).toBe(text);
  expect(() => fault.streamEvents({ status: 200, headers: {}, body: {} })).toThrow(TypeError);
});

test("a handler that throws fails the close", async () => {
  const server = await fault.startServer(() => {
    throw new RangeError("broken handler");
  });
  await expect(fetch(server.url)).rejects.toThrow();
  await expect(server.close()).rejects.toThrow("broken handler");
});
