import { HTTPClient, Mistral } from "@mistralai/mistralai";
import * as errors from "@mistralai/mistralai/models/errors";
import { describe, expect, test, vi } from "vitest";
import * as fault from "../../../test/support/fault-server.ts";
import { chunk, completion, events } from "../../../test/support/mistral-wire.ts";
import { thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ResponseError, TimeoutError } from "../../errors/errors.ts";
import { StreamError } from "../../read/stream-error.ts";
import { mistral } from "./index.ts";

const stream = events(chunk({ content: "Hel" }), chunk({ content: "lo" }), chunk({}, "stop"));

type Overrides = Parameters<ReturnType<typeof ask>["with"]>[0];

function ask(url: string, options: object = {}) {
  return mistral.call("m", { client: new Mistral({ apiKey: "test", serverURL: url, ...options }) }, () => "x");
}

/** What a call throws where the server does this. */
async function failure(handler: fault.Handler, overrides: Overrides = {}, options: object = {}): Promise<unknown> {
  await using server = await fault.startServer(handler);
  return await thrownBy(() => ask(server.url, options).with(overrides)());
}

/** What a stream throws where the server does this, and what it gave before. */
async function streamFailure(
  handler: fault.Handler,
  overrides: Overrides = {},
  step: () => void = () => {},
): Promise<{ error: unknown; text: string; stream: mistral.Stream }> {
  await using server = await fault.startServer(handler);
  const client = new Mistral({ apiKey: "test", serverURL: server.url });
  const running = mistral.call("m", { client, stream: true }, () => "x").with(overrides)();
  let text = "";
  const error = await thrownBy(async () => {
    for await (const [{ content }] of running) {
      text += content;
      step();
    }
  });
  return { error, text, stream: running };
}

describe("errors of the provider reach the caller as they are", () => {
  test.each([
    [401, "authentication"],
    [404, "not_found"],
    [429, "rate_limit"],
    [500, "server"],
    [503, "overloaded"],
  ])("status %i, called and streamed", async (code, kind) => {
    const handler = fault.status(code, { message: "no", type: "some_error" }, { "retry-after": "2" });
    for (const error of [await failure(handler), (await streamFailure(handler)).error]) {
      expect(error).toBeInstanceOf(errors.SDKError);
      expect(error).toMatchObject({ statusCode: code, body: '{"message":"no","type":"some_error"}' });
      expect(classify(error)).toMatchObject({ kind, status: code, retryAfterMs: 2000 });
    }
  });

  test.each<[string, fault.Handler, new (...args: never[]) => Error]>([
    ["a validation error", fault.status(422, { detail: [] }), errors.HTTPValidationError],
    ["HTML from a gateway", fault.html502, errors.SDKError],
    ["text from a proxy", fault.text503, errors.SDKError],
    ["HTML with success", fault.html200, errors.SDKError],
    ["{} with success", fault.emptyObject200, errors.ResponseValidationError],
    ["null with success", fault.null200, errors.ResponseValidationError],
    ["[] with success", fault.emptyArray200, errors.ResponseValidationError],
    ["no choices", fault.status(200, completion({}, { choices: [] })), ResponseError],
    ["half a body of JSON", fault.cutJson200, ResponseError],
    ["an empty body", fault.emptyBody200, ResponseError],
  ])("%s", async (_, handler, type) => {
    expect(await failure(handler)).toBeInstanceOf(type);
  });

  test("the SDK's own check of what is sent", async () => {
    const call = ask("http://127.0.0.1:9").with({ callParams: { temperature: "hot" as never } });
    expect(await thrownBy(() => call())).toMatchObject({ name: "SDKValidationError" });
  });

  test("a port nobody listens on", async () => {
    const error = await thrownBy(async () => ask(await fault.closedPort())());
    expect(error).toBeInstanceOf(errors.ConnectionError);
    expect(classify(error).kind).toBe("connection");
  });
});

describe("abort and time", () => {
  test("before the request: the signal's own reason, and nothing is sent", async () => {
    await using server = await fault.startServer(fault.hang);
    const reason = new Error("enough");
    const call = ask(server.url).with({ signal: AbortSignal.abort(reason) });
    expect(await thrownBy(() => call())).toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  test.each<[string, unknown, new (...args: never[]) => Error]>([
    ["no reason", undefined, errors.RequestAbortedError],
    ["a reason of one's own, which the SDK does not know", new Error("enough"), errors.UnexpectedClientError],
  ])("while waiting, with %s: the SDK's error with the reason as its cause", async (_, reason, type) => {
    const controller = new AbortController();
    await using server = await fault.startServer(fault.hang);
    // With the signal given to `fetch` itself no garbage collection decides about the outcome.
    const { signal } = controller;
    const httpClient = new HTTPClient({ fetcher: (request) => fetch(request, { signal }) });
    const waiting = thrownBy(() => ask(server.url, { httpClient }).with({ signal })());
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 10_000 });
    controller.abort(reason);
    const error = await waiting;
    expect(error).toBeInstanceOf(type);
    expect((error as Error).cause).toBe(controller.signal.reason);
    await server.clientClosed;
  });

  test.each<[string, fault.Handler]>([
    ["no answer", fault.hang],
    ["half a body", fault.headerThenStall()],
  ])("a time limit holds for %s", async (_, handler) => {
    const error = await failure(handler, { timeout: 60 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeout: 60 });
  });

  test("the client's own time limit holds beside a signal, which in the SDK turns it off", async () => {
    const { signal } = new AbortController();
    for (const overrides of [{ signal }, {}]) {
      const error = await failure(fault.hang, overrides, { timeoutMs: 60 });
      expect(classify(error)).toMatchObject({ kind: "timeout", retryable: true });
    }
    expect(await failure(fault.hang, { timeout: 30 }, { timeoutMs: 5_000 })).toBeInstanceOf(TimeoutError);
  });
});

describe("streams that fail", () => {
  test.each<[string, fault.Handler, object]>([
    ["a clean end in the middle", fault.cleanCut(stream, 2), { code: "stream_ended_early" }],
    ["a broken connection", fault.reset(stream, 2), { code: "stream_broken" }],
    ["a body shorter than announced", fault.shortLength(stream, 2), { code: "stream_broken" }],
  ])("%s", async (_, handler, expected) => {
    const { error, text } = await streamFailure(handler);
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ ...expected, partial: { content: "Hello" } });
    expect(text).toBe("Hello");
  });

  test.each<[string, fault.Handler]>([
    ["an event that is no JSON", fault.badJsonEvent(stream, 1)],
    ["an error event", fault.errorEvent(stream, 1, fault.errorEvents.openai)],
    ["an error event before anything else", fault.errorEvent(stream, 0, fault.errorEvents.openai)],
  ])("%s: a typed error in the place of the SDK's bare one, which is its cause", async (_, handler) => {
    const { error, text, stream: broken } = await streamFailure(handler);
    if (text === "") expect(error).toBeInstanceOf(ResponseError);
    else expect(error).toMatchObject({ code: "stream_broken", partial: { content: text } });
    expect((error as Error).message).toMatch(/mistral sent an event that its SDK cannot read \(data/);
    expect(classify(error).kind).toBe("malformed");
    let cause = error as Error;
    while (cause.cause instanceof Error) cause = cause.cause;
    expect(cause.name).toBe("ZodError");
    expect(broken.content).toBe(text);
    expect(() => broken.constructCallResponse()).toThrow(StreamError);
  });

  test("silence", async () => {
    const stalled = await streamFailure(fault.streamStall(stream, 2), { idleTimeout: 1_000 });
    expect(stalled.error).toMatchObject({ code: "stream_stalled", partial: { content: "Hello" } });
    const late = await streamFailure(fault.streamStall(stream, 1), { timeout: 60 });
    expect(late.error).toBeInstanceOf(TimeoutError);
  });

  test("an abort while it is read never looks like an end", async () => {
    for (const reason of [undefined, new Error("enough")]) {
      const controller = new AbortController();
      const step = () => controller.abort(reason);
      const { error, stream: stopped } = await streamFailure(
        fault.streamStall(stream, 1),
        { signal: controller.signal },
        step,
      );
      expect(error).toBe(controller.signal.reason);
      expect([stopped.content, stopped.cost, stopped.spent?.estimated]).toEqual(["Hel", undefined, true]);
    }
  });

  test.each<[string, fault.Handler]>([
    ["as it is", fault.streamStall(stream, 1)],
    // The SDK's hook clones the answer of such a model: then both copies would have to be cancelled.
    [
      "of a deprecated model",
      async (answer) => {
        answer.head(200, { "content-type": "text/event-stream", "x-model-deprecation-timestamp": "2027-01-01" });
        await answer.write(stream[0] as string);
      },
    ],
  ])("leaving the loop closes the connection %s", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const client = new Mistral({ apiKey: "test", serverURL: server.url });
    for await (const [{ content }] of mistral.call("m", { client, stream: true }, () => "x")()) {
      expect(content).toBe("Hel");
      break;
    }
    await server.clientClosed;
  });
});
