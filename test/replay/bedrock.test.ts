import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { bedrock } from "../../src/providers/bedrock/index.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import { type ConverseTruth, converseTruth } from "../support/converse.ts";
import { describeRecordings, type Exchange } from "../support/recordings.ts";
import { bodyOf, collect, deepFreeze, type Json, thrownBy } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";

// Every recording, exchange by exchange, over the SDK's own HTTP/2: the recorded messages and parameters through our
// API, the whole sent body and the decoded answer held against the recorded bytes. A body with native messages is
// equal to the last byte; one whose answers and tool results are our own may differ in this, and why:
const differences: readonly ((block: Json) => Json | undefined)[] = [
  // The service marks the calls of our tools `tool_use`; we send them back as they came, most clients leave it out.
  (block) => without(block, "toolUse", "type", "tool_use"),
  // Success is the default of a tool result: we leave it out.
  (block) => without(block, "toolResult", "status", "success"),
  // A tool's output is text with us; a recorded client sent its JSON as JSON.
  (block) => asJson(block),
  // A recorded client turned unsigned thoughts into text of its own.
  (block) => (String(block.text).startsWith("<think>") || "reasoningContent" in block ? undefined : block),
  // The SDK gives every text block; recorded clients left out what the model said before it called a tool.
  (block) => ("text" in block && !String(block.text).startsWith("<") ? undefined : block),
];

/** What is not replayed, and why. */
export const notReplayed = {
  "bedrock-invoke": "InvokeModel is another API, whose bodies are each model's own; Converse has no part in it.",
} as const;

function without(block: Json, kind: string, key: string, value: string): Json {
  const inner = block[kind] as Json | undefined;
  if (inner?.[key] !== value) return block;
  const { [key]: _, ...rest } = inner;
  return { [kind]: rest };
}

function asJson(block: Json): Json {
  const result = block.toolResult as { content: Json[] } | undefined;
  if (result === undefined) return block;
  return { toolResult: { ...result, content: result.content.map((item) => parsed(item.text) ?? item) } };
}

function parsed(text: unknown): Json | undefined {
  return typeof text === "string" && text.startsWith("{") ? { json: JSON.parse(text) } : undefined;
}

/** The messages without the differences above; an assistant's text counts only where it calls no tool. */
function meaning(messages: readonly Json[]): unknown {
  return messages.map(({ role, content }) => {
    const calls = (content as Json[]).some((block) => "toolUse" in block);
    const rules = calls ? differences : differences.slice(0, -1);
    const kept = (content as Json[]).flatMap((block) => {
      const left = rules.reduce<Json | undefined>((one, rule) => one && rule(one), block);
      return left === undefined ? [] : [left];
    });
    return { role, content: kept };
  });
}

/** A body as the SDK takes it: raw bytes where the wire has base64. */
function toSdk(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toSdk);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "bytes" ? new Uint8Array(Buffer.from(item as string, "base64")) : toSdk(item),
    ]),
  );
}

/** Recorded declarations as tools of ours, where each says no more than a tool of ours can. */
function toolsOf(toolConfig: Json | undefined): Tool[] | undefined {
  const tools = ((toolConfig?.tools ?? []) as { toolSpec?: Json }[]).map(({ toolSpec }) => {
    const schema = (toolSpec?.inputSchema as Json | undefined)?.json as Json;
    if (!toolSpec || (schema.description && !toolSpec.description)) return undefined;
    return tool({
      name: toolSpec.name as string,
      ...(toolSpec.description !== undefined && { description: toolSpec.description as string }),
      parameters: jsonSchema(schema, { validate: (value) => ({ value }) }),
      call: (args) => args,
    });
  });
  return tools.length > 0 && tools.every((one) => one !== undefined) ? tools : undefined;
}

/** US dollars a million tokens (https://aws.amazon.com/bedrock/pricing, seen 2026-11): input, output, cache read. */
const prices: Readonly<Record<string, readonly [number, number, number]>> = {
  "anthropic.claude-3-haiku-20240307-v1:0": [0.25, 1.25, 0.03],
  "anthropic.claude-3-5-sonnet-20240620-v1:0": [3, 15, 0.3],
  "us.anthropic.claude-3-7-sonnet-20250219-v1:0": [3, 15, 0.3],
  "us.anthropic.claude-sonnet-4-20250514-v1:0": [3, 15, 0.3],
  "amazon.nova-micro-v1:0": [0.035, 0.14, 0.00875],
  "amazon.nova-lite-v1:0": [0.06, 0.24, 0.015],
  // Regional profiles of the 4.5 generation cost a tenth more than global ones.
  "us.anthropic.claude-haiku-4-5-20251001-v1:0": [1.1, 5.5, 0.11],
  "us.anthropic.claude-sonnet-4-5-20250929-v1:0": [3.3, 16.5, 0.33],
};

/** Models the price list has no certain price for: no cost is right, 0 or a guess would be wrong. */
const unpriced = /^cohere\.command-r-v1/;

function expectAnswer(response: bedrock.CallResponse, truth: ConverseTruth, model: string): void {
  const { inputTokens, outputTokens, cacheReadInputTokens: read = 0, cacheWriteInputTokens: written = 0 } = truth.usage;
  expect(response.content).toBe(truth.content);
  expect(response.thinking ?? "").toBe(truth.thinking);
  expect(response.finishReasons).toEqual([truth.stopReason]);
  expect(response.id).toBe(truth.id);
  expect(response.model).toBe(model);
  expect(truth.usage).toMatchObject({ ...response.usage });
  expect(response.inputTokens).toBe((inputTokens ?? Number.NaN) + read + written);
  expect(response.outputTokens).toBe(outputTokens);
  expect(response.cachedTokens ?? 0).toBe(read);
  expect(response.toolCalls?.map(({ id, name, input }) => ({ id, name, input })) ?? []).toEqual(truth.toolCalls);
  expect(response.messageParam).toEqual(truth.message);
  expect(response.messageParam).toBe(response.response.output?.message);
  const price = prices[model];
  if (price === undefined) expect(response.cost === undefined).toBe(unpriced.test(model));
  else {
    const sum = (inputTokens ?? 0) * price[0] + (outputTokens ?? 0) * price[1] + read * price[2];
    expect(response.cost).toBeCloseTo(sum / 1e6, 10);
  }
  expect(JSON.parse(JSON.stringify(response))).toMatchObject({ content: truth.content, model, outputTokens });
}

const errorKinds: Readonly<Record<number, string>> = { 400: "invalid_request", 403: "authentication" };

function expectError(error: unknown, { status, headers }: Exchange["response"]): void {
  // A class the SDK exports, else its base class: `ExpiredTokenException` has none, and some lost their type header.
  const type = headers["x-amzn-errortype"]?.split(":")[0] ?? "";
  const known = type === "ValidationException" ? sdk.ValidationException : sdk.BedrockRuntimeServiceException;
  expect(error).toBeInstanceOf(known);
  expect(error).toMatchObject({ $metadata: { httpStatusCode: status } });
  if (type !== "") expect(error).toMatchObject({ name: type });
  const kind = String(error).includes("model identifier is invalid") ? "not_found" : errorKinds[status];
  expect(classify(error)).toMatchObject({ status, kind });
}

function modelOf({ request }: Exchange): string {
  const path = new URL(request?.url ?? "").pathname.split("/");
  return decodeURIComponent(path[2] ?? "");
}

/** Plays one exchange; `messages` are those to send, in the recorded request's place. */
async function play(client: sdk.BedrockRuntimeClient, exchange: Exchange, messages: unknown[]) {
  const { response } = exchange;
  const { messages: _, toolConfig, ...params } = toSdk(bodyOf(exchange)) as Json & { toolConfig?: Json };
  const tools = toolsOf(toolConfig);
  const { tools: __, ...choice } = toolConfig ?? {};
  const native = tools === undefined ? toolConfig : Object.keys(choice).length > 0 ? choice : undefined;
  // Recorded by clients of the same API, so of the SDK's shape.
  const callParams: bedrock.CallParams = deepFreeze<object>({ ...params, ...(native && { toolConfig: native }) });
  const model = modelOf(exchange);
  const prompt = () => ({ messages: deepFreeze(messages) as sdk.Message[] });
  const options = { client, callParams, tools: tools ?? [] };
  const streamed = exchange.request?.url.endsWith("converse-stream");
  const call = bedrock.call(model, options, prompt);
  const stream = bedrock.call(model, { ...options, stream: true }, prompt)();
  if (response.status >= 400) {
    expectError(await thrownBy(() => (streamed ? collect(stream) : call())), response);
    return undefined;
  }
  const truth = converseTruth(response);
  if (!streamed) {
    const answer = await call();
    const { $metadata: ___, ...body } = answer.response;
    expect((response as { body: unknown }).body).toMatchObject(body);
    expectAnswer(answer, truth, model);
    return answer;
  }
  const steps = await collect(stream);
  expect(steps.map(([{ chunk }]) => Object.keys(chunk))).toEqual(truth.events.map(({ type }) => [type]));
  for (const [index, [{ chunk }]] of steps.entries()) {
    const { type, data } = truth.events[index] as ConverseTruth["events"][number];
    expect({ [type]: data }).toMatchObject({ ...chunk });
  }
  expect(steps.map(([chunk]) => chunk.content).join("")).toBe(truth.content);
  expect(steps.map(([chunk]) => chunk.thinking ?? "").join("")).toBe(truth.thinking);
  const emitted = steps.flatMap(([, use]) =>
    use === undefined ? [] : [{ id: use.id, name: use.name, input: use.args }],
  );
  expect(emitted).toEqual(tools === undefined ? [] : truth.toolCalls);
  const whole = stream.constructCallResponse();
  expectAnswer(whole, truth, model);
  return whole;
}

/** The next request's messages: what was sent, the answer as we send it back, results and texts in our own form. */
function continued(sent: unknown[], answer: bedrock.CallResponse, next: Json[]): unknown[] {
  const built: unknown[] = [...sent, answer.messageParam];
  for (const message of next.slice(sent.length + 1)) {
    const results: [NonNullable<typeof answer.tool>, unknown][] = [];
    const rest = (message.content as Json[]).flatMap((block) => {
      const { toolUseId, content } = (block.toolResult ?? {}) as { toolUseId?: string; content?: Json[] };
      const use = answer.tools?.find(({ id }) => id === toolUseId);
      const output = content?.[0]?.text ?? content?.[0]?.json;
      if (use === undefined || output === undefined) return [block];
      results.push([use, output]);
      return [];
    });
    if (results.length > 0) built.push(...answer.toolMessageParams(results));
    const texts = rest.map(({ text }) => text);
    if (texts.length > 0 && texts.every((text) => typeof text === "string")) {
      built.push({ role: message.role, content: texts.map((text) => ({ type: "text", text })) });
    } else if (rest.length > 0) built.push(toSdk({ ...message, content: rest }));
  }
  return built;
}

describeRecordings("bedrock", ({ exchanges }) => {
  test("replays through the SDK", async () => {
    await using server = await startReplay(exchanges);
    const client = new sdk.BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      maxAttempts: 1,
      credentials: { accessKeyId: "none", secretAccessKey: "none" },
    });
    let answer: bedrock.CallResponse | undefined;
    let sent: unknown[] = [];
    for (const [index, exchange] of exchanges.entries()) {
      const recorded = bodyOf(exchange);
      const next = recorded.messages as Json[];
      const goesOn = answer !== undefined && next.length > sent.length;
      sent = goesOn && answer ? continued(sent, answer, next) : (toSdk(next) as unknown[]);
      answer = await play(client, exchange, sent);
      const body = server.requests[index]?.body as Json & { messages: Json[] };
      expect(decodeURIComponent(server.requests[index]?.path ?? "")).toBe(
        decodeURIComponent(new URL(exchange.request?.url ?? "").pathname),
      );
      if (!goesOn) expect(body).toEqual(recorded);
      else {
        expect(meaning(body.messages)).toEqual(meaning(next));
        expect({ ...body, messages: [] }).toEqual({ ...recorded, messages: [] });
      }
    }
    server.expectAllServed();
    client.destroy();
  });
});
