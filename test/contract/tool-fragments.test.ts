import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import { tool } from "../../src/tools/tool.ts";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { type AnyCall, type Json, type Lane, serve, streamOf } from "./lane.ts";
import { azureLane, azureRestLane } from "./lanes/azure.ts";
import { groqLane } from "./lanes/groq.ts";
import { litellmLane } from "./lanes/litellm.ts";
import { mistralLane } from "./lanes/mistral.ts";
import { openaiLane } from "./lanes/openai.ts";

// Hand-written after public reports of what services and relays send; the SDKs between are the real ones.

const lanes = [openaiLane, groqLane, litellmLane, azureLane, azureRestLane, mistralLane];

const zone = tool({
  name: "zone",
  parameters: z.object({ zone: z.string() }),
  call: ({ zone: name }) => `${name} set`,
});
const now = tool({ name: "now", call: () => "12:00" });

/** A fragment of a call: `at` is its index. */
interface Fragment {
  readonly at?: number;
  readonly id?: string;
  readonly name?: string;
  readonly args?: string | object;
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

function event(delta: Json, finish: string | null = null, index = 0): Json {
  const choices = [{ index, delta, finish_reason: finish }];
  return { id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices };
}

function called({ at, id, name = "", args = "" }: Fragment): Json {
  return {
    ...(at !== undefined && { index: at }),
    ...(id !== undefined && { id, type: "function" }),
    function: { name, arguments: args },
  };
}

const [end, stop] = [event({ content: "" }, "tool_calls"), event({ content: "" }, "stop")];
const served = (...events: readonly Json[]) => fault.whole(fault.sse(...events, "[DONE]"));
/** An event for each fragment. */
const fragments = (...given: readonly Fragment[]) => given.map((one) => event({ tool_calls: [called(one)] }));

/** What a stream of these events gives: the uses as they came, and the calls of the whole answer. */
async function streamed(lane: Lane, events: readonly Json[]) {
  await using server = await serve(lane, served(...events));
  const stream = streamOf(lane, { client: server.client, tools: [zone, now] })();
  const uses = (await collect(stream)).flatMap(([, use]) => (use ? [use] : []));
  const response = stream.constructCallResponse();
  const whole = response.tools?.map(({ name, args }) => [name, args]);
  expect(uses.map(({ name, args }) => [name, args])).toEqual(whole);
  return { response, whole };
}

const set = (name: string) => ["zone", { zone: name }];
const head = { at: 0, id: "call00001", name: "zone" };

describe.each(lanes)("$name: fragments of tool calls", (lane) => {
  test.each([
    ["[C1] whole twice", fragments({ ...head, args: '{"zone":"x"}' }, { ...head, at: 1, args: '{"zone":"x"}' })],
    ["[C1] begun with {}", fragments({ ...head, args: "{}" }, { ...head, at: 1, args: '{"zone":"x"}' })],
    ["[C1] begun with nothing", fragments(head, { ...head, at: 1, args: '{"zone":"x"}' })],
    ["[C1] in two pieces", fragments({ ...head, args: '{"zo' }, { ...head, at: 1, args: 'ne":"x"}' })],
    ["[C2] a tail of the next index", fragments({ ...head, args: '{"zo' }, { at: 1, args: 'ne":"x"}' })],
    ["[C2] tails of no index", fragments({ ...head, args: '{"zo' }, { args: 'ne":' }, { args: '"x"}' })],
    [
      "[C4] a summary",
      fragments({ ...head, args: '{"zo' }, { at: 0, args: 'ne":"x"}' }, { ...head, args: '{"zone":"x"}' }),
    ],
    ["[C4] an empty summary", fragments({ ...head, args: '{"zone":"x"}' }, { ...head, args: "{}" })],
    ["[C5] an object", fragments({ ...head, args: { zone: "x" } })],
    ["[C5] an object after a head", fragments(head, { at: 0, args: { zone: "x" } })],
  ])("%s: one call, with its arguments", async (_, events) => {
    for (const last of [end, stop]) {
      const { response, whole } = await streamed(lane, [...events, last]);
      expect(whole).toEqual([set("x")]);
      expect(response.toolCalls?.[0]).toMatchObject({ id: "call00001", name: "zone" });
    }
  });

  test("[C4] a summary after the reason, in the event that ends the answer", async () => {
    const whole = called({ ...head, args: '{"zone":"x"}' });
    const pieces = fragments({ ...head, args: '{"zo' }, { at: 0, args: 'ne":"x"}' });
    for (const summary of [event({ tool_calls: [whole] }, "tool_calls"), event({ tool_calls: [whole] })]) {
      expect((await streamed(lane, [...pieces, end, summary])).whole).toEqual([set("x")]);
    }
  });

  test("[C3] calls under one index, without ids", async () => {
    const one = { at: 0, name: "zone" };
    const whole = fragments({ ...one, args: '{"zone":"x"}' }, { ...one, args: '{"zone":"y"}' }, { at: 0, name: "now" });
    expect((await streamed(lane, [...whole, end])).whole).toEqual([set("x"), set("y"), ["now", {}]]);
    const pieces = fragments(
      { ...one, args: '{"zo' },
      { at: 0, args: 'ne":"x"}' },
      { ...one, args: '{"zone"' },
      { at: 0, args: ':"y"}' },
    );
    expect((await streamed(lane, [...pieces, end])).whole).toEqual([set("x"), set("y")]);
    const together = event({ tool_calls: [called({ ...one, args: '{"zone":"x"}' }), called({ at: 0, name: "now" })] });
    expect((await streamed(lane, [together, end])).whole).toEqual([set("x"), ["now", {}]]);
  });

  test("[C1] a tool loop runs the tool once and sends back what the model asked", async () => {
    const events = fragments({ ...head, args: "{}" }, { ...head, at: 1, args: '{"zone":"x"}' });
    await using server = await serve(lane, served(...events, end), { text: "Done." });
    const zones: string[] = [];
    const run = tool({
      name: "zone",
      parameters: z.object({ zone: z.string() }),
      call: ({ zone: name }) => {
        zones.push(name);
        return "set";
      },
    });
    const loop = (lane.call as AnyCall)(lane.model, { client: server.client, stream: true, tools: [run] }, () => "Go");
    // The lanes' calls have no types; a loop takes any call.
    const result = await toolLoop(loop as unknown as Parameters<typeof toolLoop>[0], {})();
    expect([zones, result.status]).toEqual([["x"], "done"]);
    const [, asked, told] = server.turns(1);
    expect(asked?.calls).toEqual([{ id: "call00001", name: "zone", args: { zone: "x" } }]);
    expect(told?.results).toEqual([{ id: "call00001", text: "set" }]);
  });

  test("[C5] arguments that came as an object go back as text", async () => {
    const { response } = await streamed(lane, [...fragments({ ...head, args: { zone: "x" } }), end]);
    expect(response.toolCalls?.[0]?.input).toEqual({ zone: "x" });
    await using server = await serve(lane, { text: "Done." });
    const messages = [{ role: "user", content: "Go" }, response.messageParam];
    await (lane.call(lane.model, { client: server.client }, () => ({ messages })) as () => Promise<unknown>)();
    const [, turn] = server.body().messages as { tool_calls: { function: { arguments: unknown } }[] }[];
    // Mistral's own API has objects, too.
    const { arguments: sent } = turn?.tool_calls[0]?.function ?? {};
    expect(lane.name === "mistral" ? JSON.stringify(sent) : sent).toBe('{"zone":"x"}');
  });
});

describe.each(lanes)("$name: the end of a stream", (lane) => {
  const text = event({ content: "More." });

  test.each([
    ["text", [event({ content: "Hi." }), stop, text]],
    ["a tool call", [event({ content: "Hi." }), stop, ...fragments({ ...head, args: '{"zone":"x"}' })]],
    [
      "text of the event that has another choice's reason",
      [
        stop,
        {
          ...text,
          choices: [
            { index: 0, delta: { content: "More." }, finish_reason: null },
            { index: 1, delta: { content: "" }, finish_reason: "stop" },
          ],
        },
      ],
    ],
  ])("[C8] a reason, then %s without one, is no end", async (_, events) => {
    await using server = await serve(lane, served(...events));
    const stream = streamOf(lane, { client: server.client, tools: [zone] })();
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_ended_early" });
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
  });

  test("[C8] a reason, then more, then another reason is an end; so is a reason that is repeated", async () => {
    for (const rest of [[text, stop], [stop], [event({ content: "" })], [event({})]]) {
      await using server = await serve(lane, served(event({ content: "Hi." }), stop, ...rest));
      const stream = streamOf(lane, { client: server.client })();
      await collect(stream);
      expect(stream.constructCallResponse().content).toBe(rest[0] === text ? "Hi.More." : "Hi.");
    }
  });

  test("[C9] two choices, one unfinished, are no whole answer", async () => {
    const choice = (index: number, content: string) => event({ content }, null, index);
    await using server = await serve(
      lane,
      served(choice(0, "Hi"), choice(1, "Ho"), event({}, "stop", 1), { ...choice(0, ""), usage }),
      served(choice(0, "Hi"), choice(1, "Ho"), event({}, "stop", 0)),
    );
    for (let index = 0; index < 2; index++) {
      const error = await thrownBy(() => collect(streamOf(lane, { client: server.client })()));
      expect(error).toMatchObject({ code: "stream_ended_early" });
    }
  });
});
