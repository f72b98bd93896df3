import { createOpenAI } from "@ai-sdk/openai";
import { tool as aiTool, generateText, jsonSchema as schemaOf, streamText, type ToolSet } from "ai";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { aiSdk, languageModel } from "../../src/ai-sdk/index.ts";
import type { StopReason } from "../../src/contract/provider.ts";
import { openai, responses } from "../../src/providers/openai/index.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { tool } from "../../src/tools/tool.ts";
import { chatTruth } from "../support/chat-replay.ts";
import { describeRecordings, type RecordedResponse } from "../support/recordings.ts";
import { isStream, type Json, thrownBy } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";
import { responseTruth } from "../support/responses-replay.ts";

// OpenAI's recorded answers, read by the AI SDK's own provider behind our call, and by our call behind the AI SDK's
// functions: what both make of the bytes is held against the bytes, and what both send against whole bodies.

const model = "gpt-4o-mini";
const key = "sk-secret";
const schema = { type: "object" as const, properties: { a: { type: "string" as const } } };

/** What the recorded bytes say, whoever reads them. */
interface Truth {
  /** Its text; where it declined, its words for that, which the AI SDK has as text, too. */
  readonly text: string;
  readonly declined: boolean;
  readonly thoughts: string;
  readonly finish: string | undefined;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cached: number | undefined;
  readonly reasoning: number | undefined;
}

function chat(response: RecordedResponse): Truth {
  const { content, reasoning, refusal, finishReasons, toolCalls, usage = {} } = chatTruth(response);
  return {
    text: content + refusal,
    declined: refusal !== "",
    thoughts: reasoning,
    finish: finishReasons[0],
    calls: toolCalls.map(({ id, name, arguments: input }) => ({ id, name, input })),
    input: usage.prompt_tokens as number | undefined,
    output: usage.completion_tokens as number | undefined,
    cached: (usage.prompt_tokens_details as Json | undefined)?.cached_tokens as number | undefined,
    reasoning: (usage.completion_tokens_details as Json | undefined)?.reasoning_tokens as number | undefined,
  };
}

function ofResponses(response: RecordedResponse): Truth {
  const { content, reasoning, refusal, toolCalls, usage = {} } = responseTruth(response);
  return {
    text: content + refusal,
    declined: refusal !== "",
    thoughts: reasoning,
    finish: undefined,
    calls: toolCalls,
    input: usage.input_tokens as number | undefined,
    output: usage.output_tokens as number | undefined,
    cached: (usage.input_tokens_details as Json | undefined)?.cached_tokens as number | undefined,
    reasoning: (usage.output_tokens_details as Json | undefined)?.reasoning_tokens as number | undefined,
  };
}

const stops: Readonly<Record<string, StopReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
};

interface Wire {
  readonly truth: (response: RecordedResponse) => Truth;
  readonly api: "chat" | "responses";
  /** What the AI SDK's provider sends for our call, and our provider for the AI SDK's function. */
  readonly theirs: (tools: readonly Json[]) => Json;
  readonly ours: (tools: readonly Json[]) => Json;
}

const wires: Readonly<Record<"chat" | "responses", Wire>> = {
  chat: {
    truth: chat,
    api: "chat",
    theirs: (tools) => ({
      model,
      messages: [{ role: "user", content: "Hi" }],
      ...(tools.length > 0 && {
        tools: tools.map((one) => ({ type: "function", function: one })),
      }),
    }),
    ours: (tools) => ({
      model,
      messages: [{ role: "user", content: "Hi" }],
      ...(tools.length > 0 && { tools: tools.map((one) => ({ type: "function", function: one })) }),
    }),
  },
  responses: {
    truth: ofResponses,
    api: "responses",
    theirs: (tools) => ({
      model,
      input: [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }],
      ...(tools.length > 0 && { tools: tools.map((one) => ({ type: "function", ...one, strict: false })) }),
    }),
    ours: (tools) => ({
      model,
      input: [{ role: "user", content: "Hi" }],
      ...(tools.length > 0 && { tools: tools.map((one) => ({ type: "function", ...one, strict: false })) }),
    }),
  },
};

/** Of the answers that both can be asked for: what OpenAI runs by itself, and calls of custom tools, need tools of its own. */
function isPlain(response: RecordedResponse): boolean {
  if (response.status !== 200) return false;
  const text = JSON.stringify(response);
  return !/custom_tool_call|mcp_|web_search_call|tool_search|file_search|code_interpreter|image_generation|local_shell|computer_call|"audio":\{|\\"audio\\":\{/.test(
    text,
  );
}

for (const [folder, wire] of [
  ["openai", wires.chat],
  ["openai-responses", wires.responses],
] as const) {
  describeRecordings(
    folder,
    ({ exchanges }) => {
      const answers = exchanges.map(({ response }) => response).filter(isPlain);
      test.each(answers.map((response, index) => [index, response] as const))("answer %i", async (_, response) => {
        await throughTheirs(wire, response);
        await throughOurs(wire, response);
      });
    },
    ({ exchanges }) => exchanges.some(({ response }) => isPlain(response)),
  );
}

async function throughTheirs({ truth, api, theirs }: Wire, response: RecordedResponse) {
  const { text, declined, thoughts, finish, calls, input, output, cached, reasoning } = truth(response);
  const names = [...new Set(calls.map(({ name }) => name))];
  await using server = await startReplay([{ request: null, response }]);
  const client = createOpenAI({ apiKey: key, baseURL: server.url })[api](model);
  const tools = names.map((name) => tool({ name, parameters: jsonSchema(schema), call: () => "" }));
  const stream = isStream(response);
  const read = await (async () => {
    if (!stream) return aiSdk.call(client, { tools }, () => "Hi")();
    const streamed = aiSdk.call(client, { tools, stream: true }, () => "Hi")();
    let said = "";
    for await (const [chunk] of streamed) said += chunk.content;
    expect(said).toBe(streamed.content);
    return streamed.constructCallResponse();
  })();
  expect(read.content).toBe(text);
  expect(read.thinking ?? "").toBe(thoughts);
  expect(read.toolCalls?.map(({ id, name, input: args }) => ({ id, name, input: args })) ?? []).toEqual(calls);
  if (finish !== undefined) expect(read.finishReasons).toEqual([finish]);
  const stop = calls.length > 0 ? "tool_calls" : (stops[finish ?? "stop"] ?? "other");
  expect(read.stopReason).toBe(declined ? "content_filter" : stop);
  expect([read.inputTokens, read.outputTokens]).toEqual([input, output]);
  if (cached !== undefined) expect(read.tokens.cacheRead).toBe(cached);
  if (reasoning !== undefined) expect(read.tokens.reasoning).toBe(reasoning);
  const sent = theirs(names.map((name) => ({ name, parameters: schema })));
  const options = api === "chat" ? { stream: true, stream_options: { include_usage: true } } : { stream: true };
  expect(server.requests.map(({ body }) => body)).toEqual([{ ...sent, ...(stream && options) }]);
}

async function throughOurs({ truth, api, ours }: Wire, response: RecordedResponse) {
  const { text, declined, thoughts, finish, calls, input, output, cached, reasoning } = truth(response);
  const names = [...new Set(calls.map(({ name }) => name))];
  await using server = await startReplay([{ request: null, response }]);
  const client = new OpenAI({ apiKey: key, baseURL: server.url, maxRetries: 0 });
  const call = api === "chat" ? openai.call(model, { client }) : responses.call(model, { client });
  const tools: ToolSet = Object.fromEntries(names.map((name) => [name, aiTool({ inputSchema: schemaOf(schema) })]));
  const options = { model: languageModel(call), prompt: "Hi", maxRetries: 0, tools };
  const stream = isStream(response);
  const read = await (async () => {
    if (!stream) return generateText(options);
    const streamed = streamText(options);
    let said = "";
    for await (const piece of streamed.textStream) said += piece;
    const [reasoningText, toolCalls, usage] = await Promise.all([
      streamed.reasoningText,
      streamed.toolCalls,
      streamed.usage,
    ]);
    return { text: said, reasoningText, toolCalls, usage, finishReason: await streamed.finishReason };
  })();
  expect(read.text).toBe(text);
  expect(read.reasoningText ?? "").toBe(thoughts);
  const seen = read.toolCalls.map(({ toolCallId, toolName, input: args }) => ({
    id: toolCallId,
    name: toolName,
    input: args,
  }));
  expect(seen).toEqual(calls.map((one) => ({ ...one, input: JSON.parse(one.input || "{}") as unknown })));
  const stop = stops[finish ?? "stop"] ?? "other";
  expect(read.finishReason).toBe(
    declined ? "content-filter" : calls.length > 0 ? "tool-calls" : stop.replace("_", "-"),
  );
  expect([read.usage.inputTokens, read.usage.outputTokens]).toEqual([input, output]);
  if (cached) expect(read.usage.inputTokenDetails.cacheReadTokens).toBe(cached);
  if (reasoning) expect(read.usage.outputTokenDetails.reasoningTokens).toBe(reasoning);
  const sent = ours(names.map((name) => ({ name, parameters: schema })));
  const streaming = api === "chat" ? { stream: true, stream_options: { include_usage: true } } : { stream: true };
  expect(server.requests.map(({ body }) => body)).toEqual([{ ...sent, ...(stream && streaming) }]);
}

// What OpenAI refuses is thrown by the AI SDK's provider, and by OpenAI's own client: each its own object.
describeRecordings(
  "openai",
  ({ exchanges }) => {
    test("the refusal is the object that its SDK threw", async () => {
      const refused = exchanges.filter(({ response }) => response.status >= 400);
      const [exchange] = refused;
      if (exchange === undefined) throw new Error("There should be a refusal.");
      const { response } = exchange;
      await using server = await startReplay(Array(4).fill({ request: null, response }));
      const theirs = createOpenAI({ apiKey: key, baseURL: server.url }).chat(model);
      for (const stream of [false, true]) {
        const error = await thrownBy(async () => {
          if (!stream) return aiSdk.call(theirs, () => "Hi")();
          for await (const _ of aiSdk.call(theirs, { stream: true }, () => "Hi")());
        });
        expect(error).toMatchObject({ name: "AI_APICallError", statusCode: response.status });
      }
      const client = new OpenAI({ apiKey: key, baseURL: server.url, maxRetries: 0 });
      const ours = languageModel(openai.call(model, { client }));
      const thrown = await thrownBy(() => generateText({ model: ours, prompt: "Hi" }));
      expect(thrown).toBeInstanceOf(OpenAI.APIError);
      const seen: unknown[] = [];
      const result = streamText({ model: ours, prompt: "Hi", onError: ({ error }) => void seen.push(error) });
      await result.consumeStream();
      expect(seen).toEqual([expect.any(OpenAI.APIError)]);
      expect(seen).toMatchObject([{ status: response.status }]);
    });
  },
  ({ exchanges }) => exchanges.some(({ response }) => response.status >= 400),
);
