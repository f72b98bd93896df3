import { describe, expect, test } from "vitest";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { tool } from "../../src/tools/tool.ts";
import { trace } from "../../src/trace/trace.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, serve, streamOf } from "./lane.ts";
import { lanes, networkLanes } from "./lanes/index.ts";

interface Line {
  readonly type: string;
  readonly phase?: string;
  readonly id?: number;
  readonly parent?: number;
  readonly [key: string]: unknown;
}

/** A trace that is kept here. */
function kept() {
  const texts: string[] = [];
  const layer = trace({ write: (line) => void texts.push(line) });
  const lines = async () => {
    await layer.flush();
    return texts.map((text) => JSON.parse(text) as Line);
  };
  return { layers: [layer], lines };
}

describe.each(lanes)("$name: a trace", (lane) => {
  test("tells prompt, answer, tokens and dollars of a request, whole and streamed", async () => {
    await using server = await serve(lane, { text: "Hello" });
    const { layers, lines } = kept();
    const options = { client: server.client, layers, callParams: lane.native.params };
    const { cost } = await ask(lane, options)();
    await collect(streamOf(lane, options)());
    const requests = (await lines()).filter(({ type }) => type === "request");
    expect(requests.map(({ phase, stream }) => [phase, stream])).toEqual([
      ["start", false],
      ["end", undefined],
      ["start", true],
      ["end", undefined],
    ]);
    for (const { phase, ...line } of requests) {
      if (phase === "start") {
        const said = [{ role: "user", content: "Hi" }];
        expect(line).toMatchObject({ provider: lane.provider.name, model: lane.model, messages: said });
        expect(line.settings).toMatchObject({ maxTokens: 7 });
      } else {
        expect(line).toMatchObject({ inputTokens: 10, outputTokens: 5, stopReason: "stop", ms: expect.any(Number) });
        expect(JSON.stringify(line.message)).toContain("Hello");
        expect(line.cost).toBe(cost);
        // The first event of a stream; a whole answer has no first.
        if (line.id === requests.at(-1)?.id) {
          expect(line.firstMs).toEqual(expect.any(Number));
          expect(line.firstMs).toBeLessThanOrEqual(Number(line.ms));
        } else expect(line).not.toHaveProperty("firstMs");
      }
    }
  });

  test.each([false, true])("says what is inside of what in a loop; streamed: %s", async (stream) => {
    await using server = await serve(
      lane,
      { toolCalls: [{ id: "call_1", name: "now", args: "{}" }] },
      { text: "noon" },
    );
    const { layers, lines } = kept();
    const now = tool({ name: "now", call: () => "noon" });
    const call = lane.call(lane.model, { client: server.client, layers, tools: [now], stream }, () => "Hi");
    await toolLoop(call as never)();
    const all = await lines();
    const [session, ...rest] = all;
    expect(session).toMatchObject({ type: "trace", version: 1 });
    expect(rest.map(({ type, phase, id, parent }) => [type, phase, id, parent])).toEqual([
      ["run", "start", 1, undefined],
      ["request", "start", 2, 1],
      ["request", "end", 2, undefined],
      ["tool", "start", 3, 1],
      ["tool", "end", 3, undefined],
      ["request", "start", 4, 1],
      ["request", "end", 4, undefined],
      ["run", "end", 1, undefined],
    ]);
    expect(rest[3]).toMatchObject({ name: "now", call: "call_1" });
    expect(rest[4]).toMatchObject({ output: "noon" });
    expect(rest[7]).toMatchObject({ status: "done", requests: 2 });
    expect(new Set(all.map(({ trace: id }) => id)).size).toBe(1);
  });
});

test.each(networkLanes)("$name: a trace tells of a failure, whole and streamed, which cost nothing", async (lane) => {
  await using server = await serve(lane, lane.error(429));
  const { layers, lines } = kept();
  const options = { client: server.client, layers };
  for (const work of [() => ask(lane, options)(), () => collect(streamOf(lane, options)())]) {
    expect(await thrownBy(work)).toBeInstanceOf(lane.errorClass(429));
  }
  const ends = (await lines()).filter(({ type, phase }) => type === "request" && phase === "end");
  const refused = { error: { kind: "rate_limit", status: 429 }, cost: 0 };
  expect(ends).toMatchObject([refused, refused]);
  for (const end of ends) expect(end).not.toHaveProperty("firstMs");
});

test.each(networkLanes)("$name: a trace knows no cost of a request that was lost", async (lane) => {
  await using server = await serve(lane, lane.error(500));
  const { layers, lines } = kept();
  expect(await thrownBy(() => ask(lane, { client: server.client, layers })())).toBeInstanceOf(lane.errorClass(500));
  const end = (await lines()).findLast(({ type, phase }) => type === "request" && phase === "end");
  expect(end).toMatchObject({ error: { status: 500 } });
  expect(end).not.toHaveProperty("cost");
});
