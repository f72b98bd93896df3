import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, serve, streamOf } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

/** Timers that keep this process from ending. */
const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

describe.each(networkLanes)("$name: timers", (lane) => {
  test.each<[string, () => fault.Handler | string, object]>([
    ["an abort", () => fault.hang, { signal: true }],
    ["a time limit", () => fault.hang, { timeout: 100 }],
    ["a connection that breaks", () => fault.disconnect, {}],
    ["a refusal", () => lane.error(400), {}],
    ["no answer", () => fault.html200, {}],
  ])("[G9] after %s none holds the process", async (_, handler, limits) => {
    await using server = await serve(lane, handler() as fault.Handler);
    const { client } = server;
    // What is loaded and made on first use is not at stake.
    await thrownBy(ask(lane, { client }).with({ timeout: 200 }));
    const before = timers();
    for (const run of [
      (more: object) => ask(lane, { client }).with(more)(),
      (more: object) => collect(streamOf(lane, { client }).with(more)()),
    ]) {
      const controller = new AbortController();
      const failing = thrownBy(() => run("signal" in limits ? { signal: controller.signal } : limits));
      if ("signal" in limits) setTimeout(() => controller.abort(), 50);
      await failing;
    }
    // What ends in the next moments has ended; five minutes have not.
    for (let round = 0; round < 30 && timers() > before; round++) await delay(100);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});
