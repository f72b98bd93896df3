import { CohereClientV2 } from "cohere-ai";
import { type Handler, sse, startServer, status } from "./fault-server.ts";
import type { Json } from "./replay.ts";

// What Cohere's v2 chat says, hand-written after its reference for what no recording shows on demand.

export const usage: Json = {
  billed_units: { input_tokens: 10, output_tokens: 5 },
  tokens: { input_tokens: 500, output_tokens: 7 },
  cached_tokens: 400,
};

/** A whole answer; `message` and `more` replace what it says. */
export function answer(message: Json = {}, more: Json = {}): Json {
  return {
    id: "chat-1",
    message: { role: "assistant", content: [{ type: "text", text: "Hello" }], ...message },
    finish_reason: "COMPLETE",
    usage,
    ...more,
  };
}

export function toolCall(id: string, name: string, args: string): Json {
  return { id, type: "function", function: { name, arguments: args } };
}

const delta = (message: Json): Json => ({ delta: { message } });

export const messageStart: Json = {
  type: "message-start",
  id: "chat-1",
  ...delta({ role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] }),
};

/** The events of one block of text or thoughts. */
export function blockEvents(index: number, type: "text" | "thinking", ...texts: readonly string[]): Json[] {
  return [
    { type: "content-start", index, ...delta({ content: { type, [type]: "" } }) },
    ...texts.map((text) => ({ type: "content-delta", index, ...delta({ content: { [type]: text } }) })),
    { type: "content-end", index },
  ];
}

export function planEvents(...texts: readonly string[]): Json[] {
  return texts.map((text) => ({ type: "tool-plan-delta", ...delta({ tool_plan: text }) }));
}

/** The events of one tool call whose arguments come in these pieces. */
export function callEvents(index: number, id: string, name: string, ...pieces: readonly string[]): Json[] {
  return [
    { type: "tool-call-start", index, ...delta({ tool_calls: toolCall(id, name, "") }) },
    ...pieces.map((piece) => ({
      type: "tool-call-delta",
      index,
      ...delta({ tool_calls: { function: { arguments: piece } } }),
    })),
    { type: "tool-call-end", index },
  ];
}

export function messageEnd(finish_reason = "COMPLETE", more: Json = { usage }): Json {
  return { type: "message-end", delta: { finish_reason, ...more } };
}

/** Events as the API sends them, each under its name, and the mark it ends with. */
export function eventStream(...data: readonly Json[]): string[] {
  return [...data.map((item) => `event: ${item.type}\n${sse(item)[0]}`), "data: [DONE]\n\n"];
}

/** "Hello", in two pieces. */
export const hello = eventStream(messageStart, ...blockEvents(0, "text", "Hel", "lo"), messageEnd());

/** A client of a server that is up already, without retries. */
export function clientAt(baseUrl: string): CohereClientV2 {
  return new CohereClientV2({ token: "test", baseUrl, maxRetries: 0 });
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
