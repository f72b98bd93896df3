import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { isCallscopeError } from "../../src/errors/errors.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { eventsOf, type Lane, serve, streamOf } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

const said = { text: "Hello there, you!" };
/** What the first two pieces say. */
const start = "Hello th";

/** All events, and how many of them say `start`. */
function halfOf(lane: Lane): [events: fault.Events, count: number] {
  const { opening, pieces } = lane.script(said);
  // The pieces of some wires open with an event that says nothing yet.
  const silent = pieces.findIndex((event) => Buffer.from(event).includes("Hell"));
  return [eventsOf(lane, said), opening.length + silent + 2];
}

describe.each(networkLanes)("$name: broken streams", (lane) => {
  const [events, count] = halfOf(lane);

  /** How a stream failed that is served so. */
  async function broken(handler: fault.Handler): Promise<{ error: unknown; content: string }> {
    await using server = await serve(lane, handler);
    const stream = streamOf(lane, { client: server.client })();
    const error = await thrownBy(() => collect(stream));
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
    expect(() => stream.messageParam).toThrow(StreamError);
    expect(stream.cost).toBeUndefined();
    expect(stream.spent?.outputTokens).toBeGreaterThan(0);
    return { error, content: stream.content };
  }

  // checklist: 95, 97
  // faults: 29
  test("a clean end that comes too early throws, with what came", async () => {
    const { error, content } = await broken(fault.cleanCut(events, count));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_ended_early", partial: { content: start } });
    expect(content).toBe(start);
    expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
  });

  // faults: 30
  test.each([
    ["a reset", fault.reset],
    ["a length that was promised and not kept", fault.shortLength],
  ])("%s throws a typed error, with what came", async (_, handler) => {
    const { error, content } = await broken(handler(events, count));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: lane.brokenAs ?? "stream_broken", partial: { content: start } });
    if (lane.brokenAs === undefined) expect((error as Error).cause).toBeInstanceOf(Error);
    expect(content).toBe(start);
    expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
  });

  // faults: 31
  test("an event that is none throws a typed error, with what came", async () => {
    const { error, content } = await broken(
      fault.whole([...events.slice(0, count), lane.badEvent, ...events.slice(count)]),
    );
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_broken", partial: { content: start }, cause: expect.any(Error) });
    expect(content).toBe(start);
    expect(classify(error).kind).toBe("malformed");
  });

  // checklist: 95
  // faults: 32
  test("an event that is an error is the provider's error", async () => {
    // A wire that has no such event has no error of the provider's for it: what comes is broken.
    const { event, errorClass } = lane.errorEvent ?? { event: fault.errorEvents.openai, errorClass: StreamError };
    const { error, content } = await broken(fault.errorEvent(events, count, event));
    expect(error).toBeInstanceOf(errorClass);
    expect(isCallscopeError(error)).toBe(lane.errorEvent === undefined);
    expect(content).toBe(start);
  });
});

describe.each(networkLanes)("$name: streams", (lane) => {
  const [events, count] = halfOf(lane);

  // checklist: 98
  // faults: 19
  test("leaving the loop closes the connection and keeps what came", async () => {
    await using server = await serve(lane, fault.streamStall(events, count));
    const stream = streamOf(lane, { client: server.client })();
    for await (const _ of stream) if (stream.content === start) break;
    await server.clientClosed;
    expect(stream.content).toBe(start);
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
  });

  // checklist: 99
  test("a second iteration is refused and takes nothing away", async () => {
    await using server = await serve(lane, said);
    const stream = streamOf(lane, { client: server.client })();
    await collect(stream);
    expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_consumed" });
    expect([stream.content, stream.constructCallResponse().content]).toEqual(Array(2).fill(said.text));
    expect(server.requests).toHaveLength(1);
  });

  // checklist: 92
  // faults: 20
  test("one that nobody reads sends nothing", async () => {
    await using server = await serve(lane, said);
    streamOf(lane, { client: server.client })();
    await delay(20);
    expect([server.requests.length, server.connections]).toEqual([0, 0]);
  });

  // faults: 21, 38
  test("a slow reader gets everything", async () => {
    const text = "0123456789".repeat(100);
    await using server = await serve(lane, { text });
    let read = "";
    for await (const [chunk] of streamOf(lane, { client: server.client })()) {
      read += chunk.content;
      await nextTurn();
    }
    expect(read).toBe(text);
  });

  // faults: 33
  test("bytes one by one, also within a character, change nothing", async () => {
    const text = "Grüße, 👋🏽 \u{1F468}\u200D\u{1F680}!";
    await using server = await serve(lane, fault.splitBytes(eventsOf(lane, { text })));
    const stream = streamOf(lane, { client: server.client })();
    await collect(stream);
    expect(stream).toMatchObject({ content: text, inputTokens: 10, outputTokens: 5 });
  });

  // faults: 34
  test.runIf(typeof events[0] === "string")("neither do line ends, comments and a byte order mark", async () => {
    const texts = eventsOf(lane, said) as string[];
    for (const handler of [fault.crlf, fault.comments, fault.bom, fault.gzip]) {
      await using server = await serve(lane, handler(texts));
      const stream = streamOf(lane, { client: server.client })();
      await collect(stream);
      expect(stream).toMatchObject({ content: said.text, inputTokens: 10 });
    }
  });
});
