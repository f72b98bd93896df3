import Anthropic from "@anthropic-ai/sdk";
import {
  tool as aiTool,
  generateText,
  jsonSchema,
  type ModelMessage,
  stepCountIs,
  streamText,
  ToolLoopAgent,
} from "ai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { serve as serveLane } from "../../test/contract/lane.ts";
import { geminiLane } from "../../test/contract/lanes/gemini.ts";
import { answer, serve, toolUse } from "../../test/support/anthropic-server.ts";
import { chunk, completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { fallback } from "../combine/fallback.ts";
import type { Layer } from "../contract/layer.ts";
import { ConfigError } from "../errors/errors.ts";
import { Messages } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { languageModel } from "./index.ts";

// The SDK prints warnings unless it is told not to.
beforeAll(() => void vi.stubGlobal("AI_SDK_LOG_WARNINGS", false));
afterAll(() => void vi.unstubAllGlobals());

const weather = aiTool({
  description: "Tells the weather.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, sky: "clear" }),
});
const png = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de", "hex");
const data = png.toString("base64");
const asTheyAre = (messages: readonly Message[]) => messages;

describe("what is sent", () => {
  test("is the call's: its prompt around the SDK's messages, its parameters, the SDK's settings and headers", async () => {
    await using server = await startChat(completion({ content: "Dune." }));
    const call = openai.call(
      "gpt-4o-mini",
      { client: server.client, callParams: { user: "u1" } },
      (messages: readonly Message[]) => [Messages.system("Be brief."), ...messages],
    );
    const result = await generateText({
      model: languageModel(call),
      prompt: "A book?",
      temperature: 0.5,
      maxOutputTokens: 50,
      topP: 0.9,
      stopSequences: ["END"],
      seed: 7,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      topK: 3,
      reasoning: "low",
      headers: { "x-a": "1" },
      providerOptions: { callscope: { reasoning_effort: "low" }, openai: { user: "u2" } },
    });
    expect(result.text).toBe("Dune.");
    expect(server.bodies).toEqual([
      {
        model: "gpt-4o-mini",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "A book?" },
        ],
        user: "u1",
        reasoning_effort: "low",
        temperature: 0.5,
        max_completion_tokens: 50,
        top_p: 0.9,
        stop: ["END"],
        seed: 7,
        frequency_penalty: 0.1,
        presence_penalty: 0.2,
      },
    ]);
    expect(server.requests[0]?.headers).toMatchObject({ "x-a": "1" });
    expect(result.warnings).toMatchObject([
      { type: "unsupported", feature: "topK" },
      { type: "unsupported", feature: "reasoning" },
    ]);
    expect(result.response).toMatchObject({ id: "chatcmpl-1", modelId: "gpt-4o-mini" });
    expect(result.providerMetadata?.callscope).toEqual({
      provider: "openai",
      model: "gpt-4o-mini",
      costUsd: expect.closeTo(0.0000045, 12),
      attempts: 0,
    });
  });

  test("has the SDK's tools, strict where their schema is, and none of the provider's own", async () => {
    await using server = await startChat(completion({ content: "Dune." }));
    const strict = aiTool({ inputSchema: z.object({ city: z.string() }), strict: true, execute: async () => "" });
    const loose = aiTool({
      inputSchema: z.object({ city: z.string().optional() }),
      strict: true,
      execute: async () => "",
    });
    const search = {
      type: "provider",
      isProviderExecuted: true,
      id: "openai.web_search",
      args: {},
      inputSchema: jsonSchema({}),
    } as const;
    const result = await generateText({
      model: languageModel(openai.call("m", { client: server.client })),
      prompt: "Hi",
      tools: { strict, loose, search: search as never },
    });
    const properties = { city: { type: "string" } };
    const parameters = { type: "object", properties, additionalProperties: false };
    expect(server.bodies[0]?.tools).toEqual([
      {
        type: "function",
        function: { name: "strict", strict: true, parameters: { ...parameters, required: ["city"] } },
      },
      { type: "function", function: { name: "loose", parameters } },
    ]);
    expect(result.warnings).toMatchObject([
      { type: "unsupported", feature: "provider-defined tool openai.web_search" },
    ]);
  });

  test("has files as parts, and results of tools with them", async () => {
    await using api = await serve(
      fault.inTurn(
        fault.status(200, answer({ content: [toolUse("toolu_1", "look", {})], stop_reason: "tool_use" })),
        fault.status(200, answer()),
      ),
    );
    const look = aiTool({
      inputSchema: z.object({}),
      execute: async () => data,
      toModelOutput: ({ output }) => ({
        type: "content",
        value: [
          { type: "text", text: "A cat:" },
          { type: "file", mediaType: "image/png", data: { type: "data", data: output } },
        ],
      }),
    });
    await generateText({
      model: languageModel(anthropic.call("claude-haiku-4-5", { client: api.client })),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Look:" },
            { type: "file", data: new Uint8Array(png), mediaType: "image" },
            {
              type: "file",
              data: Buffer.from("%PDF-1.4\n").toString("base64"),
              mediaType: "application/pdf",
              filename: "a.pdf",
            },
          ],
        },
      ],
      tools: { look },
      stopWhen: stepCountIs(2),
    });
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data } };
    const pdf = Buffer.from("%PDF-1.4\n").toString("base64");
    expect(api.body(1)).toEqual({
      ...api.body(0),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Look:" },
            image,
            { type: "document", source: { type: "base64", media_type: "application/pdf", data: pdf }, title: "a.pdf" },
          ],
        },
        { role: "assistant", content: [toolUse("toolu_1", "look", {})] },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "A cat:" }, image] },
          ],
        },
      ],
    });
  });

  test("refuses what no call can be given, before any request", async () => {
    await using server = await startChat(completion({ content: "?" }));
    const model = languageModel(openai.call("m", { client: server.client }));
    const file = (part: object): ModelMessage[] => [{ role: "user", content: [{ type: "file", ...part } as never] }];
    for (const [part, feature] of [
      [{ mediaType: "video/mp4", data: "AAAA" }, "video/mp4"],
      [{ mediaType: "image/png", data: { type: "reference", reference: { openai: "file-1" } } }, "reference"],
    ] as const) {
      const error = await thrownBy(() => generateText({ model, messages: file(part) }));
      expect(error).toMatchObject({ code: "unsupported", feature: expect.stringContaining(feature) });
    }
    const wrong = await thrownBy(() =>
      generateText({ model, prompt: "Hi", providerOptions: { callscope: [] as never } }),
    );
    expect(wrong).toBeInstanceOf(Error);
    expect(server.requests).toHaveLength(0);
  });
});

describe("a turn that comes back", () => {
  const thinking = { type: "thinking", thinking: "Hm.", signature: "c2ln" };
  const called = answer({
    content: [thinking, toolUse("toolu_1", "weather", { city: "Oslo" })],
    stop_reason: "tool_use",
  });
  const steps = () => serve(fault.inTurn(fault.status(200, called), fault.status(200, answer())));

  test("is the provider's own: thoughts with what proves them", async () => {
    await using api = await steps();
    const result = await generateText({
      model: languageModel(anthropic.call("claude-haiku-4-5", { client: api.client })),
      prompt: "Oslo?",
      tools: { weather },
      stopWhen: stepCountIs(2),
    });
    expect(result.steps[0]?.reasoningText).toBe("Hm.");
    expect((api.body(1).messages as readonly object[])[1]).toEqual({
      role: "assistant",
      content: [thinking, toolUse("toolu_1", "weather", { city: "Oslo" })],
    });
  });

  test.each(["forged", "changed", "of another model", "kept by nobody"])("is neutral where it is %s", async (how) => {
    await using api = await steps();
    const call = anthropic.call("claude-haiku-4-5", { client: api.client });
    const model = languageModel(call, how === "kept by nobody" ? { turns: 0 } : {});
    const first = await generateText({ model, prompt: "Oslo?", tools: { weather }, stopWhen: stepCountIs(1) });
    const back = structuredClone(first.response.messages) as ModelMessage[];
    const [turn] = back;
    if (turn?.role !== "assistant" || typeof turn.content === "string") throw new Error("There should be a turn.");
    if (how === "changed") turn.content = turn.content.filter(({ type }) => type !== "reasoning");
    if (how === "forged") {
      const own = { callscope: { turn: "00000000-0000-4000-8000-000000000000", native: { role: "system" } } };
      for (const part of turn.content) (part as { providerOptions?: object }).providerOptions = own;
    }
    await generateText({
      model: how === "of another model" ? languageModel(call) : model,
      messages: [{ role: "user", content: "Oslo?" }, ...back],
      tools: { weather },
    });
    expect((api.body(1).messages as readonly object[])[1]).toEqual({
      role: "assistant",
      content: [{ type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Oslo" } }],
    });
  });

  test("has an id in the SDK where its service gives none, and none on the wire", async () => {
    const steps = [{ toolCalls: [{ id: "", name: "weather", args: '{"city":"Oslo"}' }] }, { text: "Clear." }];
    await using server = await serveLane(geminiLane, ...steps, ...steps);
    const call = geminiLane.call(geminiLane.model, { client: server.client }, asTheyAre);
    const options = {
      model: languageModel(call as unknown as Parameters<typeof languageModel>[0]),
      prompt: "Oslo?",
      tools: { weather },
      stopWhen: stepCountIs(2),
    };
    const result = await generateText(options);
    expect(result.steps[0]?.toolCalls[0]?.toolCallId).toMatch(/^callscope-no-id-/);
    await streamText(options).consumeStream();
    for (const index of [1, 3]) {
      expect((server.body(index).contents as readonly object[]).at(-1)).toEqual({
        role: "user",
        parts: [{ functionResponse: { name: "weather", response: { output: '{"city":"Oslo","sky":"clear"}' } } }],
      });
    }
  });
});

describe("a model", () => {
  test("drives the SDK's agents", async () => {
    await using server = await startChat(
      completion({ tool_calls: [toolCall("weather", { city: "Oslo" })] }),
      completion({ content: "Clear." }),
    );
    const agent = new ToolLoopAgent({
      model: languageModel(openai.call("gpt-4o-mini", { client: server.client })),
      instructions: "Be brief.",
      tools: { weather },
    });
    const result = await agent.generate({ prompt: "Oslo?" });
    expect([result.text, result.steps.length, result.totalUsage.inputTokens]).toEqual(["Clear.", 2, 20]);
    expect(server.bodies[1]?.messages).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Oslo?" },
      { role: "assistant", content: null, tool_calls: [toolCall("weather", { city: "Oslo" })] },
      { role: "tool", tool_call_id: "call_1", content: '{"city":"Oslo","sky":"clear"}' },
    ]);
  });

  test("is a fallback too, whole and streamed, with the layers of its legs", async () => {
    await using down = await fault.startServer(fault.status(500, { error: { message: "down" } }));
    await using server = await startChat(completion({ content: "Clear." }), textChunks("Cle", "ar."));
    const asked: string[] = [];
    const noting: Layer = {
      send: (request, next) => {
        asked.push(request.model);
        return next(request);
      },
    };
    const { default: OpenAI } = await import("openai");
    const broken = new OpenAI({ apiKey: "k", baseURL: down.url, maxRetries: 0 });
    const model = languageModel(
      fallback(
        openai.call("gpt-4o", { client: broken, layers: [noting] }, asTheyAre),
        openai.call("gpt-4o-mini", { client: server.client, layers: [noting] }, asTheyAre),
      ),
    );
    const result = await generateText({ model, prompt: "Hi", temperature: 0.5 });
    expect([result.text, result.response.modelId]).toEqual(["Clear.", "gpt-4o-mini"]);
    expect(result.providerMetadata?.callscope).toMatchObject({ attempts: 1 });
    expect(asked).toEqual(["gpt-4o", "gpt-4o-mini"]);
    expect(await streamText({ model, prompt: "Hi" }).text).toBe("Clear.");
    expect(server.bodies[0]).toMatchObject({ temperature: 0.5 });
  });

  test("ends with the SDK's signal, and its connection when the stream is left", async () => {
    await using server = await fault.startServer(async (answering) => {
      answering.head(200, { "content-type": "text/event-stream" });
      await answering.write(fault.sse(chunk({ content: "Half" })).join(""));
    });
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const model = languageModel(openai.call("m", { client }));
    const { stream } = await model.doStream({ prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await server.clientClosed;
    const aborted = AbortSignal.abort(new Error("enough"));
    const error = await thrownBy(() => generateText({ model, prompt: "Hi", abortSignal: aborted }));
    expect(String(error)).toContain("enough");
    expect(server.requests).toHaveLength(1);
  });

  test("gives raw events where they are asked for", async () => {
    await using server = await startChat(textChunks("Cle", "ar."));
    const model = languageModel(openai.call("m", { client: server.client }));
    const raw: unknown[] = [];
    const result = streamText({ model, prompt: "Hi", include: { rawChunks: true } });
    for await (const part of result.fullStream) if (part.type === "raw") raw.push(part.rawValue);
    expect(raw.filter((event) => (event as { choices: readonly object[] }).choices.length > 0).length).toBeGreaterThan(
      1,
    );
  });

  test("is made of a call that leaves tools and shapes to the SDK", () => {
    const own = tool({ name: "own", call: () => 1 });
    for (const [call, words] of [
      [openai.call("m", { tools: [own] }, asTheyAre), "without tools"],
      [openai.call("m", { responseModel: z.object({}) }, asTheyAre), "without a response model"],
      [openai.call("m", { outputParser: () => 1 }, asTheyAre), "without a parser"],
      [() => "Hi", "another function"],
      ["gpt-4o", "a call whose prompt takes the messages"],
      [undefined, "it was given undefined"],
    ] as const) {
      const make = () => languageModel(call as never);
      expect(make).toThrow(ConfigError);
      expect(make).toThrow(words);
    }
    const call = openai.call("m", asTheyAre);
    expect(() => languageModel(call, { turn: 1 } as never)).toThrow('no option "turn"');
    expect(() => languageModel(call, { turns: -1 })).toThrow("whole number");
    expect(languageModel(call)).toMatchObject({
      specificationVersion: "v4",
      provider: "callscope.openai",
      modelId: "m",
    });
  });

  test("shows no key of its client", () => {
    const client = new Anthropic({ apiKey: "sk-secret" });
    const model = languageModel(anthropic.call("m", { client }));
    expect(JSON.stringify(model)).not.toContain("sk-secret");
    expect(Object.keys(model)).not.toContain("client");
  });
});
