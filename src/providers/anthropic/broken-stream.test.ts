import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  clientAt,
  endEvents,
  eventStream,
  messageStart,
  serve,
  textEvents,
  toolEvents,
  toolUse,
} from "../../../test/support/anthropic-server.ts";
import {
  cleanCut,
  closedPort,
  cutJson200,
  emptyBody200,
  emptyObject200,
  errorEvent,
  errorEvents,
  html200,
  null200,
  reset,
  slow,
  status,
  streamStall,
  whole,
} from "../../../test/support/fault-server.ts";
import { collect, type Json, thrownBy } from "../../../test/support/replay.ts";
import { stepsOf } from "../../../test/support/steps.ts";
import { classify } from "../../errors/classify.ts";
import { ResponseError, TimeoutError } from "../../errors/errors.ts";
import { StreamError } from "../../read/stream-error.ts";
import { tool } from "../../tools/tool.ts";
import { anthropic } from "./index.ts";

const asked = "claude-haiku-4-5";
const hello = eventStream(messageStart, ...textEvents(0, "Hel", "lo"), ...endEvents("end_turn"));
const city = tool({ name: "get_weather", parameters: z.object({ city: z.string() }), call: ({ city }) => city });

const streaming = (client: Anthropic) => anthropic.call(asked, { client, stream: true }, () => "Hi");

// checklist: 95, 98, 108
describe("broken streams", () => {
  const broken = async (
    stream: anthropic.Stream,
  ): Promise<StreamError & { readonly partial: anthropic.CallResponse | undefined }> => {
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(StreamError);
    return error as StreamError & { readonly partial: anthropic.CallResponse | undefined };
  };

  test("an orderly end before the last event is an error, wherever it comes", async () => {
    for (const count of hello.keys()) {
      await using api = await serve(cleanCut(hello, count));
      const stream = streaming(api.client)();
      expect(await broken(stream)).toMatchObject({ code: "stream_ended_early" });
      expect(stream.content).toBe(["", "", "", "Hel", "Hello", "Hello", "Hello"][count]);
      expect(stream.cost).toBeUndefined();
    }
  });

  test("a call that was cut is never executed, and its text stays readable", async () => {
    const sent = eventStream(messageStart, ...toolEvents(0, "a", "get_weather", '{"city":"Ro', 'me"}'));
    for (const count of [2, 3]) {
      await using api = await serve(cleanCut(sent, count));
      const stream = anthropic.call(asked, { client: api.client, stream: true, tools: [city] }, () => "Hi")();
      const uses: unknown[] = [];
      const error = await thrownBy(async () => {
        for await (const [, use] of stream) if (use !== undefined) uses.push(use);
      });
      expect(uses).toEqual([]);
      expect(
        (error as StreamError & { readonly partial: anthropic.CallResponse | undefined }).partial?.toolCalls?.[0]
          ?.input,
      ).toBe(count === 2 ? "" : '{"city":"Ro');
    }
  });

  test("a reset, with what was received", async () => {
    await using api = await serve(reset(hello, 3));
    const error = await broken(streaming(api.client)());
    expect(error).toMatchObject({ code: "stream_broken", partial: { content: "Hel" } });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
  });

  test("an error event is the SDK's own error", async () => {
    await using api = await serve(errorEvent(hello, 3, errorEvents.anthropic));
    const stream = streaming(api.client)();
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ type: "overloaded_error" });
    expect(classify(error).kind).toBe("overloaded");
    expect(stream.content).toBe("Hel");
  });

  test("an error under another event's name, and events of nothing, are errors too", async () => {
    const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const misnamed = `event: message\n${`data: ${JSON.stringify(overloaded)}`}\n\n`;
    await using first = await serve(errorEvent(hello, 3, misnamed));
    const stream = streaming(first.client)();
    const broken = (await thrownBy(() => collect(stream))) as StreamError & {
      readonly partial: anthropic.CallResponse | undefined;
    };
    expect(broken).toMatchObject({ code: "stream_broken", partial: { content: "Hel" } });
    const error = broken.cause;
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({
      response: overloaded,
      message: expect.stringContaining("overloaded_error: Overloaded"),
    });
    expect(stream.content).toBe("Hel");
    await using second = await serve(whole(hello.slice(1)));
    expect(await thrownBy(() => collect(streaming(second.client)()))).toBeInstanceOf(ResponseError);
  });

  test("an event that is no JSON", async () => {
    await using api = await serve(errorEvent(hello, 3, 'event: content_block_delta\ndata: {"type":"cont\n\n'));
    const logger = { error: vi.fn(), warn: vi.fn(), info: vi.fn(), debug: vi.fn() };
    const error = await broken(streaming(api.client.withOptions({ logger }))());
    expect(error).toMatchObject({ code: "stream_broken", partial: { content: "Hel" } });
    expect(error.cause).toBeInstanceOf(SyntaxError);
    // The SDK's own reader shows such an event, and with it what a model said, in the log.
    expect(logger.error).not.toHaveBeenCalled();
  });

  test("a success that is no stream is no whole answer", async () => {
    for (const handler of [emptyObject200, html200, cutJson200, emptyBody200, null200]) {
      await using api = await serve(handler);
      expect(await broken(streaming(api.client)())).toMatchObject({ code: "stream_ended_early", partial: undefined });
    }
  });

  test("a refused request is the SDK's own error, and an abort before it sends nothing", async () => {
    await using api = await serve(status(429));
    expect(await thrownBy(() => collect(streaming(api.client)()))).toBeInstanceOf(Anthropic.RateLimitError);
    const aborted = streaming(api.client).with({ signal: AbortSignal.abort(new Error("enough")) });
    expect(await thrownBy(() => collect(aborted()))).toEqual(new Error("enough"));
    expect(api.server.requests).toHaveLength(1);
  });

  test("events of an unknown kind pass by", async () => {
    const future = eventStream({ type: "future_event", data: 1 });
    await using api = await serve(whole([...hello.slice(0, 3), ...future, ...hello.slice(3)]));
    const stream = streaming(api.client)();
    expect(await collect(stream)).toHaveLength(hello.length + 1);
    expect(stream.content).toBe("Hello");
  });

  test("silence, a time limit and an abort end it, and close the connection", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const cases = [
      [{ idleTimeout: 60 }, (error: unknown) => expect(error).toMatchObject({ code: "stream_stalled" })],
      [{ timeout: 60 }, (error: unknown) => expect(error).toBeInstanceOf(TimeoutError)],
      [{ signal: controller.signal }, (error: unknown) => expect(error).toBe(reason)],
    ] as const;
    for (const [limits, check] of cases) {
      await using api = await serve(streamStall(hello, 3));
      const stream = streaming(api.client).with(limits)();
      if ("signal" in limits) setTimeout(() => controller.abort(reason), 60);
      check(await thrownBy(() => collect(stream)));
      expect(stream.content).toBe("Hel");
      expect(stream.spent).toMatchObject({ inputTokens: 10, estimated: true });
      await api.server.clientClosed;
    }
  });

  test("leaving the loop closes the connection", async () => {
    await using api = await serve(slow(hello, 20));
    const stream = streaming(api.client)();
    for await (const [{ content }] of stream) if (content !== "") break;
    await api.server.clientClosed;
    expect(stream.content).toBe("Hel");
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
  });

  test("a server that is not there", async () => {
    const error = await thrownBy(async () => collect(streaming(clientAt(await closedPort()))()));
    expect(error).toBeInstanceOf(Anthropic.APIConnectionError);
  });

  test("a hundred thousand deltas, ten megabytes, take steps in proportion, and the text is whole", async () => {
    const { readChunk } = anthropic.provider;
    const draft = { response: undefined, calls: [], done: false };
    const fold = (event: Json) => readChunk(event as object as Anthropic.RawMessageStreamEvent, draft);
    fold(messageStart);
    fold({ type: "content_block_start", index: 0, content_block: toolUse("a", "x", {}) });
    const piece = "x".repeat(100);
    const event = { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: piece } };
    const steps = (count: number) =>
      stepsOf(() => {
        for (let at = 0; at < count; at++) fold(event);
      });
    const few = steps(1_000);
    expect(steps(99_000)).toBeLessThan(few * 100);
    expect(anthropic.provider.read(draft.response as never).toolCalls[0]?.input).toHaveLength(10_000_000);
  });
});
