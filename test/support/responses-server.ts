import OpenAI from "openai";
import { type Handler, sse, startServer, status } from "./fault-server.ts";
import type { Json } from "./replay.ts";

// What OpenAI's Responses API says, hand-written after its reference for what no recording shows on demand.

/** The model that answers. */
export const answering = "gpt-5-mini-2025-08-07";
export const usage: Json = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40, cache_write_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 8 },
  total_tokens: 120,
};

export function message(text: string, more: Json = {}): Json {
  const content = [{ type: "output_text", text, annotations: [], logprobs: [] }];
  return { id: "msg_1", type: "message", role: "assistant", status: "completed", content, ...more };
}

export function functionCall(call_id: string, name: string, args: string): Json {
  return { id: `fc_${call_id}`, type: "function_call", status: "completed", call_id, name, arguments: args };
}

export function reasoning(summary: readonly string[], more: Json = {}): Json {
  return {
    id: "rs_1",
    type: "reasoning",
    summary: summary.map((text) => ({ type: "summary_text", text })),
    encrypted_content: "gAAAA==",
    ...more,
  };
}

/** A whole response with these items; `more` replaces what it says. */
export function answer(output: readonly Json[] = [message("Hello")], more: Json = {}): Json {
  return {
    id: "resp_1",
    object: "response",
    created_at: 1_790_000_000,
    status: "completed",
    error: null,
    incomplete_details: null,
    instructions: null,
    model: answering,
    output,
    parallel_tool_calls: true,
    service_tier: "default",
    usage,
    metadata: {},
    ...more,
  };
}

/** Events as the API sends them, each under its name and with its number. */
export function eventStream(...events: readonly Json[]): string[] {
  return events.map((event, index) => `event: ${event.type}\n${sse({ ...event, sequence_number: index })[0]}`);
}

export const begun: readonly Json[] = [
  { type: "response.created", response: answer([], { status: "in_progress", usage: null }) },
  { type: "response.in_progress", response: answer([], { status: "in_progress", usage: null }) },
];

/** The events of a message whose text comes in these pieces. */
export function textEvents(output_index: number, ...pieces: readonly string[]): Json[] {
  const place = { output_index, item_id: "msg_1" };
  const at = { ...place, content_index: 0 };
  const part = { type: "output_text", text: "", annotations: [] };
  const item = message(pieces.join(""));
  return [
    { type: "response.output_item.added", ...place, item: { ...item, status: "in_progress", content: [] } },
    { type: "response.content_part.added", ...at, part },
    ...pieces.map((delta) => ({ type: "response.output_text.delta", ...at, delta, logprobs: [] })),
    { type: "response.output_text.done", ...at, text: pieces.join(""), logprobs: [] },
    { type: "response.output_item.done", ...place, item },
  ];
}

/** The events of a tool call whose arguments come in these pieces. */
export function callEvents(output_index: number, item: Json, ...pieces: readonly string[]): Json[] {
  const place = { output_index, item_id: item.id };
  return [
    { type: "response.output_item.added", ...place, item: { ...item, status: "in_progress", arguments: "" } },
    ...pieces.map((delta) => ({ type: "response.function_call_arguments.delta", ...place, delta })),
    { type: "response.function_call_arguments.done", ...place, arguments: pieces.join("") },
    { type: "response.output_item.done", ...place, item },
  ];
}

export function ended(output: readonly Json[], more: Json = {}): Json {
  return { type: "response.completed", response: answer(output, more) };
}

/** A client of a server that is up already, without retries and without a word on the console. */
export function clientAt(baseURL: string): OpenAI {
  return new OpenAI({ apiKey: "test", baseURL, maxRetries: 0, logLevel: "off" });
}

/** A server that answers every request alike, by default with `answer()`, and a client of it. */
export async function serve(handler: Handler = status(200, answer())) {
  const server = await startServer(handler);
  return { server, client: clientAt(server.url), body, [Symbol.asyncDispose]: () => server.close() };

  /** The body of the request at this index. */
  function body(index = 0): Json {
    return server.requests[index]?.body as Json;
  }
}
