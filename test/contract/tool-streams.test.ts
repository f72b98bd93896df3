import { describe, expect, test } from "vitest";
import { z } from "zod";
import { StreamError } from "../../src/read/stream-error.ts";
import { tool } from "../../src/tools/tool.ts";
import * as fault from "../support/fault-server.ts";
import { thrownBy } from "../support/replay.ts";
import { eventsOf, serve, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

const save = tool({ name: "save", parameters: z.object({ text: z.string() }), call: () => "saved" });
const call = { id: "call_1", name: "save", args: '{"text":"a long text that comes in pieces"}' };
const said = { toolCalls: [call] };

describe.each(lanes)("$name: streamed tools", (lane) => {
  // faults: 44
  test("a call that is cut off is never given", async () => {
    const { opening, pieces } = lane.script(said);
    // Half of the pieces where a call has several, else none of them.
    const count = opening.length + (lane.traits.partialTools ? Math.floor(pieces.length / 2) : 0);
    for (const handler of [fault.cleanCut, fault.reset]) {
      await using server = await serve(lane, handler(eventsOf(lane, said), count));
      const stream = streamOf(lane, { client: server.client, tools: [save] })();
      const uses: unknown[] = [];
      const error = await thrownBy(async () => {
        for await (const [, use] of stream) if (use) uses.push(use);
      });
      expect(error).toBeInstanceOf(Error);
      expect(uses).toEqual([]);
      expect(() => stream.constructCallResponse()).toThrow(StreamError);
    }
  });

  // checklist: 103
  test("text before the calls is text, the calls are calls", async () => {
    await using server = await serve(lane, { text: "Let me see.", ...said });
    const stream = streamOf(lane, { client: server.client, tools: [save] })();
    const names: string[] = [];
    for await (const [, use] of stream) if (use) names.push(use.name);
    expect([stream.content, names]).toEqual(["Let me see.", ["save"]]);
  });

  test("[G14] a tool that nobody offered is an error after the last event, and nothing of the stream is lost", async () => {
    await using server = await serve(lane, { text: "Let me see.", toolCalls: [{ ...call, name: "burn" }] });
    const stream = streamOf(lane, { client: server.client, tools: [save] })();
    let text = "";
    const error = await thrownBy(async () => {
      for await (const [chunk] of stream) text += chunk.content;
    });
    expect(error).toMatchObject({ code: "unknown_tool", toolName: "burn" });
    const { content, inputTokens, toolCalls } = stream.constructCallResponse();
    expect([text, content, inputTokens]).toEqual(["Let me see.", "Let me see.", 10]);
    expect(toolCalls?.map(({ name }) => name)).toEqual(["burn"]);
  });

  // checklist: 105
  test("partial tools grow and end in the whole one", async () => {
    await using server = await serve(lane, said);
    const options = { client: server.client, tools: [save], stream: { partialTools: true } };
    const grown: string[] = [];
    const whole: unknown[] = [];
    let text = "";
    for await (const [, use] of streamOf(lane, options)()) {
      if (use === undefined) continue;
      if ("delta" in use) {
        text += use.delta as string;
        grown.push((use.args as { text?: string }).text ?? "");
      } else whole.push(use.args);
    }
    expect(whole).toEqual([{ text: "a long text that comes in pieces" }]);
    // Where a call comes in one event there is nothing to grow.
    if (lane.traits.partialTools) expect(grown.length).toBeGreaterThan(4);
    for (const [index, value] of grown.entries()) expect(value.startsWith(grown[index - 1] ?? "")).toBe(true);
    if (grown.length > 0) expect([text, grown.at(-1)]).toEqual([call.args, "a long text that comes in pieces"]);
  });
});
