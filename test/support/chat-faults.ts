import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { ConfigError, ResponseError, TimeoutError } from "../../src/errors/errors.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import type { ChatLane } from "./chat-lane.ts";
import { completion, startChat, textChunks } from "./chat-server.ts";
import * as fault from "./fault-server.ts";
import { collect, thrownBy } from "./replay.ts";

// How every provider of the chat-completions wire fails alike, over its real SDK.

const say = () => "Hi";
const events = fault.sse(...textChunks("Hello", " there", "!"), "[DONE]");

/** The tests of failures. */
export function describeChatFaults(lane: ChatLane): void {
  describe(`${lane.title}: failures`, () => {
    statuses(lane);
    bodies(lane);
    connections(lane);
    brokenStreams(lane);
    limits(lane);
    clients(lane);
  });
}

function statuses(lane: ChatLane): void {
  test.each([
    [400, "invalid_request"],
    [401, "authentication"],
    [403, "permission"],
    [404, "not_found"],
    [422, "invalid_request"],
    [429, "rate_limit"],
    [500, "server"],
    [503, "overloaded"],
  ])("%i is the provider's error class, from one request, in a call and in a stream", async (status, kind) => {
    const body = { error: { message: "no", type: "some_error", code: null } };
    await using server = await fault.startServer(fault.status(status, body, { "retry-after": "2" }));
    const client = lane.client(server.url);
    for (const run of [lane.ask({ client }, say), () => collect(lane.stream({ client }, say))]) {
      const error = await thrownBy(run);
      expect(error).toBeInstanceOf(lane.errorClass(status));
      expect(classify(error)).toMatchObject({ status, kind, retryAfterMs: 2000 });
    }
    expect(server.requests).toHaveLength(2);
  });

  test("an error page keeps its status and stays out of the message", async () => {
    await using server = await fault.startServer(fault.html502);
    const error = await thrownBy(lane.ask({ client: lane.client(server.url) }, say));
    expect(error).toBeInstanceOf(lane.errorClass(502));
    expect(classify(error)).toMatchObject({ status: 502, kind: "server" });
  });
}

function bodies(lane: ChatLane): void {
  test.each([
    ["{}", fault.emptyObject200],
    ["[]", fault.emptyArray200],
    ["null", fault.null200],
    ["nothing", fault.emptyBody200],
    ["a page", fault.html200],
    ["no choices", fault.status(200, { id: "x", choices: [] })],
    ["an error", fault.status(200, { error: { code: "content_filter", message: "no" } })],
  ])("%s under a 200 is an error, in a call and in a stream", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const client = lane.client(server.url);
    const error = await thrownBy(lane.ask({ client }, say));
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({ provider: lane.provider, code: "malformed_response" });
    expect(await thrownBy(() => collect(lane.stream({ client }, say)))).toBeInstanceOf(Error);
  });

  test("JSON that is cut is malformed", async () => {
    await using server = await fault.startServer(fault.cutJson200);
    const error = await thrownBy(lane.ask({ client: lane.client(server.url) }, say));
    expect(classify(error).kind).toBe("malformed");
  });

  test("a filtered choice without a message is an answer", async () => {
    const body = { id: "x", model: "m", choices: [{ index: 0, finish_reason: "content_filter" }] };
    await using server = await fault.startServer(fault.status(200, body));
    const response = await lane.ask({ client: lane.client(server.url) }, say)();
    expect(response).toMatchObject({ content: "", finishReasons: ["content_filter"], stopReason: "content_filter" });
    expect(response.messageParam).toEqual({ role: "assistant", content: "" });
  });
}

function connections(lane: ChatLane): void {
  test("a refused port and a destroyed socket", async () => {
    const refused = await thrownBy(lane.ask({ client: lane.client(await fault.closedPort()) }, say));
    expect(classify(refused)).toMatchObject({ kind: "connection", retryable: true });
    await using server = await fault.startServer(fault.disconnect);
    const client = lane.client(server.url);
    expect(classify(await thrownBy(lane.ask({ client }, say))).kind).toBe("connection");
    expect(classify(await thrownBy(() => collect(lane.stream({ client }, say)))).kind).toBe("connection");
  });
}

function brokenStreams(lane: ChatLane): void {
  test("a clean early end throws and keeps what came", async () => {
    await using server = await fault.startServer(fault.cleanCut(events, 2));
    const stream = lane.stream({ client: lane.client(server.url) }, say);
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_ended_early", partial: { content: "Hello there" } });
    expect(stream.content).toBe("Hello there");
  });

  test.each([
    ["a reset", fault.reset(events, 2)],
    ["a short length", fault.shortLength(events, 2)],
    ["an event that is no JSON", fault.badJsonEvent(events, 2)],
  ])("%s throws and keeps what came", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const stream = lane.stream({ client: lane.client(server.url) }, say);
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_broken", partial: { content: "Hello there" } });
    expect((error as StreamError).cause).toBeInstanceOf(Error);
  });

  test("an error event is the provider's error", async () => {
    await using server = await fault.startServer(fault.errorEvent(events, 1, fault.errorEvents.openai));
    const stream = lane.stream({ client: lane.client(server.url) }, say);
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(lane.errorClass(0));
    expect(classify(error)).toMatchObject({ kind: "server" });
    expect(stream.content).toBe("Hello");
  });

  test.each([
    ["bytes one by one", fault.splitBytes(fault.sse(...textChunks("Grüße 👋"), "[DONE]"))],
    ["CR LF", fault.crlf(fault.sse(...textChunks("Grüße 👋"), "[DONE]"))],
    ["comments", fault.comments(fault.sse(...textChunks("Grüße 👋"), "[DONE]"))],
    ["a byte order mark", fault.bom(fault.sse(...textChunks("Grüße 👋"), "[DONE]"))],
    ["no [DONE]", fault.noDone(fault.sse(...textChunks("Grüße 👋"), "[DONE]"))],
    ["gzip", fault.gzip(fault.sse(...textChunks("Grüße 👋"), "[DONE]"))],
  ])("%s change nothing", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const stream = lane.stream({ client: lane.client(server.url) }, say);
    await collect(stream);
    expect(stream).toMatchObject({ content: "Grüße 👋", inputTokens: 10 });
  });

  test("leaving the loop closes the connection", async () => {
    await using server = await fault.startServer(fault.streamStall(events, 2));
    for await (const _ of lane.stream({ client: lane.client(server.url) }, say)) break;
    await server.clientClosed;
  });
}

function limits(lane: ChatLane): void {
  test("an abort before sends nothing, one while waiting ends at once and closes the connection", async () => {
    await using server = await fault.startServer(fault.hang);
    const client = lane.client(server.url);
    const reason = new Error("enough");
    const before = lane.ask({ client }, say).with({ signal: AbortSignal.abort(reason) });
    expect(await thrownBy(before)).toBe(reason);
    expect(server.requests).toHaveLength(0);
    const controller = new AbortController();
    const asked = lane.ask({ client }, say).with({ signal: controller.signal })();
    void delay(40).then(() => controller.abort(reason));
    const error = await thrownBy(() => asked);
    expect(error === reason || classify(error).kind === "aborted").toBe(true);
    await server.clientClosed;
  });

  test("an abort while streaming throws, never looks whole, and closes the connection", async () => {
    await using server = await fault.startServer(fault.streamStall(events, 2));
    const controller = new AbortController();
    const reason = new Error("enough");
    const bound = lane.ask({ client: lane.client(server.url), stream: true }, say).with({ signal: controller.signal });
    const stream = (bound as unknown as () => ReturnType<ChatLane["stream"]>)();
    const error = await thrownBy(async () => {
      for await (const _ of stream) if (stream.content === "Hello there") controller.abort(reason);
    });
    expect(error === reason || classify(error).kind === "aborted").toBe(true);
    expect(stream.content).toBe("Hello there");
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
    await server.clientClosed;
  });

  test("a time limit covers the headers and the body", async () => {
    for (const handler of [fault.hang, fault.headerThenStall()]) {
      await using server = await fault.startServer(handler);
      const asked = lane.ask({ client: lane.client(server.url) }, say).with({ timeout: 80 });
      const error = await thrownBy(asked);
      expect(classify(error).kind).toBe("timeout");
      await server.clientClosed;
    }
  });

  test("a stream's time limit and its silence", async () => {
    await using server = await fault.startServer(fault.streamStall(events, 2));
    const bound = lane.ask({ client: lane.client(server.url), stream: true }, say);
    const run = (limit: object) => collect((bound.with(limit) as unknown as () => AsyncIterable<unknown>)());
    expect(await thrownBy(() => run({ timeout: 120 }))).toBeInstanceOf(TimeoutError);
    const error = await thrownBy(() => run({ idleTimeout: 120 }));
    expect(error).toMatchObject({ code: "stream_stalled", partial: { content: "Hello there" } });
  });
}

function clients(lane: ChatLane): void {
  test("one that is not the provider's is refused", async () => {
    for (const client of [{}, { messages: { create() {} } }, null, "client"]) {
      const error = await thrownBy(lane.ask({ client }, say));
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toMatch(new RegExp(`\\b${lane.provider}\\b\\W* takes `));
    }
  });

  test("two calls at once go by the client of each", async () => {
    await using one = await startChat(completion({ content: "one" }));
    await using two = await startChat(completion({ content: "two" }));
    const asked = (url: string) => lane.ask({ client: lane.client(url) }, say)();
    const [first, second] = await Promise.all([asked(one.url), asked(two.url)]);
    expect([first.content, second.content]).toEqual(["one", "two"]);
  });
}
