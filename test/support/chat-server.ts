import OpenAI from "openai";
import { sse } from "./fault-server.ts";
import { type LoopbackServer, startServer } from "./server.ts";

// A hand-written stand-in for OpenAI's chat completions, for what needs no provider's peculiarities: the answers are
// the test's own. What real providers send is in the recordings.

/** The message of a completion; `finish` is its reason. */
export interface Said {
  readonly content?: string | null;
  readonly tool_calls?: readonly object[];
  readonly refusal?: string | null;
  readonly finish?: string;
  readonly usage?: object | null;
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

/** A whole completion that says this. */
export function completion({ finish, usage: used = usage, ...message }: Said, model = "gpt-4o-mini"): object {
  const reason = finish ?? (message.tool_calls ? "tool_calls" : "stop");
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: null, refusal: null, ...message },
        finish_reason: reason,
        logprobs: null,
      },
    ],
    ...(used !== null && { usage: used }),
  };
}

/** One event of a streamed completion. */
export function chunk(delta: object, finish: string | null = null, more: object = {}): object {
  const choices = [{ index: 0, delta, finish_reason: finish, logprobs: null }];
  return { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "gpt-4o-mini", choices, ...more };
}

/** The events of a streamed text, its usage at the end. */
export function textChunks(...texts: readonly string[]): object[] {
  return [...texts.map((content) => chunk({ content })), chunk({}, "stop"), { ...chunk({}), choices: [], usage }];
}

/** The events of a streamed tool call whose arguments come in pieces. */
export function toolChunks(name: string, id: string, pieces: readonly string[]): object[] {
  return [
    chunk({ tool_calls: [{ index: 0, id, type: "function", function: { name, arguments: "" } }] }),
    ...pieces.map((piece) => chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    chunk({}, "tool_calls"),
    { ...chunk({}), choices: [], usage },
  ];
}

/** A tool call of a whole completion. */
export function toolCall(name: string, args: unknown, id = "call_1"): object {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return { id, type: "function", function: { name, arguments: text } };
}

/** An answer: a whole completion, or the events of a stream. */
export type ChatAnswer = object | readonly object[];

/** A loopback server that gives these answers in turn (the last one again and again), and a client for it. */
export interface ChatServer extends LoopbackServer {
  readonly client: OpenAI;
  /** The parsed bodies that came. */
  readonly bodies: readonly Record<string, unknown>[];
}

/** Starts it. Close it with `await using`. */
export async function startChat(...answers: readonly ChatAnswer[]): Promise<ChatServer> {
  const server = await startServer((answer) => {
    const given = answers[Math.min(answer.index, answers.length - 1)] ?? {};
    if (!Array.isArray(given)) {
      answer.send(200, { "content-type": "application/json" }, JSON.stringify(given));
      return;
    }
    answer.send(200, { "content-type": "text/event-stream" }, sse(...given, "[DONE]").join(""));
  });
  const client = new OpenAI({ apiKey: "sk-secret", baseURL: server.url, maxRetries: 0, logLevel: "off" });
  return {
    ...server,
    client,
    get connections() {
      return server.connections;
    },
    get bodies() {
      return server.requests.map(({ body }) => body as Record<string, unknown>);
    },
  };
}
