import { describe, expect, test } from "vitest";
import { z } from "zod";
import { tool } from "../../src/tools/tool.ts";
import { collect } from "../support/replay.ts";
import { ask, type Said, serve, streamOf } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

const save = tool({ name: "save", parameters: z.object({ text: z.string() }), call: () => "saved" });
const call = { id: "call_1", name: "save", args: '{"text":"a"}' };

describe.each(networkLanes)("$name: why it stopped", (lane) => {
  test.each<[string, Said, string]>([
    ["[E5] calls under the reason of a text", { toolCalls: [call], finish: "stop" }, "tool_calls"],
    ["calls", { toolCalls: [call] }, "tool_calls"],
    ["calls that were cut", { toolCalls: [call], finish: "length" }, "length"],
    ["a text", { text: "Hi." }, "stop"],
  ])("%s, whole and streamed", async (_, said, reason) => {
    await using server = await serve(lane, said);
    const options = { client: server.client, tools: [save] };
    expect((await ask(lane, options)()).stopReason).toBe(reason);
    const stream = streamOf(lane, options)();
    await collect(stream);
    expect(stream.constructCallResponse().stopReason).toBe(reason);
  });
});
