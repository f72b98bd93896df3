import type { JSONSchema7 } from "@ai-sdk/provider";
import { tool as aiTool, generateText, jsonSchema, Output, stepCountIs, streamText } from "ai";
import { describe, expect, test } from "vitest";
import { type ConversationCall, languageModel } from "../../src/ai-sdk/index.ts";
import type { Message } from "../../src/message/parts.ts";
import { thrownBy } from "../support/replay.ts";
import { type Lane, type SaidCall, serve } from "./lane.ts";
import { lanes, networkLanes } from "./lanes/index.ts";

// A call on every provider as a model of the AI SDK, over HTTP: what its functions are given, and what is sent for them.

const schema: JSONSchema7 = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const weather = aiTool({
  description: "Tells the weather.",
  inputSchema: jsonSchema<{ city: string }>(schema),
  execute: async ({ city }) => `Clear in ${city}.`,
});
const now = aiTool({ inputSchema: jsonSchema({ type: "object", properties: {} }), execute: async () => "noon" });
const oslo: SaidCall = { id: "callABCD1", name: "weather", args: '{"city":"Oslo"}' };

const modelOf = (lane: Lane, client: object) =>
  languageModel(
    lane.call(lane.model, { client }, (messages: readonly Message[]) => messages) as unknown as ConversationCall,
  );

describe.each(lanes)("$name: as a model of the AI SDK", (lane) => {
  test("answers: text, usage, reason, model, whole and streamed", async () => {
    await using server = await serve(lane, { text: "A book." });
    const options = { model: modelOf(lane, server.client), system: "Be brief.", prompt: "Hi" };
    const whole = await generateText(options);
    const streamed = streamText(options);
    let said = "";
    for await (const piece of streamed.textStream) said += piece;
    for (const [text, usage, reason, response] of [
      [whole.text, whole.usage, whole.finishReason, whole.response],
      [said, await streamed.usage, await streamed.finishReason, await streamed.response],
    ] as const) {
      expect([text, reason]).toEqual(["A book.", "stop"]);
      expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
      expect(response.modelId).toBe(lane.model);
    }
    expect(whole.providerMetadata?.callscope).toMatchObject({ provider: lane.provider.name, attempts: 0 });
    for (const index of [0, 1]) {
      expect(server.turns(index).map(({ role, text }) => [role, text])).toEqual([
        ["system", "Be brief."],
        ["user", "Hi"],
      ]);
    }
  });

  test("runs the SDK's tools to the end, whole and streamed: calls and results go back as in a loop of ours", async () => {
    const steps = [{ toolCalls: [oslo] }, { text: "It is clear." }];
    await using server = await serve(lane, ...steps, ...steps);
    const options = {
      model: modelOf(lane, server.client),
      prompt: "Oslo?",
      tools: { weather, now },
      stopWhen: stepCountIs(4),
    };
    const whole = await generateText(options);
    expect(whole.text).toBe("It is clear.");
    expect(whole.steps[0]?.toolCalls).toMatchObject([
      { toolCallId: oslo.id, toolName: "weather", input: { city: "Oslo" } },
    ]);
    const streamed = streamText(options);
    const types: string[] = [];
    for await (const { type } of streamed.fullStream) types.push(type);
    expect(await streamed.text).toBe("It is clear.");
    for (const type of ["tool-input-start", "tool-input-delta", "tool-input-end", "tool-call", "tool-result"]) {
      expect(types).toContain(type);
    }
    expect(types).not.toContain("error");
    for (const index of [1, 3]) {
      const [user, turn, given, ...more] = server.turns(index);
      expect([user?.text, more]).toEqual(["Oslo?", []]);
      expect(turn?.calls).toMatchObject([{ name: "weather", args: { city: "Oslo" } }]);
      expect(given?.results.map(({ text }) => text)).toEqual([expect.stringContaining("Clear in Oslo.")]);
      expect(given?.results.map(({ id }) => id)).toEqual(turn?.calls.map(({ id }) => id));
    }
    expect(server.requests).toHaveLength(4);
  });

  test("must call a tool where the SDK wants one, the one it names, or none", async () => {
    await using server = await serve(lane, { toolCalls: [oslo] }, { toolCalls: [oslo] }, { text: "No." });
    const options = { model: modelOf(lane, server.client), prompt: "Oslo?", tools: { weather, now } };
    const required = await generateText({ ...options, toolChoice: "required", stopWhen: stepCountIs(1) });
    expect(required.toolCalls).toMatchObject([{ toolName: "weather", input: { city: "Oslo" } }]);
    const named = await generateText({
      ...options,
      toolChoice: { type: "tool", toolName: "weather" },
      stopWhen: stepCountIs(1),
    });
    expect(named.finishReason).toBe("tool-calls");
    expect(named.toolCalls).toMatchObject([{ toolName: "weather" }]);
    await generateText({ ...options, toolChoice: "none" });
    const [first, second, third] = server.requests.map(({ text }) => text);
    expect(first).toContain('"now"');
    expect(first).toMatch(/"required"|"any"|"ANY"|REQUIRED|"anyOf"|Answer only by calling/);
    expect(second).not.toContain('"now"');
    expect(third).not.toContain('"weather"');
  });

  test("gives the SDK's structured outputs, whole and as they grow", async () => {
    await using server = await serve(lane, { text: '{"city":"Oslo"}' });
    const output = Output.object({ schema: jsonSchema<{ city: string }>(schema), name: "place" });
    const options = { model: modelOf(lane, server.client), prompt: "Oslo?", output };
    expect((await generateText(options)).output).toEqual({ city: "Oslo" });
    const streamed = streamText(options);
    let last: unknown;
    for await (const partial of streamed.partialOutputStream) last = partial;
    expect(last).toEqual({ city: "Oslo" });
    expect(server.requests[0]?.text).toContain("city");
    expect(server.requests[1]?.text).toContain("city");
  });
});

describe.each(networkLanes)("$name: failures as a model of the AI SDK", (lane) => {
  test("are the objects that the provider's SDK threw, whole and streamed, and are not sent again", async () => {
    await using server = await serve(lane, lane.error(401));
    const model = modelOf(lane, server.client);
    const error = await thrownBy(() => generateText({ model, prompt: "Hi" }));
    expect(error).toBeInstanceOf(lane.errorClass(401));
    const seen: unknown[] = [];
    const streamed = streamText({ model, prompt: "Hi", onError: ({ error }) => void seen.push(error) });
    await streamed.consumeStream();
    expect(seen).toEqual([expect.any(lane.errorClass(401))]);
    expect(server.requests).toHaveLength(2);
  });

  test("in the middle of a stream are an error after the text that came", async () => {
    await using server = await serve(lane, (answer) => {
      const { opening, pieces } = lane.script({ text: "Half of it" });
      const type = typeof opening[0] === "string" ? "text/event-stream" : "application/vnd.amazon.eventstream";
      answer.send(
        200,
        { "content-type": type },
        Buffer.concat([...opening, ...pieces].map((event) => Buffer.from(event))),
      );
    });
    const seen: unknown[] = [];
    const streamed = streamText({
      model: modelOf(lane, server.client),
      prompt: "Hi",
      onError: ({ error }) => void seen.push(error),
    });
    let said = "";
    for await (const piece of streamed.textStream) said += piece;
    expect(said).toBe("Half of it");
    expect(seen).toHaveLength(1);
    expect(await streamed.finishReason).toBe("error");
  });
});
