import { getEventListeners } from "node:events";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { TimeoutError } from "../../src/errors/errors.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, eventsOf, type Served, serve, streamOf } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

const said = { text: "Hello there, you!" };
const reason = new Error("enough");

/** `error` and everything it was caused by. */
function causes(error: unknown): unknown[] {
  const links: unknown[] = [];
  for (let link = error; link instanceof Error && links.length < 8; link = link.cause) links.push(link);
  return links;
}

/** Milliseconds. What is asserted holds however far a busy machine has got by then. */
const limit = 100;
/** Milliseconds in which the events have come, on a busy machine too. */
const silence = 600;

/** Waits until the connection is closed; a request that was given up before it arrived has none. */
async function closed({ requests, clientClosed }: Served): Promise<void> {
  expect(requests.length).toBeLessThan(2);
  if (requests.length > 0) await clientClosed;
}

describe.each(networkLanes)("$name: limits", (lane) => {
  const events = eventsOf(lane, said);
  const { opening, pieces } = lane.script(said);
  // The SDK is loaded by the first call: that is not the network's time.
  beforeAll(async () => {
    await using server = await serve(lane, said);
    await ask(lane, { client: server.client })();
  });

  const stall = fault.streamStall(events, opening.length + pieces.length);

  // checklist: 65
  // faults: 13, 14, 16
  test.each([
    ["no answer at all", fault.hang],
    ["half a body", fault.headerThenStall()],
  ])("a call's time is up to its last byte: %s", async (_, handler) => {
    await using server = await serve(lane, handler);
    const error = await thrownBy(ask(lane, { client: server.client }).with({ timeout: limit }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeout: limit });
    expect(classify(error)).toMatchObject({ kind: "timeout", retryable: true });
    await closed(server);
  });

  // faults: 13, 15
  test("so is a stream's, before its first event and after", async () => {
    await using silent = await serve(lane, fault.hang);
    await using server = await serve(lane, stall);
    for (const at of [silent, server]) {
      const stream = streamOf(lane, { client: at.client }).with({ timeout: limit })();
      expect(await thrownBy(() => collect(stream))).toBeInstanceOf(TimeoutError);
      expect(() => stream.constructCallResponse()).toThrow(StreamError);
      await closed(at);
    }
  });

  // faults: 15
  test("a stream that falls silent stalls, with what came", async () => {
    await using server = await serve(lane, stall);
    const stream = streamOf(lane, { client: server.client }).with({ idleTimeout: silence })();
    const error = await thrownBy(() => collect(stream));
    expect(error).toMatchObject({ code: "stream_stalled", partial: { content: said.text } });
    expect(classify(error)).toMatchObject({ kind: "timeout", retryable: true });
    await server.clientClosed;
  });

  // checklist: 65
  // faults: 17
  test("an abort before is its own reason, and nothing is sent", async () => {
    await using server = await serve(lane, said);
    const { client } = server;
    const signal = AbortSignal.abort(reason);
    expect(await thrownBy(ask(lane, { client }).with({ signal }))).toBe(reason);
    expect(await thrownBy(() => collect(streamOf(lane, { client }).with({ signal })()))).toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  // faults: 17
  test("an abort while waiting ends it at once, keeps the reason and closes the connection", async () => {
    for (const run of [
      (server: { client: object }, signal: AbortSignal) => ask(lane, server).with({ signal })(),
      (server: { client: object }, signal: AbortSignal) => collect(streamOf(lane, server).with({ signal })()),
    ]) {
      await using server = await serve(lane, fault.hang);
      const controller = new AbortController();
      const running = run({ client: server.client }, controller.signal);
      const failed = thrownBy(() => running);
      await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 5_000, interval: 5 });
      controller.abort(reason);
      const error = await failed;
      expect(error === reason || causes(error).includes(reason) || classify(error).kind === "aborted").toBe(true);
      await closed(server);
    }
  });

  // checklist: 95
  // faults: 18
  test("an abort in a stream throws, never looks whole, and tells what was spent", async () => {
    await using server = await serve(lane, stall);
    const controller = new AbortController();
    const { signal } = controller;
    const stream = streamOf(lane, { client: server.client }).with({ signal })();
    const error = await thrownBy(async () => {
      for await (const _ of stream) if (stream.content === said.text) controller.abort(reason);
    });
    expect(error === reason || causes(error).includes(reason) || classify(error).kind === "aborted").toBe(true);
    expect(stream.content).toBe(said.text);
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
    expect(stream.spent?.inputTokens).toBeGreaterThan(0);
    expect(stream.spent?.outputTokens).toBeGreaterThan(0);
    expect(stream.spent?.cost).toBeGreaterThan(0);
    await server.clientClosed;
  });

  // faults: 24
  test("one signal serves many calls: no listener stays", async () => {
    await using server = await serve(lane, said);
    const { signal } = new AbortController();
    const asked = ask(lane, { client: server.client }).with({ signal });
    for (let call = 0; call < 12; call++) await asked();
    await collect(streamOf(lane, { client: server.client }).with({ signal })());
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});
