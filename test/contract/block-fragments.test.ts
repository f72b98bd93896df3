import { describe, expect, test } from "vitest";
import { z } from "zod";
import { tool } from "../../src/tools/tool.ts";
import * as anthropicWire from "../support/anthropic-server.ts";
import * as cohereWire from "../support/cohere-server.ts";
import * as bedrockWire from "../support/converse-server.ts";
import * as fault from "../support/fault-server.ts";
import { event } from "../support/gemini-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import * as responsesWire from "../support/responses-server.ts";
import { type Json, type Lane, serve, streamOf } from "./lane.ts";
import { anthropicLane } from "./lanes/anthropic.ts";
import { bedrockLane } from "./lanes/bedrock.ts";
import { cohereLane } from "./lanes/cohere.ts";
import { geminiLane, vertexLane } from "./lanes/gemini.ts";
import { responsesLane } from "./lanes/responses.ts";

// Wires whose tool calls begin and end with events of their own. Hand-written after what relays make of them; the SDKs
// between are the real ones.

/** What a stream consists of, in no wire's words. */
interface Writer {
  readonly lane: Lane;
  begin(index: number, id: string, name: string): Event;
  piece(index: number, json: string | object): Event;
  stop(index: number): Event;
  text(index: number, text: string): Event[];
  end(reason: "tools" | "stop"): Event[];
  whole(events: readonly Event[]): fault.Handler;
}

type Event = Json | Uint8Array;

const anthropic: Writer = {
  lane: anthropicLane,
  begin: (index, id, name) => ({
    type: "content_block_start",
    index,
    content_block: anthropicWire.toolUse(id, name, {}),
  }),
  piece: (index, partial_json) => ({
    type: "content_block_delta",
    index,
    delta: { type: "input_json_delta", partial_json },
  }),
  stop: (index) => ({ type: "content_block_stop", index }),
  text: (index, text) => anthropicWire.textEvents(index, text),
  end: (reason) => anthropicWire.endEvents(reason === "tools" ? "tool_use" : "end_turn"),
  whole: (events) => fault.whole(anthropicWire.eventStream(anthropicWire.messageStart, ...(events as Json[]))),
};

const bedrock: Writer = {
  lane: bedrockLane,
  begin: (index, toolUseId, name) => bedrockWire.start(index, { toolUse: { toolUseId, name } }),
  piece: (index, input) => bedrockWire.delta(index, { toolUse: { input } }),
  stop: bedrockWire.stop,
  text: (index, text) => [bedrockWire.delta(index, { text }), bedrockWire.stop(index)],
  end: (reason) => [bedrockWire.messageStop(reason === "tools" ? "tool_use" : "end_turn")],
  whole: (events) => bedrockWire.events(...(events as Uint8Array[])),
};

const cohere: Writer = {
  lane: cohereLane,
  begin: (index, id, name) => ({
    type: "tool-call-start",
    index,
    delta: { message: { tool_calls: cohereWire.toolCall(id, name, "") } },
  }),
  piece: (index, args) => ({
    type: "tool-call-delta",
    index,
    delta: { message: { tool_calls: { function: { arguments: args } } } },
  }),
  stop: (index) => ({ type: "tool-call-end", index }),
  text: (index, text) => cohereWire.blockEvents(index, "text", text),
  end: (reason) => [cohereWire.messageEnd(reason === "tools" ? "TOOL_CALL" : "COMPLETE")],
  whole: (events) => fault.whole(cohereWire.eventStream(cohereWire.messageStart, ...(events as Json[]))),
};

const responses: Writer = {
  lane: responsesLane,
  begin: (output_index, id, name) => ({
    type: "response.output_item.added",
    output_index,
    item: responsesWire.functionCall(id, name, ""),
  }),
  piece: (output_index, delta) => ({ type: "response.function_call_arguments.delta", output_index, delta }),
  stop: (output_index) => ({ type: "response.function_call_arguments.done", output_index, arguments: "" }),
  text: (index, text) => responsesWire.textEvents(index, text),
  // The items came one by one.
  end: () => [responsesWire.ended([])],
  whole: (events) => fault.whole(responsesWire.eventStream(...responsesWire.begun, ...(events as Json[]))),
};

const zone = tool({ name: "zone", parameters: z.object({ zone: z.string() }), call: ({ zone: name }) => name });
const set = (name: string) => ["zone", { zone: name }];

describe.each([anthropic, bedrock, cohere, responses])("$lane.name: fragments of tool calls", (wire) => {
  const { lane, begin, piece, stop, text } = wire;
  const head = begin(0, "call_1", "zone");

  async function streamed(events: readonly Event[]) {
    await using server = await serve(lane, wire.whole(events));
    const stream = streamOf(lane, { client: server.client, tools: [zone] })();
    const steps = await collect(stream);
    const uses = steps.flatMap(([, use]) => (use ? [[use.name, use.args]] : []));
    const response = stream.constructCallResponse();
    expect(response.tools?.map(({ name, args }) => [name, args])).toEqual(uses.length > 0 ? uses : undefined);
    expect(steps.map(([chunk]) => chunk.content).join("")).toBe(response.content);
    return { uses, response };
  }

  test.each<[string, Event[]]>([
    ["[C1] begun twice, whole once", [head, begin(1, "call_1", "zone"), piece(1, '{"zone":"x"}'), stop(1)]],
    ["[C1] in two pieces", [head, piece(0, '{"zo'), begin(1, "call_1", "zone"), piece(1, 'ne":"x"}'), stop(1)]],
    ["[C1] begun with {}", [head, piece(0, "{}"), begin(1, "call_1", "zone"), piece(1, '{"zone":"x"}'), stop(1)]],
    ["[C1] whole twice", [head, piece(0, '{"zone":"x"}'), begin(1, "call_1", "zone"), piece(1, '{"zone":"x"}')]],
    ["[C2] a tail of an index that nothing began", [head, piece(0, '{"zo'), piece(1, 'ne":"x"}'), stop(0)]],
    ["[C4] a summary", [head, piece(0, '{"zo'), piece(0, 'ne":"x"}'), piece(0, '{"zone":"x"}'), stop(0)]],
    ["[C4] a placeholder", [head, piece(0, "{}"), piece(0, '{"zo'), piece(0, 'ne":"x"}'), stop(0)]],
    ["[E5] under the reason of a text", [head, piece(0, '{"zone":"x"}'), stop(0)]],
  ])("%s: one call, with its arguments", async (_, events) => {
    for (const reason of ["tools", "stop"] as const) {
      const { uses, response } = await streamed([...events, ...wire.end(reason)]);
      expect(uses).toEqual([set("x")]);
      expect(response.stopReason).toBe("tool_calls");
      expect(response.toolCalls?.[0]).toMatchObject({ id: "call_1", name: "zone" });
    }
  });

  // The SDK of Bedrock takes nothing but text there.
  test.runIf(lane !== bedrockLane)("[C5] arguments that came as an object are that object", async () => {
    const { uses } = await streamed([head, piece(0, { zone: "x" }), stop(0), ...wire.end("tools")]);
    expect(uses).toEqual([set("x")]);
  });

  test("[C3] calls that begin under one index, ended or not, are several", async () => {
    for (const ends of [[stop(0)], []]) {
      const events = [
        ...[head, piece(0, '{"zone":"x"}'), ...ends],
        ...[begin(0, "call_2", "zone"), piece(0, '{"zo'), piece(0, 'ne":"y"}'), ...ends],
      ];
      const { uses, response } = await streamed([...events, ...wire.end("tools")]);
      expect(uses).toEqual([set("x"), set("y")]);
      await using server = await serve(lane, { text: "Done." });
      const messages = [{ role: "user", content: "Go" }, response.message, { role: "user", content: "On" }];
      await (lane.call(lane.model, { client: server.client }, () => ({ messages })) as () => Promise<unknown>)();
      expect(server.turns().flatMap(({ calls }) => calls.map(({ id, args }) => [id, args]))).toEqual([
        ["call_1", { zone: "x" }],
        ["call_2", { zone: "y" }],
      ]);
    }
  });

  test("[C7] a text that begins at the index of a call that ended is text", async () => {
    const call = [head, piece(0, '{"zone":"x"}'), stop(0)];
    const { uses, response } = await streamed([...call, ...text(0, "Done."), ...wire.end("tools")]);
    expect([response.content, uses]).toEqual(["Done.", [set("x")]]);
  });

  test("[C7] a text that begins at the index of a text that ended is a further one", async () => {
    const call = [begin(1, "call_1", "zone"), piece(1, '{"zone":"x"}'), stop(1)];
    const { uses, response } = await streamed([...text(0, "One."), ...call, ...text(0, "Two."), ...wire.end("tools")]);
    expect(uses).toEqual([set("x")]);
    expect(response.content).toBe("One.Two.");
    // Cohere keeps texts and calls apart; on the others the call stands between.
    const said = JSON.stringify(response.response).match(/"One\."|"call_1"|"Two\."/g);
    expect(said).toEqual(lane === cohereLane ? ['"One."', '"Two."', '"call_1"'] : ['"One."', '"call_1"', '"Two."']);
  });

  test("a piece that no call was begun for is not lost without a word", async () => {
    await using server = await serve(lane, wire.whole([...text(0, "Hi."), piece(1, '{"zo'), ...wire.end("tools")]));
    const stream = streamOf(lane, { client: server.client, tools: [zone] })();
    const outcome = await collect(stream).then(
      () => stream.content,
      (error: unknown) => error,
    );
    if (lane === cohereLane || lane === responsesLane) expect(outcome).toBe("Hi.");
    else expect(outcome).toBeInstanceOf(Error);
  });
});

describe.each([anthropic, bedrock, cohere])("$lane.name: the end of a stream", (wire) => {
  const { lane, text } = wire;

  test("[C8] more text after the reason needs a reason of its own", async () => {
    const goesOn = [...text(0, "Hi."), ...wire.end("stop"), ...text(1, "More.")];
    await using server = await serve(lane, wire.whole(goesOn), wire.whole([...goesOn, ...wire.end("stop")]));
    const cut = streamOf(lane, { client: server.client })();
    expect(await thrownBy(() => collect(cut))).toMatchObject({ code: "stream_ended_early" });
    expect(cut.content).toBe("Hi.More.");
    const whole = streamOf(lane, { client: server.client })();
    await collect(whole);
    expect(whole.constructCallResponse()).toMatchObject({ content: "Hi.More.", stopReason: "stop" });
  });

  test("[C8] so does a tool call", async () => {
    const call = [wire.begin(1, "call_1", "zone"), wire.piece(1, '{"zone":"x"}'), wire.stop(1)];
    await using server = await serve(lane, wire.whole([...text(0, "Hi."), ...wire.end("stop"), ...call]));
    const cut = streamOf(lane, { client: server.client, tools: [zone] })();
    expect(await thrownBy(() => collect(cut))).toMatchObject({ code: "stream_ended_early" });
  });
});

test("[C7] cohere: a text at the index of a thought that ended, begun or not, is text", async () => {
  const [thought, [begin, ...more]] = [
    cohereWire.blockEvents(0, "thinking", "Hm."),
    cohereWire.blockEvents(0, "text", "Hi.", " There."),
  ];
  for (const events of [
    [...thought, begin as Json, ...more],
    [...thought, ...more],
  ]) {
    await using server = await serve(cohereLane, cohere.whole([...events, ...cohere.end("stop")]));
    const stream = streamOf(cohereLane, { client: server.client })();
    await collect(stream);
    expect(stream.constructCallResponse()).toMatchObject({ content: "Hi. There.", thinking: "Hm." });
  }
});

test("[C8] anthropic: text between the reason and the last event is not whole", async () => {
  const [reason, last] = anthropicWire.endEvents("end_turn") as [Json, Json];
  const more = anthropicWire.textEvents(1, "More.");
  const events = [...anthropicWire.textEvents(0, "Hi."), reason, ...more, last];
  await using server = await serve(anthropicLane, anthropic.whole(events));
  const stream = streamOf(anthropicLane, { client: server.client })();
  expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_ended_early" });
});

describe("openai.responses: arguments that come late", () => {
  const args = '{"zone":"x"}';
  const call = (given: string) => responsesWire.functionCall("call_1", "zone", given);
  const added = { type: "response.output_item.added", output_index: 0, item: call("") };
  const doneWith = (given: string) => ({ type: "response.output_item.done", output_index: 0, item: call(given) });
  const argumentsDone = { type: "response.function_call_arguments.done", output_index: 0, item_id: "fc_call_1" };
  const delta = { type: "response.function_call_arguments.delta", output_index: 0, delta: args };

  test.each<[string, Json[]]>([
    ["only in arguments.done", [added, { ...argumentsDone, arguments: args }, responsesWire.ended([])]],
    [
      "in arguments.done, and {} after it",
      [added, { ...argumentsDone, arguments: args }, doneWith("{}"), responsesWire.ended([])],
    ],
    ["only at the very end", [added, responsesWire.ended([call(args)])]],
    ["at the very end, {} before", [added, doneWith("{}"), responsesWire.ended([call(args)])]],
    ["in pieces, {} at every end", [added, delta, doneWith("{}"), responsesWire.ended([call("{}")])]],
    [
      "in pieces under an index of their own",
      [added, { ...delta, output_index: 1, item_id: "fc_call_1" }, responsesWire.ended([])],
    ],
    ["in pieces, nothing at the end", [added, delta, responsesWire.ended([call("")])]],
  ])("[C6] %s, they are the arguments", async (_, events) => {
    await using server = await serve(responsesLane, responses.whole(events));
    const stream = streamOf(responsesLane, { client: server.client, tools: [zone] })();
    const uses = (await collect(stream)).flatMap(([, use]) => (use ? [[use.name, use.args]] : []));
    expect(uses).toEqual([set("x")]);
    const response = stream.constructCallResponse();
    expect(response.toolCalls).toMatchObject([{ id: "call_1", input: args }]);
    await using next = await serve(responsesLane, { text: "Done." });
    const messages = [{ role: "user", content: "Go" }, response.message, { role: "user", content: "On" }];
    await streamlessly(responsesLane, next.client, messages);
    expect(next.turns().flatMap(({ calls }) => calls)).toEqual([{ id: "call_1", name: "zone", args: { zone: "x" } }]);
  });
});

async function streamlessly(lane: Lane, client: object, messages: readonly object[]): Promise<void> {
  await (lane.call(lane.model, { client }, () => ({ messages })) as () => Promise<unknown>)();
}

describe.each([geminiLane, vertexLane])("$name: what comes again", (lane) => {
  const called = (id: string | undefined, args: Record<string, unknown>) => ({
    functionCall: { ...(id && { id }), name: "zone", args },
  });
  const served = (...events: readonly Json[]) => fault.whole(fault.sse(...events));

  async function usesOf(...events: readonly Json[]) {
    await using server = await serve(lane, served(...events));
    const stream = streamOf(lane, { client: server.client, tools: [zone] })();
    await collect(stream);
    return stream.constructCallResponse().tools?.map(({ name, args }) => [name, args]);
  }

  test("[C1] a known id is one call, [C4] and its whole arguments stand", async () => {
    const x = { zone: "x" };
    expect(await usesOf(event([called("a", x)]), event([called("a", x)], "STOP"))).toEqual([set("x")]);
    expect(await usesOf(event([called("a", x), called("a", {})], "STOP"))).toEqual([set("x")]);
    const pieces = (value: string, willContinue: boolean) => ({
      functionCall: {
        id: "a",
        name: "zone",
        partialArgs: [{ jsonPath: "$.zone", stringValue: value, willContinue }],
        willContinue,
      },
    });
    expect(await usesOf(event([pieces("x", true)]), event([pieces("y", false)], "STOP"))).toEqual([set("xy")]);
  });

  test("[C3] calls without ids, and of several ids, are several", async () => {
    const [x, y] = [{ zone: "x" }, { zone: "y" }];
    expect(await usesOf(event([called(undefined, x)]), event([called(undefined, x)], "STOP"))).toEqual([
      set("x"),
      set("x"),
    ]);
    expect(await usesOf(event([called("a", x), called("b", y)], "STOP"))).toEqual([set("x"), set("y")]);
  });

  test("[C8] a reason, then more without one, is no end", async () => {
    const [hi, more] = [event([{ text: "Hi." }], "STOP"), event([{ text: "More." }])];
    for (const events of [
      [hi, more],
      [hi, event([called("a", { zone: "x" })])],
      [event([{ text: "" }], "STOP"), more],
    ]) {
      await using server = await serve(lane, served(...events));
      const stream = streamOf(lane, { client: server.client, tools: [zone] })();
      expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_ended_early" });
    }
    for (const events of [
      [hi, more, event([{ text: "" }], "STOP")],
      [hi, event([{ text: "" }])],
      [hi, event(undefined)],
    ]) {
      await using server = await serve(lane, served(...events));
      const stream = streamOf(lane, { client: server.client })();
      await collect(stream);
      expect(stream.constructCallResponse().stopReason).toBe("stop");
    }
  });
});
