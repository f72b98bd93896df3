import { expect } from "vitest";
import type { AnthropicTypes } from "../../src/providers/anthropic/index.ts";
import type { CallResponse } from "../../src/read/response.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import type { Json } from "./replay.ts";

// Reads recorded messages by itself, without the library: what a replay is held against.

/** What a recorded answer says. */
export interface MessageTruth {
  /** The whole message; of a stream, as it would have come in one piece. */
  readonly message: Json;
  readonly content: string;
  readonly thinking: string;
  readonly toolCalls: readonly { id: unknown; name: unknown; input: unknown }[];
  readonly input: number;
  readonly output: number;
  /** The events of a stream. The SDK keeps `ping` to itself. */
  readonly events: readonly Json[];
}

/** The truth about an answer of which these are the events, or the whole. */
export function messageTruth(documents: readonly Json[]): MessageTruth {
  const events = documents.filter(({ type }) => type !== "ping");
  const message = events[0]?.type === "message_start" ? wholeOf(events) : (events[0] as Json);
  const blocks = message.content as Json[];
  const usage = message.usage as { [name: string]: number | null };
  const joined = (type: string, key: string) =>
    blocks.flatMap((block) => (block.type === type ? [block[key]] : [])).join("");
  return {
    message,
    content: joined("text", "text"),
    thinking: joined("thinking", "thinking"),
    toolCalls: blocks.flatMap(({ type, id, name, input }) => (type === "tool_use" ? [{ id, name, input }] : [])),
    input:
      Number(usage.input_tokens) +
      Number(usage.cache_read_input_tokens ?? 0) +
      Number(usage.cache_creation_input_tokens ?? 0),
    output: Number(usage.output_tokens),
    events,
  };
}

function wholeOf(events: readonly Json[]): Json {
  const of = (type: string) => events.filter((event) => event.type === type);
  const content = of("content_block_start").map(({ index, content_block }) => {
    const deltas = of("content_block_delta").flatMap((event) => (event.index === index ? [event.delta as Json] : []));
    const all = (key: string) => deltas.flatMap((delta) => (key in delta ? [delta[key]] : []));
    const block = { ...(content_block as Record<string, unknown>) };
    for (const key of ["text", "thinking"]) if (key in block) block[key] = `${block[key]}${all(key).join("")}`;
    if (all("signature").length > 0) block.signature = all("signature").at(-1);
    if (all("partial_json").length > 0) block.input = JSON.parse(all("partial_json").join("") || "{}");
    if (all("citation").length > 0) block.citations = all("citation");
    return block;
  });
  const begun = of("message_start")[0]?.message as Json;
  const [last] = of("message_delta");
  const known = Object.entries(last?.usage as Json).filter(([, count]) => count !== null);
  return {
    ...begun,
    ...(last?.delta as Json),
    content,
    usage: { ...(begun.usage as Json), ...Object.fromEntries(known) },
  };
}

/** Holds a response of ours against the truth. */
export function expectMessage(response: CallResponse<AnthropicTypes>, truth: MessageTruth): void {
  const { message } = truth;
  expect(response.response).toEqual(message);
  expect(response.content).toBe(truth.content);
  expect(response.thinking ?? "").toBe(truth.thinking);
  expect(response.finishReasons).toEqual([message.stop_reason]);
  expect([response.id, response.model]).toEqual([message.id, message.model]);
  expect(response.usage).toEqual(message.usage);
  expect([response.inputTokens, response.outputTokens]).toEqual([truth.input, truth.output]);
  expect((response.toolCalls ?? []).map(({ id, name, input }) => ({ id, name, input }))).toEqual(truth.toolCalls);
  for (const { native } of response.toolCalls ?? []) expect(message.content).toContainEqual(native);
  expect(response.messageParam).toEqual({ role: "assistant", content: message.content });
  expect(String(response)).toBe(truth.content);
  expect(JSON.parse(JSON.stringify(response))).toMatchObject({ content: truth.content, inputTokens: truth.input });
  const byHand = costByHand(truth);
  if (byHand !== undefined) expect(response.cost).toBeCloseTo(byHand, 10);
}

/** US dollars a million tokens (https://platform.claude.com/docs/en/about-claude/pricing, seen 2026-11): input, output. */
const prices: Readonly<Record<string, readonly [number, number]>> = {
  "claude-3-haiku-20240307": [0.25, 1.25],
  "claude-3-opus-20240229": [15, 75],
  "claude-3-5-sonnet-20240620": [3, 15],
  "claude-3-5-sonnet-20241022": [3, 15],
  "claude-3-7-sonnet-20250219": [3, 15],
  "claude-sonnet-4-20250514": [3, 15],
  "claude-sonnet-4-5-20250929": [3, 15],
  "claude-sonnet-4-6": [3, 15],
  "claude-haiku-4-5-20251001": [1, 5],
  "claude-opus-4-7": [5, 25],
};

/** The cost by hand, where the model is in the table above: cache reads at a tenth, writes for five minutes at 1.25. */
function costByHand({ message, output }: MessageTruth): number | undefined {
  const model = String(message.model);
  const [input, answer] = Object.hasOwn(prices, model) ? (prices[model] ?? []) : [];
  if (input === undefined || answer === undefined) return undefined;
  const usage = message.usage as { [name: string]: number | null };
  const fresh = usage.input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  return ((fresh + 0.1 * read + 1.25 * written) * input + output * answer) / 1e6;
}

/** Recorded tools as tools of ours, where each says no more than a tool of ours can. */
export function toolsOf(declared: unknown): Tool[] | undefined {
  if (!Array.isArray(declared) || declared.length === 0) return undefined;
  const tools: Tool[] = [];
  for (const { name, description, input_schema, ...more } of declared as Json[]) {
    if (typeof input_schema !== "object" || Object.keys(more).length > 0) return undefined;
    tools.push(
      tool({
        name: name as string,
        ...(description !== undefined && { description: description as string }),
        parameters: jsonSchema(input_schema as Json, { validate: (value) => ({ value }) }),
        call: (args) => args,
      }),
    );
  }
  return tools;
}

/**
 * What a turn means to the model, whoever wrote it: without cache marks, which clients move along, and without what only
 * an answer says (`caller`, `citations: null`) or says by default (`is_error: false`); a text alone as that text.
 */
export function turnMeaning(turn: unknown): { role: unknown; content: unknown[] } {
  const { role, content } = turn as { role: unknown; content: string | Json[] };
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
  return { role, content: blocks.map(blockMeaning) };
}

function blockMeaning({ cache_control: _, caller: __, is_error, citations, ...block }: Json): Json {
  return { ...block, ...(is_error === true && { is_error }), ...(citations ? { citations } : {}) };
}
