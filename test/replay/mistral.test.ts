import { Mistral } from "@mistralai/mistralai";
import { HTTPValidationError, SDKError } from "@mistralai/mistralai/models/errors";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { mistral } from "../../src/providers/mistral/index.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import { describeRecordings, type Exchange, type RecordedResponse } from "../support/recordings.ts";
import { bodyOf, collect, eventsOf, isStream, type Json, meaning, thrownBy } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";

// Every recording, exchange by exchange: the recorded messages and parameters through our API, the whole sent body and
// the decoded answer held against the recorded bytes. None is left out: where a source kept no request, a stand-in is
// sent and only the answer counts. The differences a sent body may have, and why:
const differences = {
  /** The SDK writes its defaults into every answer that is sent back and into every tool. */
  sdkDefaults: (body: Json): Json => ({
    stream: false,
    ...body,
    messages: (body.messages as Json[]).map((message) =>
      message.role === "assistant"
        ? { prefix: false, ...message, ...mapKey(message, "tool_calls", (call) => ({ ...callDefaults, ...call })) }
        : message,
    ),
    ...mapKey(body, "tools", (declared) => ({ type: "function", ...declared })),
  }),
  /** In a conversation: our tool messages name their tool, which the recorded clients leave out. */
  toolName: ({ name, ...message }: Json): Json =>
    message.role === "tool" || name === undefined ? message : { ...message, name },
  /** In a conversation: an answer goes back as it came; the recorded clients drop a thought's `closed` and a call's `index`. */
  dropped: (message: Json): Json => ({
    ...message,
    ...mapKey(message, "content", ({ closed: _, ...chunk }) => chunk),
    ...mapKey(message, "tool_calls", ({ index: _, ...call }) => call),
  }),
};

const callDefaults = { type: "function", index: 0 };

function mapKey(body: Json, key: string, map: (item: Json) => Json): Json {
  return Array.isArray(body[key]) ? { [key]: (body[key] as Json[]).map(map) } : {};
}

/** What two bodies of one conversation must agree in. */
function sense(body: Json): unknown {
  const all = differences.sdkDefaults(body);
  return meaning({
    ...all,
    messages: (all.messages as Json[]).map((message) => differences.dropped(differences.toolName(message))),
  });
}

// --- the SDK's spelling of the recorded wire

const free: readonly string[] = ["parameters", "metadata", "arguments", "schemaDefinition"];

/** Snake case to camel case, but for what users name themselves. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name =
        key === "schema" ? "schemaDefinition" : key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
      return [name, free.includes(name) ? item : camel(item)];
    }),
  );
}

const usageKeys: readonly string[] = [
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "prompt_audio_seconds",
  "service_tier",
];

/** Usage as the SDK gives it: the keys it knows in camel case, all others as they are. */
function usageOf(usage: unknown): Json | undefined {
  if (!usage) return undefined;
  const renamed = Object.entries(usage).map(([key, item]) => [
    usageKeys.includes(key) ? Object.keys(camel({ [key]: 0 }) as Json)[0] : key,
    item,
  ]);
  return { promptTokens: 0, completionTokens: 0, totalTokens: 0, ...Object.fromEntries(renamed) };
}

const kept: readonly string[] = ["id", "object", "created", "model"];

/** An event as the SDK gives it. */
function eventOf(event: Json): Json {
  const choices = (event.choices as Json[]).map(({ index, delta, finish_reason }) => ({
    index,
    delta: { ...(camel(delta) as Json), ...sdkCalls(delta as Json) },
    finishReason: finish_reason,
  }));
  const head = Object.fromEntries(Object.entries(event).filter(([key]) => kept.includes(key)));
  return { data: { ...head, choices, usage: usageOf(event.usage) } };
}

function sdkCalls(message: Json): Json {
  const calls = message.tool_calls as Json[] | null | undefined;
  return calls ? { toolCalls: calls.map((call) => ({ id: "null", ...callDefaults, ...(call as object) })) } : {};
}

// --- what a recording says, read by itself

type Said = { content?: unknown; tool_calls?: Json[] | null };

interface Truth {
  readonly id: string;
  readonly model: string;
  readonly content: string;
  readonly thinking: string;
  readonly finishReasons: readonly string[];
  readonly usage: Json | undefined;
  readonly calls: readonly { id: string; name: string; input: string }[];
}

function truthOf(response: RecordedResponse): Truth {
  const documents = isStream(response) ? eventsOf(response) : [(response as { body: Json }).body];
  const truth = { content: "", thinking: "", finishReasons: [] as string[], usage: undefined as Json | undefined };
  const calls: { id: string; name: string; input: string }[] = [];
  for (const document of documents) {
    truth.usage = (document.usage as Json | undefined) ?? truth.usage;
    for (const choice of document.choices as Json[]) {
      if (choice.finish_reason) truth.finishReasons.push(choice.finish_reason as string);
      const { content, tool_calls } = (choice.message ?? choice.delta) as Said;
      if (typeof content === "string") truth.content += content;
      for (const chunk of (Array.isArray(content) ? content : []) as Json[]) {
        if (chunk.type === "text") truth.content += chunk.text;
        for (const piece of (chunk.thinking ?? []) as { text: string }[]) truth.thinking += piece.text;
      }
      for (const { id, function: fn } of tool_calls ?? []) {
        const { name, arguments: input } = fn as { name: string; arguments: string };
        if (name !== "") calls.push({ id: id as string, name, input });
        else (calls.at(-1) as { input: string }).input += input;
      }
    }
  }
  return { ...truth, calls, id: documents[0]?.id as string, model: documents[0]?.model as string };
}

/**
 * US dollars a million tokens (https://mistral.ai/pricing, seen 2026-11): input, output, cached input. No price is
 * certain for other recorded models: the public lists differ.
 */
const prices: Readonly<Record<string, readonly [input: number, output: number, cached?: number]>> = {
  "mistral-small-latest": [0.15, 0.6, 0.015],
  "mistral-small-2506": [0.1, 0.3],
  "pixtral-12b": [0.15, 0.15],
  "ministral-14b-latest": [0.2, 0.2],
  "mistral-tiny": [0.25, 0.25],
};

/** Recorded models that the public lists price apart: a figure would be a guess. */
const uncertain: ReadonlySet<string> = new Set([
  "magistral-small-latest",
  "magistral-medium-latest",
  "mistral-large-latest",
  "open-mistral-nemo",
]);

interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
}

/** The cost by hand. What cached input costs is not known for any of these models. */
function costByHand({ model, usage }: Truth): number | undefined {
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = usage as unknown as WireUsage;
  const price = prices[model];
  const cached = prompt_tokens_details?.cached_tokens ?? 0;
  const [input, output, read = Number.NaN] = price ?? [];
  if (input === undefined || output === undefined || (cached > 0 && Number.isNaN(read))) return undefined;
  return ((prompt_tokens - cached) * input + (cached && cached * read) + completion_tokens * output) / 1e6;
}

function expectAnswer(response: mistral.CallResponse, truth: Truth): void {
  const usage = truth.usage as WireUsage | undefined;
  expect(response).toMatchObject({
    id: truth.id,
    model: truth.model,
    content: truth.content,
    finishReasons: truth.finishReasons,
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens,
  });
  expect(response.thinking ?? "").toBe(truth.thinking);
  expect(response.usage).toEqual(usageOf(truth.usage));
  const calls = (response.toolCalls ?? []).map(({ id, name, input }) => ({ id, name, input }));
  expect(calls).toEqual(truth.calls);
  const cost = costByHand(truth);
  if (uncertain.has(truth.model)) expect(response.cost).toBeUndefined();
  if (cost !== undefined) expect(response.cost).toBeCloseTo(cost, 12);
  expect(JSON.parse(JSON.stringify(response))).toMatchObject({ content: truth.content, id: truth.id });
}

// --- the recorded call, made by us

/** Recorded function declarations as tools of ours, where each says no more than a tool of ours can. */
function toolsOf(declared: unknown): Tool[] | undefined {
  if (!Array.isArray(declared)) return undefined;
  const functions = (declared as Json[]).map((one) => one.function as { [key: string]: Json | string });
  if (functions.some(({ parameters }) => (parameters as Json | undefined)?.type !== "object")) return undefined;
  return functions.map(({ name, description, parameters }) =>
    tool({
      name: name as string,
      ...(description !== undefined && { description: description as string }),
      parameters: jsonSchema(parameters as Json, { validate: (value) => ({ value }) }),
      call: (args) => args,
    }),
  );
}

async function play(client: Mistral, exchange: Exchange, messages: Json[]): Promise<mistral.CallResponse | undefined> {
  const { response } = exchange;
  const standIn = { model: "a-model", messages, stream: isStream(response), tools: undefined };
  const recorded = exchange.request === null ? standIn : (bodyOf(exchange) as Json & { model: string });
  const { model, messages: _, stream: __, tools: declared, ...params } = recorded;
  const tools = toolsOf(declared);
  const native = declared && !tools ? { tools: (declared as Json[]).map((one) => ({ type: "function", ...one })) } : {};
  const callParams = { ...(camel(params) as object), ...native } as mistral.CallParams;
  const options = { client, callParams, tools: tools ?? [] };
  const prompt = () => ({ messages: messages as never });
  if (response.status >= 400) {
    const error = await thrownBy(() => mistral.call(model, options, prompt)());
    expect(error).toBeInstanceOf(response.status === 422 ? HTTPValidationError : SDKError);
    expect(classify(error).status).toBe(response.status);
    return undefined;
  }
  const truth = truthOf(response);
  if (!isStream(response)) {
    const answer = await mistral.call(model, options, prompt)();
    expectAnswer(answer, truth);
    return answer;
  }
  // Without a request nobody knows which tools were offered: the names in the answer say enough.
  const offered = exchange.request === null ? [tool({ name: truth.calls[0]?.name ?? "none", call: () => 0 })] : tools;
  const stream = mistral.call(model, { ...options, tools: offered ?? [], stream: true }, prompt)();
  const steps = await collect(stream);
  const chunks = steps.map(([chunk]) => chunk.chunk);
  expect(chunks.slice(0, eventsOf(response).length)).toEqual(eventsOf(response).map(eventOf));
  expect(new Set(chunks).size).toBe(eventsOf(response).length);
  expect(steps.map(([chunk]) => chunk.content).join("")).toBe(truth.content);
  expect(steps.map(([chunk]) => chunk.thinking ?? "").join("")).toBe(truth.thinking);
  const emitted = steps.flatMap(([, use]) => (use === undefined ? [] : [{ id: use.id, name: use.name }]));
  expect(emitted).toEqual(offered === undefined ? [] : truth.calls.map(({ id, name }) => ({ id, name })));
  const whole = stream.constructCallResponse();
  expectAnswer(whole, truth);
  return whole;
}

/** The next request's messages: what was sent, our own form of the answer, the recorded tool results in our form. */
function continued(sent: Json[], response: mistral.CallResponse, next: Json[]): Json[] {
  const built = [...sent, response.messageParam as unknown as Json];
  const results = next.slice(built.length).filter(({ role }) => role === "tool");
  const outcomes = results.map(({ toolCallId, content }) => {
    const use = response.tools?.find(({ id }) => id === toolCallId);
    return [use as NonNullable<typeof use>, content] as const;
  });
  built.push(...(response.toolMessageParams(outcomes) as unknown as Json[]));
  return [...built, ...next.slice(built.length)];
}

describeRecordings("mistral", ({ exchanges }) => {
  test("replays through the SDK", async () => {
    await using server = await startReplay(exchanges);
    const client = new Mistral({ apiKey: "test", serverURL: server.url });
    let played: mistral.CallResponse | undefined;
    let sent: Json[] = [];
    for (const [index, exchange] of exchanges.entries()) {
      const recorded = exchange.request === null ? undefined : bodyOf(exchange);
      const next = recorded ? (camel(recorded.messages) as Json[]) : [{ role: "user", content: "?" }];
      const goesOn = played !== undefined && next.length > sent.length;
      sent = goesOn ? continued(sent, played as mistral.CallResponse, next) : next;
      played = await play(client, exchange, sent);
      const body = server.requests[index]?.body as Json;
      if (recorded === undefined) continue;
      if (goesOn) expect(sense(body)).toEqual(sense(recorded));
      else expect(body).toEqual(differences.sdkDefaults(recorded));
    }
    server.expectAllServed();
  });
});
