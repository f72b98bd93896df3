import { expect } from "vitest";
import type { ProviderTypes } from "../../src/contract/provider.ts";
import type { CallResponse } from "../../src/read/response.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import type { RecordedResponse } from "./recordings.ts";
import { eventsOf, isStream, type Json } from "./replay.ts";

// Reads recorded chat completions by itself, without the library: what a replay is held against.

/** What a recorded chat completion says. */
export interface ChatTruth {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly content: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly finishReasons: readonly string[];
  readonly usage: Json | undefined;
  readonly toolCalls: readonly { id: string; name: string; arguments: string }[];
  /** The events of a stream. */
  readonly events: readonly Json[];
}

type Choice = { index?: number; finish_reason?: string | null; message?: Json | null; delta?: Json | null };

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The truth about a recorded answer, streamed or not. */
export function chatTruth(response: RecordedResponse): ChatTruth {
  const events = isStream(response) ? eventsOf(response) : [];
  const documents = events.length > 0 ? events : [(response as { body: Json }).body];
  const truth = { content: "", reasoning: "", refusal: "", usage: undefined as Json | undefined };
  const reasons = new Map<number, string>();
  const calls = new Map<string, { id: string; name: string; arguments: string }>();
  for (const document of documents) {
    if (document.usage) truth.usage = document.usage as Json;
    for (const choice of (document.choices ?? []) as Choice[]) {
      if (choice.finish_reason) reasons.set(choice.index ?? 0, choice.finish_reason);
      if ((choice.index ?? 0) !== 0) continue;
      const said = choice.delta ?? choice.message ?? {};
      truth.content += text(said.content);
      truth.reasoning += text(said.reasoning ?? said.reasoning_content);
      truth.refusal += text(said.refusal);
      for (const [position, call] of ((said.tool_calls ?? []) as Json[]).entries()) {
        const fn = call.function as Json | undefined;
        if (fn === undefined) continue;
        const key = String(call.index ?? position);
        const known = calls.get(key) ?? { id: "", name: "", arguments: "" };
        calls.set(key, {
          id: known.id || text(call.id),
          name: known.name || text(fn.name),
          arguments: known.arguments + text(fn.arguments),
        });
      }
    }
  }
  const first = (key: string) => documents.map((one) => text(one[key])).find((value) => value !== "");
  return {
    ...truth,
    id: first("id"),
    model: first("model"),
    finishReasons: [...reasons].sort(([a], [b]) => a - b).map(([, reason]) => reason),
    toolCalls: [...calls.values()],
    events,
  };
}

/** Holds a response of ours against the truth. */
export function expectChat<P extends ProviderTypes>(response: CallResponse<P>, truth: ChatTruth, asked: string): void {
  const usage = truth.usage as { prompt_tokens?: number; completion_tokens?: number } | undefined;
  expect(response.content).toBe(truth.content);
  expect(response.thinking ?? "").toBe(truth.reasoning);
  expect(response.refusal ?? "").toBe(truth.refusal);
  expect(response.finishReasons).toEqual(truth.finishReasons.length > 0 ? truth.finishReasons : undefined);
  expect(response.id).toBe(truth.id);
  expect(response.model).toBe(truth.model ?? asked);
  expect(response.usage).toEqual(truth.usage);
  expect(response.inputTokens).toBe(usage?.prompt_tokens);
  expect(response.outputTokens).toBe(usage?.completion_tokens);
  const calls = response.toolCalls?.map(({ id, name, input }) => ({ id, name, arguments: input })) ?? [];
  expect(calls).toEqual(truth.toolCalls);
  if (truth.usage === undefined) expect(response.cost).toBeUndefined();
  expect(String(response)).toBe(response.content);
  const record = JSON.parse(JSON.stringify(response)) as Json;
  expect(record.content).toBe(truth.content);
  expect(record.inputTokens).toBe(usage?.prompt_tokens);
}

/** Recorded function declarations as tools of ours, where each says no more than a tool of ours can. */
export function toolsOf(declared: unknown): Tool[] | undefined {
  if (!Array.isArray(declared)) return undefined;
  const tools: Tool[] = [];
  for (const { type, function: fn, ...rest } of declared as { type?: string; function?: Json }[]) {
    const { name, description, parameters, ...more } = fn ?? {};
    const properties = (parameters as Json | undefined)?.properties;
    const plain = type === "function" && typeof properties === "object" && Object.keys(properties ?? {}).length > 0;
    if (!plain || Object.keys(rest).length + Object.keys(more).length > 0) return undefined;
    tools.push(
      tool({
        name: name as string,
        ...(description !== undefined && { description: description as string }),
        parameters: jsonSchema(parameters as Json, { validate: (value) => ({ value }) }),
        call: (args) => args,
      }),
    );
  }
  return tools;
}

/** US dollars a million tokens (https://openai.com/api/pricing, seen 2026-11): input, cached input, output. */
const prices: Readonly<Record<string, readonly [number, number, number]>> = {
  "gpt-4o": [2.5, 1.25, 10],
  "gpt-4o-2024-08-06": [2.5, 1.25, 10],
  "gpt-4o-mini-2024-07-18": [0.15, 0.075, 0.6],
  "gpt-4.1-2025-04-14": [2, 0.5, 8],
  "gpt-4.1-mini-2025-04-14": [0.4, 0.1, 1.6],
  "gpt-4.1-nano-2025-04-14": [0.1, 0.025, 0.4],
  "gpt-5-nano-2025-08-07": [0.05, 0.005, 0.4],
  "gpt-5-mini-2025-08-07": [0.25, 0.025, 2],
};

/** The cost by hand, where the model is in the table above. */
export function costByHand(truth: ChatTruth): number | undefined {
  const price = Object.hasOwn(prices, truth.model ?? "") ? prices[truth.model ?? ""] : undefined;
  if (price === undefined || truth.usage === undefined) return undefined;
  const [input, cachedInput, output] = price;
  const details = truth.usage.prompt_tokens_details as { cached_tokens?: number } | null | undefined;
  const cached = details?.cached_tokens ?? 0;
  const read = truth.usage.prompt_tokens as number;
  return ((read - cached) * input + cached * cachedInput + (truth.usage.completion_tokens as number) * output) / 1e6;
}
