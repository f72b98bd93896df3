import Anthropic from "@anthropic-ai/sdk";
import { type Handler, sse, startServer, status } from "./fault-server.ts";
import type { Json } from "./replay.ts";

// What Anthropic's API says, hand-written after its reference for what no recording shows on demand.

/** The model that answers. */
export const answering = "claude-sonnet-4-5-20250929";
export const usage: Json = { input_tokens: 10, output_tokens: 5 };

/** A whole message; `more` replaces what it says. */
export function answer(more: Json = {}): Json {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: answering,
    content: [{ type: "text", text: "Hello" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
    ...more,
  };
}

export function toolUse(id: string, name: string, input: unknown): Json {
  return { type: "tool_use", id, name, input };
}

/** Events as the API sends them, each under its name. */
export function eventStream(...data: readonly Json[]): string[] {
  return data.map((item) => `event: ${item.type}\n${sse(item)[0]}`);
}

export const messageStart: Json = {
  type: "message_start",
  message: answer({ content: [], stop_reason: null, usage: { input_tokens: 10, output_tokens: 1 } }),
};

/** The events of one block: its start, its deltas, its stop. */
export function blockEvents(index: number, content_block: Json, ...deltas: readonly Json[]): Json[] {
  return [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

export function textEvents(index: number, ...texts: readonly string[]): Json[] {
  return blockEvents(index, { type: "text", text: "" }, ...texts.map((text) => ({ type: "text_delta", text })));
}

/** A tool call whose arguments come in these pieces of JSON. */
export function toolEvents(index: number, id: string, name: string, ...json: readonly string[]): Json[] {
  const deltas = json.map((partial_json) => ({ type: "input_json_delta", partial_json }));
  return blockEvents(index, toolUse(id, name, {}), ...deltas);
}

export function endEvents(stop_reason: string, counts: Json = { output_tokens: 5 }): Json[] {
  return [
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: counts },
    { type: "message_stop" },
  ];
}

/** A client of a server that is up already, without retries. */
export function clientAt(baseURL: string): Anthropic {
  return new Anthropic({ apiKey: "test", baseURL, maxRetries: 0 });
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
