import { describe, expect, test } from "vitest";
import { UnsupportedError } from "../../src/errors/errors.ts";
import { loadHistory, saveHistory } from "../../src/message/history.ts";
import { Messages } from "../../src/message/message.ts";
import type { Message } from "../../src/message/parts.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, serve, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

const said = { text: "Hello there, you!" };

describe.each(lanes)("$name: text", (lane) => {
  // checklist: 69, 71, 72, 73, 74, 75, 78, 85
  test("an answer has its text, reason, id, model, tokens, cost and times", async () => {
    await using server = await serve(lane, said);
    const before = Date.now();
    const response = await ask(lane, { client: server.client })();
    expect(response).toMatchObject({ content: "Hello there, you!", stopReason: "stop", id: lane.id });
    expect(response).toMatchObject({
      model: lane.model,
      provider: lane.provider.name,
      inputTokens: 10,
      outputTokens: 5,
    });
    expect(response.finishReasons).toEqual([expect.any(String)]);
    expect(response.usage).toBeTypeOf("object");
    if (lane.free) expect(response.cost).toBe(0);
    else expect(response.cost).toBeGreaterThan(0);
    expect(response.cost).toBeLessThan(0.01);
    expect([response.tools, response.toolCalls, response.tool, response.thinking, response.refusal]).toEqual(
      Array(5).fill(undefined),
    );
    expect(`${response}`).toBe("Hello there, you!");
    expect(before <= response.startTime && response.startTime <= response.endTime).toBe(true);
    expect(response.endTime).toBeLessThanOrEqual(Date.now());
  });

  // checklist: 93, 94, 96, 97, 100, 101, 102, 106, 108
  test("a stream gives the same, piece by piece", async () => {
    await using server = await serve(lane, said);
    const { client } = server;
    const stream = streamOf(lane, { client })();
    expect(() => stream.constructCallResponse()).toThrow("has not come to its end");
    const steps = await collect(stream);
    expect(steps.length).toBeGreaterThan(4);
    expect(steps.map(([chunk]) => chunk.content).join("")).toBe("Hello there, you!");
    for (const [chunk, tool] of steps) expect([typeof chunk.chunk, tool]).toEqual(["object", undefined]);
    const [whole, plain] = [stream.constructCallResponse(), await ask(lane, { client })()];
    const same = ["content", "finishReasons", "stopReason", "model", "id", "tokens", "cost", "message"] as const;
    for (const key of same) expect([key, whole[key]]).toEqual([key, plain[key]]);
    for (const key of ["content", "finishReasons", "model", "id", "inputTokens", "outputTokens", "cost"] as const) {
      expect([key, stream[key]]).toEqual([key, plain[key]]);
    }
    expect((stream.startTime ?? 0) <= (stream.endTime ?? 0)).toBe(true);
    expect(stream.spent).toMatchObject({ cost: plain.cost, estimated: false });
  });

  // checklist: 69, 71
  test("an answer cut off by the limit says so", async () => {
    await using server = await serve(lane, { text: "Hel", finish: "length" });
    const stream = streamOf(lane, { client: server.client })();
    await collect(stream);
    for (const response of [await ask(lane, { client: server.client })(), stream.constructCallResponse()]) {
      expect(response).toMatchObject({ content: "Hel", stopReason: "length" });
    }
  });

  // checklist: 152
  // faults: 39
  test.runIf(lane.traits.thinking)(
    "thoughts are no content, whole and streamed, and go back with the turn",
    async () => {
      const thought = { thinking: "First I count.", text: "Four." };
      await using server = await serve(lane, thought);
      const { client } = server;
      const stream = streamOf(lane, { client })();
      await collect(stream);
      for (const response of [await ask(lane, { client })(), stream.constructCallResponse()]) {
        expect([response.content, response.thinking]).toEqual(["Four.", "First I count."]);
        await ask(lane, { client }, () => ({
          messages: [Messages.user("?"), response.messageParam, Messages.user("!")],
        }))();
        expect(server.turns(-1).map(({ text }) => text)).toContain("Four.");
        await ask(lane, { client }, () => [Messages.user("?"), response.message, Messages.user("!")])();
        expect(server.body(-1)).toEqual(server.body(-2));
      }
      expect(stream.thinking).toBe("First I count.");
    },
  );
});

describe.each(lanes)("$name: conversations", (lane) => {
  // checklist: 4, 56, 57
  test("keep every role; system prompts are taken wherever they stand", async () => {
    await using server = await serve(lane, said);
    const turns = [
      Messages.system("Be brief."),
      Messages.user("One?"),
      Messages.assistant("Yes."),
      Messages.system("Be kind."),
      Messages.user("Two?"),
    ];
    await ask(lane, { client: server.client }, () => turns)();
    const sent = server.turns();
    expect(sent.filter(({ role }) => role !== "system").map(({ role, text }) => [role, text])).toEqual([
      ["user", "One?"],
      ["assistant", "Yes."],
      ["user", "Two?"],
    ]);
    const systems = sent.filter(({ role }) => role === "system").map(({ text }) => text);
    if (!lane.traits.systemField) expect(systems).toEqual(["Be brief.", "Be kind."]);
    // What the field joins by is the provider's: nothing, or a blank line.
    else expect(systems.map((text) => text.replace("\n\n", ""))).toEqual(["Be brief.Be kind."]);
  });

  test("a system prompt alone is sent, or refused by name where it has a field of its own", async () => {
    await using server = await serve(lane, said);
    const alone = () => [Messages.system("Be brief.")];
    if (lane.traits.systemField) {
      const error = await thrownBy(() => ask(lane, { client: server.client }, alone)());
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ provider: lane.provider.name, feature: "a prompt of system messages only" });
    } else await ask(lane, { client: server.client }, alone)();
    expect(server.turns()).toMatchObject(lane.traits.systemField ? [] : [{ role: "system", text: "Be brief." }]);
  });

  // checklist: 77, 84
  test("go on: the answer's own message comes back in the next request, from a call and from a stream", async () => {
    await using server = await serve(lane, said);
    const { client } = server;
    const first = await ask(lane, { client })();
    const stream = streamOf(lane, { client })();
    await collect(stream);
    for (const turn of [first.messageParam, first.message, stream.messageParam, stream.message]) {
      const next = await ask(lane, { client }, () => ({
        messages: [Messages.user("Hi"), turn, Messages.user("And?")],
      }))();
      expect(server.turns(-1).map(({ role, text }) => [role, text])).toEqual([
        ["user", "Hi"],
        ["assistant", "Hello there, you!"],
        ["user", "And?"],
      ]);
      expect(next.userMessageParam).toEqual(next.messages.at(-1));
    }
  });

  // checklist: 54, 91
  test("survive being saved as JSON, native turns included", async () => {
    await using server = await serve(lane, said);
    const { client } = server;
    const first = await ask(lane, { client })();
    const history = [Messages.user("Hi"), first.message, lane.native.user("And?")];
    const stored = JSON.stringify(saveHistory(history));
    await ask(lane, { client }, () => ({ messages: history }))();
    await ask(lane, { client }, () => ({ messages: loadHistory(JSON.parse(stored)) }))();
    expect(server.body(2)).toEqual(server.body(1));
  });

  // checklist: 91
  test.each(lanes.map((other) => [other.name, other] as const))("take over what %s said", async (_, other) => {
    const call = { id: "call_1", name: "add", args: '{"a":1}' };
    await using before = await serve(other, { text: "Let me see.", toolCalls: [call] });
    const { message } = await ask(other, { client: before.client })();
    const result: Message = {
      role: "tool",
      content: [{ type: "tool_result", id: "call_1", name: "add", content: "2" }],
    };
    await using server = await serve(lane, said);
    await ask(lane, { client: server.client }, () => [Messages.user("Hi"), message, result])();
    const [user, assistant, tool] = server.turns();
    expect(user?.text).toBe("Hi");
    expect(assistant).toMatchObject({
      role: "assistant",
      text: "Let me see.",
      calls: [{ name: "add", args: { a: 1 } }],
    });
    expect(tool?.results).toEqual([{ id: assistant?.calls[0]?.id, text: expect.stringContaining("2") }]);
  });
});
