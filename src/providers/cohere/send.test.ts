import { Cohere, CohereError } from "cohere-ai";
import { describe, expect, test, vi } from "vitest";
import {
  blockEvents,
  clientAt,
  eventStream,
  hello,
  messageEnd,
  messageStart,
  serve,
} from "../../../test/support/cohere-server.ts";
import * as fault from "../../../test/support/fault-server.ts";
import { collect, type Json, thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ResponseError, TimeoutError } from "../../errors/errors.ts";
import { StreamError } from "../../read/stream-error.ts";
import { cohere } from "./index.ts";

const model = "command-a-03-2025";

type Limits = { signal?: AbortSignal; timeout?: number; idleTimeout?: number };

/** A server that behaves like this, a call of it and a stream from it. */
async function against(handler: fault.Handler) {
  const api = await serve(handler);
  const { client } = api;
  return {
    ...api,
    call: (limits: Limits = {}) => cohere.call(model, { client }, () => "Hi").with(limits)(),
    stream: (limits: Limits = {}) => cohere.call(model, { client, stream: true }, () => "Hi").with(limits)(),
  };
}

/** How a stream failed, and what it had given before. */
async function broken(stream: cohere.Stream) {
  const error = await thrownBy(() => collect(stream));
  expect(() => stream.constructCallResponse()).toThrow(StreamError);
  return { error, content: stream.content };
}

describe("refusals", () => {
  test.each([
    [400, Cohere.BadRequestError, "invalid_request"],
    [401, Cohere.UnauthorizedError, "authentication"],
    [403, Cohere.ForbiddenError, "permission"],
    [404, Cohere.NotFoundError, "not_found"],
    [422, Cohere.UnprocessableEntityError, "invalid_request"],
    [429, Cohere.TooManyRequestsError, "rate_limit"],
    [498, Cohere.InvalidTokenError, undefined],
    [500, Cohere.InternalServerError, "server"],
    [503, Cohere.ServiceUnavailableError, "overloaded"],
    [418, CohereError, "invalid_request"],
  ])("%i is the SDK's own error, once, from a call and a stream", async (code, expected, kind) => {
    await using api = await against(fault.status(code, { message: "no" }, { "retry-after": "2" }));
    for (const error of [await thrownBy(() => api.call()), (await broken(api.stream())).error]) {
      expect(error).toBeInstanceOf(expected);
      expect(error).toMatchObject({ statusCode: code, body: { message: "no" } });
      expect(classify(error)).toMatchObject({ status: code, retryAfterMs: 2000, ...(kind && { kind }) });
    }
    expect(api.server.requests).toHaveLength(2);
  });

  test.each([
    ["502 with HTML", fault.html502, 502],
    ["503 with text", fault.text503, 503],
  ])("%s keeps its status", async (_, handler, code) => {
    await using api = await against(handler);
    for (const error of [await thrownBy(() => api.call()), (await broken(api.stream())).error]) {
      expect(error).toBeInstanceOf(CohereError);
      expect(classify(error)).toMatchObject({ status: code, retryable: true });
    }
  });

  test("what the SDK cannot send is its own error, and nothing is sent", async () => {
    await using api = await against(fault.hang);
    const messages = [{ role: "user", content: [{ type: "image_url" }] }] as never;
    const error = await thrownBy(() => cohere.call(model, { client: api.client }, () => ({ messages }))());
    expect((error as Error).message).toContain('Missing required key "imageUrl"');
    expect(api.server.requests).toHaveLength(0);
  });
});

describe("a success that is none", () => {
  test.each([
    ["no body", fault.emptyBody200, "Received undefined"],
    ["null", fault.null200, "Received null"],
    ["{}", fault.emptyObject200, "without a message"],
    ["[]", fault.emptyArray200, "Received list"],
    ["HTML", fault.html200, "text/html; charset=utf-8 that is not JSON"],
    ["cut JSON", fault.cutJson200, "application/json that is not JSON"],
  ])("%s", async (_, handler, said) => {
    await using api = await against(handler);
    const error = await thrownBy(() => api.call());
    expect(error).toBeInstanceOf(ResponseError);
    expect((error as Error).message).toContain(said);
    expect((error as Error).message.length).toBeLessThan(200);
    expect(classify(error).kind).toBe("malformed");
    const { error: streamed } = await broken(api.stream());
    expect(streamed).toBeInstanceOf(ResponseError);
    expect((streamed as Error).message).toContain("that is not an event stream");
  });

  test("the body that came is in the error", async () => {
    await using api = await against(fault.cutJson200);
    expect(await thrownBy(() => api.call())).toMatchObject({
      response: { error: { rawBody: expect.stringContaining('"id":"cut"') } },
    });
  });
});

describe("connections", () => {
  test("a refused one is the SDK's error with its cause", async () => {
    const client = clientAt(await fault.closedPort());
    const work = [
      () => cohere.call(model, { client }, () => "Hi")(),
      () => collect(cohere.call(model, { client, stream: true }, () => "Hi")()),
    ];
    for (const error of await Promise.all(work.map(thrownBy))) {
      expect(error).toBeInstanceOf(CohereError);
      expect(error).toMatchObject({ cause: { cause: { code: "ECONNREFUSED" } } });
      expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
    }
  });

  test("one broken before the answer", async () => {
    await using api = await against(fault.disconnect);
    for (const error of [await thrownBy(() => api.call()), (await broken(api.stream())).error]) {
      expect(error).toBeInstanceOf(CohereError);
      expect(classify(error).kind).toBe("connection");
    }
  });

  test.each([
    ["ended in order", fault.cleanCut(hello, 3), "stream_ended_early"],
    ["reset", fault.reset(hello, 3), "stream_broken"],
    ["closed too soon", fault.shortLength(hello, 3), "stream_broken"],
  ])("a stream %s before its end", async (_, handler, code) => {
    await using api = await against(handler);
    const { error, content } = await broken(api.stream());
    expect(error).toMatchObject({ code, partial: { content: "Hel" } });
    expect(content).toBe("Hel");
    expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
  });

  test("leaving the loop closes it", async () => {
    await using api = await against(fault.streamStall(hello, 3));
    const stream = api.stream();
    for await (const [chunk] of stream) if (chunk.content !== "") break;
    expect(await api.server.clientClosed).toBeGreaterThan(0);
    expect(stream.content).toBe("Hel");
  });

  test("an abort: the SDK's error with the reason, no further request", async () => {
    await using api = await against(fault.hang);
    const controller = new AbortController();
    const reason = new Error("enough");
    const arrived = vi.waitFor(() => expect(api.server.requests).toHaveLength(1));
    const failed = thrownBy(() => api.call({ signal: controller.signal }));
    await arrived;
    controller.abort(reason);
    expect(await failed).toBeInstanceOf(CohereError);
    expect(await failed).toMatchObject({ cause: reason });
    expect(classify(await failed).kind).toBe("aborted");
    expect(await api.server.clientClosed).toBeGreaterThan(0);
    expect(await thrownBy(() => api.call({ signal: controller.signal }))).toBe(reason);
    expect(await thrownBy(() => collect(api.stream({ signal: controller.signal })))).toBe(reason);
    expect(api.server.requests).toHaveLength(1);
  });

  test("an abort of a stream is never its end", async () => {
    await using api = await against(fault.streamStall(hello, 4));
    const controller = new AbortController();
    const stream = api.stream({ signal: controller.signal });
    const received = vi.waitFor(() => expect(stream.content).toBe("Hello"));
    const failed = broken(stream);
    await received;
    controller.abort(new Error("enough"));
    expect(await failed).toMatchObject({ content: "Hello", error: expect.any(Error) });
    expect(stream.spent).toMatchObject({ estimated: true });
    expect(await api.server.clientClosed).toBeGreaterThan(0);
  });

  test("time limits cover the body, and the silence between events", async () => {
    await using api = await against(fault.inTurn(fault.hang, fault.headerThenStall(), fault.streamStall(hello, 4)));
    for (let round = 0; round < 2; round++) {
      expect(await thrownBy(() => api.call({ timeout: 300 }))).toBeInstanceOf(TimeoutError);
    }
    expect(await api.server.clientClosed).toBeGreaterThan(0);
    expect((await broken(api.stream({ timeout: 300 }))).error).toBeInstanceOf(TimeoutError);
    const idle = await broken(api.stream({ idleTimeout: 300 }));
    expect(idle.error).toMatchObject({ code: "stream_stalled", partial: { content: "Hello" } });
  });

  test("a longer limit than the SDK's own holds", async () => {
    await using api = await against(fault.slow(hello, 250));
    const client = clientAt(api.server.url);
    const chatStream = vi.spyOn(client, "chatStream");
    await collect(cohere.call(model, { client, stream: true }, () => "Hi").with({ timeout: 600_000 })());
    const [, options] = chatStream.mock.calls[0] ?? [];
    expect(options?.timeoutInSeconds).toBeGreaterThan(600);
  });
});

describe("wrong events", () => {
  const begun = eventStream(messageStart, ...blockEvents(0, "text", "Hel", "lo")).slice(0, 3);
  const streamOf = (...rest: readonly string[]) => fault.whole([...begun, ...rest]);

  test.each<[string, Json, string]>([
    ["with words", { error: "overloaded" }, "overloaded"],
    ["without", {}, "the generation failed"],
  ])("the generation failed, %s: the SDK's error, after its event", async (_, more, said) => {
    const billed = { billed_units: { input_tokens: 9, output_tokens: 1 } };
    const end = messageEnd("ERROR", { ...more, usage: billed });
    await using api = await against(streamOf(...eventStream(end)));
    const stream = api.stream();
    const types: string[] = [];
    const error = await thrownBy(async () => {
      for await (const [chunk] of stream) types.push(chunk.chunk.type);
    });
    expect(error).toBeInstanceOf(CohereError);
    expect((error as Error).message).toContain(`Cohere ended the stream with an error: ${said}`);
    expect(error).toMatchObject({ body: { type: "message-end", delta: { finishReason: "ERROR", ...more } } });
    expect(types.at(-1)).toBe("message-end");
    expect(stream).toMatchObject({ content: "Hel", inputTokens: 9, finishReasons: ["ERROR"], cost: undefined });
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
    expect(await api.server.requests).toHaveLength(1);
  });

  test("an error beside another reason is one as well", async () => {
    await using api = await against(streamOf(fault.errorEvents.cohere.replace('"ERROR"', '"COMPLETE"')));
    expect((await broken(api.stream())).error).toBeInstanceOf(CohereError);
  });

  test.each([
    ["no JSON", 'data: {"type":"content\n\n', "not valid JSON"],
    ["no type", 'data: {"message":"internal error"}\n\n', "Missing discriminant"],
    ["nothing", "data: null\n\n", "Received null"],
  ])("an event that is %s breaks the stream and keeps what came", async (_, event, said) => {
    await using api = await against(streamOf(event, ...eventStream(messageEnd())));
    const { error, content } = await broken(api.stream());
    expect(error).toMatchObject({ code: "stream_broken", partial: { content: "Hel" }, cause: expect.any(Error) });
    expect((error as Error).message).toContain(said);
    expect(content).toBe("Hel");
    expect(classify(error).kind).toBe("malformed");
  });
});
