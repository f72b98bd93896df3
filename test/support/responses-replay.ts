import { expect } from "vitest";
import type { responses } from "../../src/providers/openai/index.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import type { RecordedResponse } from "./recordings.ts";
import { eventsOf, isStream, type Json } from "./replay.ts";

// Reads recorded answers of the Responses API by itself, without the library: what a replay is held against.

/** What a recorded response says. */
export interface ResponseTruth {
  /** The whole response: the body, or what the last event of a stream brings. */
  readonly body: Json;
  readonly content: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly finishReasons: readonly string[];
  readonly usage: Json | undefined;
  readonly toolCalls: readonly { id: string; name: string; input: string }[];
  /** Whether it ends in something for the caller to run. */
  readonly callsTools: boolean;
  /** The events of a stream. */
  readonly events: readonly Json[];
}

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value : []);
const joined = (parts: readonly Json[], key: string): string => parts.map((part) => part[key] ?? "").join("");

/** The truth about a recorded answer, streamed or not. Throws where the pieces of a stream and its end disagree. */
export function responseTruth(response: RecordedResponse): ResponseTruth {
  const events = isStream(response) ? eventsOf(response) : [];
  const last = events.find(({ type }) => type === "response.completed" || type === "response.incomplete");
  const body = (events.length > 0 ? last?.response : (response as { body: Json }).body) as Json;
  const items = list(body.output);
  const parts = items.filter(({ type }) => type === "message").flatMap(({ content }) => list(content));
  const content = joined(parts, "text");
  if (events.length > 0) {
    const pieces = events.filter(({ type }) => type === "response.output_text.delta");
    expect(joined(pieces, "delta")).toBe(content);
  }
  const thoughts = items.filter(({ type }) => type === "reasoning");
  // Tools that the provider runs are no business of the caller.
  const calls = items.filter(({ type }) => type === "function_call" || type === "custom_tool_call");
  const incomplete = body.incomplete_details as { reason?: string } | null | undefined;
  return {
    body,
    content,
    reasoning: joined(
      thoughts.flatMap(({ summary, content: text }) => [...list(summary), ...list(text)]),
      "text",
    ),
    refusal: joined(parts, "refusal"),
    finishReasons: [incomplete?.reason ?? (body.status as string)],
    usage: (body.usage ?? undefined) as Json | undefined,
    toolCalls: calls.map((call) => ({
      id: call.call_id as string,
      name: call.name as string,
      input: (call.arguments ?? call.input) as string,
    })),
    callsTools: items.some(({ type }) => type === "function_call" || type === "custom_tool_call"),
    events,
  };
}

/** Holds a response of ours against the truth. */
export function expectResponse(response: responses.CallResponse, truth: ResponseTruth): void {
  const { body, usage } = truth;
  // The SDK adds the text of it all to the body.
  expect(response.response).toEqual({ ...body, output_text: truth.content });
  expect(response.content).toBe(truth.content);
  expect(response.thinking ?? "").toBe(truth.reasoning);
  expect(response.refusal ?? "").toBe(truth.refusal);
  expect(response.finishReasons).toEqual(truth.finishReasons);
  expect(response.stopReason).toBe(truth.callsTools ? "tool_calls" : "stop");
  expect(response.id).toBe(body.id);
  expect(response.model).toBe(body.model);
  expect(response.usage).toEqual(usage);
  expect(response.inputTokens).toBe(usage?.input_tokens);
  expect(response.outputTokens).toBe(usage?.output_tokens);
  expect(response.cachedTokens).toBe((usage?.input_tokens_details as Json | undefined)?.cached_tokens);
  expect(response.toolCalls?.map(({ id, name, input }) => ({ id, name, input })) ?? []).toEqual(truth.toolCalls);
  expect(response.messageParam).toEqual({ role: "assistant", output: body.output });
  expectCost(response, truth);
  expect(String(response)).toBe(truth.content);
  const record = JSON.parse(JSON.stringify(response)) as Json;
  expect(record.content).toBe(truth.content);
  expect(record.inputTokens).toBe(usage?.input_tokens);
}

/** US dollars a million tokens (https://openai.com/api/pricing, seen 2026-11): input, cached input, output. */
const prices: Readonly<Record<string, readonly [number, number, number]>> = {
  "gpt-4o-2024-08-06": [2.5, 1.25, 10],
  "gpt-4.1-2025-04-14": [2, 0.5, 8],
  "gpt-5-2025-08-07": [1.25, 0.125, 10],
  "gpt-5-mini-2025-08-07": [0.25, 0.025, 2],
  "gpt-5-nano": [0.05, 0.005, 0.4],
  "o4-mini-2025-04-16": [1.1, 0.275, 4.4],
};

/** The cost by hand where the model is in the table above, tokens only; and none without usage. */
function expectCost(response: responses.CallResponse, { body, usage }: ResponseTruth): void {
  const price = prices[body.model as string];
  if (usage === undefined) expect(response.cost).toBeUndefined();
  else if (price !== undefined) {
    const [input, cachedInput, output] = price;
    const cached = ((usage.input_tokens_details as Json | undefined)?.cached_tokens ?? 0) as number;
    const fresh = (usage.input_tokens as number) - cached;
    const usd = (fresh * input + cached * cachedInput + (usage.output_tokens as number) * output) / 1e6;
    expect(response.cost).toBeCloseTo(usd, 10);
  }
}

/** Recorded function declarations as tools of ours, where each says no more and no less than a tool of ours. */
export function ownTools(declared: unknown): Tool[] | undefined {
  if (!Array.isArray(declared)) return undefined;
  const tools: Tool[] = [];
  for (const { type, name, description, parameters, strict, ...more } of declared as Json[]) {
    // What the schema's root is for, a tool of ours says itself.
    const rootSays = (parameters as Json | null)?.description !== undefined;
    if (type !== "function" || typeof strict !== "boolean" || rootSays || Object.keys(more).length > 0)
      return undefined;
    tools.push(
      tool({
        name: name as string,
        ...(description !== undefined && { description: description as string }),
        parameters: jsonSchema(parameters as Json, { validate: (value) => ({ value }) }),
        strict,
        call: (args) => args,
      }),
    );
  }
  return tools;
}
