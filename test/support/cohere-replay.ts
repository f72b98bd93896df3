import type { RecordedResponse } from "./recordings.ts";
import { eventsOf, isStream, type Json } from "./replay.ts";

// Reads recorded answers of Cohere's v2 chat by itself, without the library: what a replay is held against.

/** What a recorded answer says. */
export interface Truth {
  /** The whole answer in the SDK's casing; of a stream, what its events add up to. */
  readonly whole: unknown;
  readonly id: string | undefined;
  readonly content: string;
  /** Thoughts, then the plan for the tools. */
  readonly thinking: string;
  readonly finishReason: string | undefined;
  readonly usage: unknown;
  readonly billed: { readonly input_tokens?: number; readonly output_tokens?: number } | undefined;
  readonly toolCalls: readonly { id: string; name: string; arguments: string }[];
  /** The events of a stream in the SDK's casing. */
  readonly events: readonly unknown[];
}

interface Block {
  type: string;
  text?: string;
  thinking?: string;
}

interface Call {
  id: string;
  type: string;
  function: { name: string; arguments: string };
}

interface Message {
  role: string;
  content?: Block[];
  tool_plan?: string;
  tool_calls?: Call[];
  citations?: unknown[];
}

interface Answer {
  id?: string;
  message: Message;
  finish_reason?: string;
  usage?: { billed_units?: { input_tokens?: number; output_tokens?: number } };
}

/** The truth about a recorded answer, streamed or not. */
export function chatTruth(response: RecordedResponse): Truth {
  const events = isStream(response) ? eventsOf(response) : [];
  const answer = events.length > 0 ? sumOf(events) : (response as { body: Answer }).body;
  const { id, message, finish_reason: finishReason, usage } = answer;
  const said = (key: "text" | "thinking") => message.content?.map((block) => block[key] ?? "").join("") ?? "";
  return {
    whole: camelCased(answer),
    id,
    content: said("text"),
    thinking: said("thinking") + (message.tool_plan ?? ""),
    finishReason,
    usage: camelCased(usage),
    billed: usage?.billed_units,
    toolCalls: message.tool_calls?.map((call) => ({ id: call.id, ...call.function })) ?? [],
    // The SDK knows of the first event's message only its role and leaves the rest as it is.
    events: events.map((event) => (event.type === "message-start" ? event : camelCased(event))),
  };
}

/** An event, as far as it is read here. */
interface Event {
  readonly type: string;
  readonly id?: string;
  readonly index?: number;
  readonly delta?: {
    readonly message?: { content?: Block; tool_plan?: string; tool_calls?: Call; citations?: unknown };
  };
}

function sumOf(events: readonly Json[]): Answer {
  const message: Message = { role: "assistant" };
  const answer: Answer = { message };
  for (const { type, id, index = 0, delta = {} } of events as unknown as readonly Event[]) {
    const { content, tool_plan: plan = "", tool_calls: call, citations } = delta.message ?? {};
    const block = message.content?.[index];
    const open = message.tool_calls?.[index];
    if (type === "message-start" && id !== undefined) answer.id = id;
    if (type === "content-start" && content) message.content = [...(message.content ?? []), { ...content }];
    if (type === "content-delta" && content?.text !== undefined && block) block.text += content.text;
    if (type === "content-delta" && content?.thinking !== undefined && block) block.thinking += content.thinking;
    if (type === "tool-plan-delta") message.tool_plan = (message.tool_plan ?? "") + plan;
    if (type === "tool-call-start" && call) message.tool_calls = [...(message.tool_calls ?? []), structuredClone(call)];
    if (type === "tool-call-delta" && call && open) open.function.arguments += call.function.arguments;
    if (type === "citation-start") message.citations = [...(message.citations ?? []), citations];
    if (type === "message-end") Object.assign(answer, delta);
  }
  return answer;
}

// What the SDK's schemas rename. All else keeps its name: a field the SDK does not know yet (`reasoning_tokens`), and
// whatever stands in data that is the caller's own.
const renamed: ReadonlySet<string> = new Set([
  ...["finish_reason", "tool_calls", "tool_call_id", "tool_plan", "tool_output", "image_url", "content_index"],
  ...["billed_units", "cached_tokens", "input_tokens", "output_tokens", "search_units", "token_ids"],
  ...["max_tokens", "stop_sequences", "frequency_penalty", "presence_penalty", "response_format", "json_schema"],
  ...["strict_tools", "citation_options", "safety_mode", "tool_choice", "token_budget"],
]);
const opaque: ReadonlySet<string> = new Set(["parameters", "json_schema", "schema", "data", "tool_output", "document"]);

/** Wire data in the SDK's casing. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      renamed.has(key) ? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : key,
      opaque.has(key) ? item : camelCased(item),
    ]),
  );
}

/** US dollars a million tokens (https://cohere.com/pricing, seen 2026-11): input, output. */
const prices: Readonly<Record<string, readonly [number, number]>> = {
  "command-a-03-2025": [2.5, 10],
  "command-r7b-12-2024": [0.0375, 0.15],
  "command-r-08-2024": [0.15, 0.6],
};

/** The cost by hand, of the billed tokens, where the model is in the table above. */
export function costByHand(model: string, { billed }: Truth): number | undefined {
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (price === undefined || billed?.input_tokens === undefined || billed.output_tokens === undefined) return undefined;
  return (billed.input_tokens * price[0] + billed.output_tokens * price[1]) / 1e6;
}
