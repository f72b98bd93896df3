import { Mistral } from "@mistralai/mistralai";
import type { Message } from "../../src/message/parts.ts";
import { mistral } from "../../src/providers/mistral/index.ts";
import { type Handler, sse, startServer, status } from "./fault-server.ts";

// Mistral's wire, hand-written after https://docs.mistral.ai/api and the recordings; the SDK between is the real one.

/** An object on the wire. */
export type Wire = { [key: string]: unknown };

const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };

/** A completion that says "Hi!" unless the message says otherwise. */
export function completion(message: Wire = {}, more: Wire = {}): Wire {
  const choice = {
    index: 0,
    finish_reason: "stop",
    message: { role: "assistant", tool_calls: null, content: "Hi!", ...message },
  };
  return { id: "c1", object: "chat.completion", created: 1, model: "mistral-tiny", choices: [choice], usage, ...more };
}

/** A tool call. */
export function toolCall(id: string, name: string, args: string | object, index = 0): Wire {
  return { id, type: "function", function: { name, arguments: args }, index };
}

/** One event of a stream; with a reason it is the last one and has the usage. */
export function chunk(delta: Wire, finish_reason: string | null = null): Wire {
  const head = { id: "s1", object: "chat.completion.chunk", created: 1, model: "mistral-tiny" };
  return { ...head, choices: [{ index: 0, delta, finish_reason }], ...(finish_reason && { usage }) };
}

/** A whole stream of these events. */
export function events(...chunks: readonly Wire[]): string[] {
  return sse(...chunks, "[DONE]");
}

/** Runs a call against a server that answers so; gives its result and what was sent. */
export async function send<Result>(
  run: (client: Mistral) => PromiseLike<Result>,
  answer: Wire | Handler = completion(),
): Promise<{ result: Result; body: Wire; headers: Wire }> {
  await using server = await startServer(typeof answer === "function" ? (answer as Handler) : status(200, answer));
  const result = await run(new Mistral({ apiKey: "test", serverURL: server.url }));
  const [request] = server.requests;
  return { result, body: request?.body as Wire, headers: request?.headers as Wire };
}

/** These messages as they are sent. */
export async function sentMessages(messages: readonly unknown[]): Promise<Wire[]> {
  const { body } = await send((client) => mistral.call("m", { client }, () => messages as Message[])());
  return body.messages as Wire[];
}
