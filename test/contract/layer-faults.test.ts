import { describe, expect, test } from "vitest";
import { attemptsOf } from "../../src/contract/attempts.ts";
import { classify } from "../../src/errors/classify.ts";
import { budget } from "../../src/layers/budget.ts";
import { cache } from "../../src/layers/cache.ts";
import { limit } from "../../src/layers/limit.ts";
import { memoryStore } from "../../src/layers/memory-store.ts";
import { observe } from "../../src/layers/observe.ts";
import { retry } from "../../src/layers/retry.ts";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, eventsOf, type NetworkLane, serve, streamOf } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

const said = { text: "Hello there, you!" };
/** What would never end has little time, all else enough on a busy machine. */
const limitsOf = (name: string) => ({ timeout: /stall|in time/.test(name) ? 150 : 10_000 });

/** A whole stack, and what it has seen. */
function stack() {
  const told: unknown[] = [];
  const wait = async () => {};
  const steady = limit({ concurrency: 1, wait });
  const purse = budget({ requests: 20, unpriced: "allow", unbounded: "allow" });
  const watch = observe({ error: (error) => void told.push(error) });
  const layers = [watch, cache(memoryStore()), retry({ attempts: 2, wait, when: () => true }), steady, purse];
  return { told, steady, purse, layers };
}

type Fault = [name: string, handler: (lane: NetworkLane) => fault.Handler];

const whole: Fault[] = [
  ["a refusal", (lane) => lane.error(400)],
  ["too many requests", (lane) => lane.error(429, { "retry-after": "0" })],
  ["a failing server", (lane) => lane.error(500)],
  ["a connection that breaks", () => fault.disconnect],
  ["no answer in time", () => fault.hang],
  ["a body that stalls", () => fault.headerThenStall()],
  ["a page in the place of an answer", () => fault.html200],
  ["a proxy's page", () => fault.html502],
  ["a body that is cut", () => fault.cutJson200],
  ["no body", () => fault.emptyBody200],
];
const half = (lane: NetworkLane): [fault.Events, number] => [
  eventsOf(lane, said),
  lane.script(said).opening.length + 3,
];
const streamed: Fault[] = [
  ["an end that comes too early", (lane) => fault.cleanCut(...half(lane))],
  ["a reset", (lane) => fault.reset(...half(lane))],
  ["a length that is not kept", (lane) => fault.shortLength(...half(lane))],
  ["a stall", (lane) => fault.streamStall(...half(lane))],
  ["an event that is an error", (lane) => fault.errorEvent(...half(lane), lane.errorEvent?.event ?? "data: {}\n\n")],
];

describe.each(networkLanes)("$name: layers and faults", (lane) => {
  const run = async (
    name: string,
    handler: fault.Handler,
    streams: boolean,
    layers?: ReturnType<typeof stack>["layers"],
  ) => {
    await using server = await serve(lane, handler);
    const options = { client: server.client, ...(layers && { layers }) };
    const stream = streamOf(lane, options).with(limitsOf(name));
    const events = streams ? stream() : undefined;
    const error = await thrownBy(() => (events ? collect(events) : ask(lane, options).with(limitsOf(name))()));
    return { error, content: events?.content };
  };

  // checklist: 145, 148
  test.each<[string, boolean, Fault[1]]>([
    ...[...whole, ...streamed].map(([name, handler]): [string, boolean, Fault[1]] => [
      `${name}, streamed`,
      true,
      handler,
    ]),
    ...whole.map(([name, handler]): [string, boolean, Fault[1]] => [name, false, handler]),
  ])("%s: the same error, told once, and books that balance", async (name, streams, handler) => {
    const bare = await run(name, handler(lane), streams);
    const { told, steady, purse, layers } = stack();
    const layered = await run(name, handler(lane), streams, layers);
    expect((layered.error as Error).constructor).toBe((bare.error as Error).constructor);
    expect(classify(layered.error).kind).toBe(classify(bare.error).kind);
    expect(layered.content).toBe(bare.content);
    expect(told).toEqual([layered.error]);
    expect(told[0]).toBe(layered.error);
    expect(attemptsOf(layered.error).length).toBeGreaterThan(0);
    expect(attemptsOf(layered.error).length).toBeLessThanOrEqual(2);
    expect([steady.running, steady.waiting]).toEqual([0, 0]);
    expect(purse.reserved).toEqual({ usd: 0, tokens: 0, requests: 0 });
    expect(purse.spent.requests).toBeLessThanOrEqual(attemptsOf(layered.error).length);
    // Nothing of it is kept: what is asked next is sent, through the same layers.
    await using server = await serve(lane, said);
    const options = { client: server.client, layers };
    const answer = streams ? streamOf(lane, options)() : await ask(lane, options)();
    if (streams) await collect(answer as AsyncIterable<unknown>);
    expect([answer.content, server.requests.length]).toEqual([said.text, 1]);
  });
});
