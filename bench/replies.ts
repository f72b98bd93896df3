import { messageStream } from "./replies-messages.ts";
import { itemsJson, model, profile, reportJson } from "./samples.ts";

// OpenAI's Chat Completions as they come over the wire, with all the keys that come with them today.

/** What a request is answered with. */
export interface Reply {
  readonly type: "application/json" | "text/event-stream";
  readonly body: Buffer;
  /** The events one by one, where each is written by itself. */
  readonly events: readonly Buffer[] | undefined;
  /** Milliseconds between two of them. */
  readonly interval: number;
  /** Milliseconds before it is sent; none by default. */
  readonly wait?: number;
}

/** What of a request decides about its answer. */
export interface Asked {
  /** The route without a leading slash: `text/2000`, `written/2000`, `slow/2`, `items/<key>/<count>`, `arguments/<length>`, … */
  readonly path: string;
  /** The end of the URL: OpenAI's `chat/completions`, or Anthropic's `messages`. */
  readonly endpoint: string;
  readonly stream: boolean;
  /** The first tool that was offered: the answer is a call of it. */
  readonly tool: string | undefined;
}

const head = { id: "chatcmpl-CxT1vTzgqKfDq0bYxVq1UZb0", created: 1760000000, model: `${model}-2024-07-18` };
const service = { service_tier: "default", system_fingerprint: "fp_560af6e559" };
const usage = { prompt_tokens: 12, completion_tokens: 2000, total_tokens: 2012 };
const words = [" the", " quick", " brown", " fox", " jumps", " over", " a", " lazy", " dog", "."];

/** The answer to a request. Throws for an unknown route. */
export function replyTo({ path, endpoint, stream, tool }: Asked): Reply {
  const [route = "", first = "", second = ""] = path.split("/");
  const reply = (events: readonly string[]) => eventStream(events, route);
  if (endpoint === "messages") return reply(messageStream(texts(Number(first))));
  switch (route) {
    case "slow":
      return { ...json({ content: words.join("").repeat(6) }), wait: Number(first) };
    case "call":
    case "profile": {
      const text = route === "call" ? "Dune" : JSON.stringify(profile);
      const isCall = tool !== undefined && !tool.startsWith("search");
      // Who reads every answer as a stream gets it as one.
      if (stream) return reply(isCall ? chatStream(deltas(JSON.stringify(profile), tool)) : chatStream(deltas(text)));
      return json(isCall ? called(tool, profile) : { content: text });
    }
    case "text":
    case "written":
    case "paced":
      return reply(chatStream(texts(Number(first)).map((content) => ({ content }))));
    case "items":
      return reply(chatStream(deltas(itemsJson(first, Number(second)), tool)));
    case "arguments":
      return reply(chatStream(deltas(reportJson(Number(first)), tool)));
    default:
      throw new Error(`No route ${path} (stream: ${stream})`);
  }
}

function json(message: object): Reply {
  const body = {
    ...head,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: null, refusal: null, annotations: [], ...message },
        logprobs: null,
        finish_reason: "tool_calls" in message ? "tool_calls" : "stop",
      },
    ],
    usage,
    ...service,
  };
  return { type: "application/json", body: Buffer.from(JSON.stringify(body)), events: undefined, interval: 0 };
}

function called(name: string, value: object) {
  const call = { name, arguments: JSON.stringify(value) };
  return { tool_calls: [{ id: "call_1", type: "function", function: call }] };
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => words[index % words.length] ?? "");
}

/** A text in deltas of 16 characters, as content or as the arguments of a tool call. */
function deltas(text: string, tool?: string): object[] {
  const pieces: object[] = [];
  if (tool !== undefined) {
    const begun = { index: 0, id: "call_1", type: "function", function: { name: tool, arguments: "" } };
    pieces.push({ role: "assistant", content: null, tool_calls: [begun], refusal: null });
  }
  for (let start = 0; start < text.length; start += 16) {
    const piece = text.slice(start, start + 16);
    pieces.push(
      tool === undefined ? { content: piece } : { tool_calls: [{ index: 0, function: { arguments: piece } }] },
    );
  }
  return pieces;
}

function chatStream(pieces: readonly object[]): string[] {
  const event = (fields: object) =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...service, ...fields, obfuscation: "aB3dE6fG" })}\n\n`;
  const choice = (delta: object, finish_reason: string | null) =>
    event({ choices: [{ index: 0, delta, logprobs: null, finish_reason }], usage: null });
  return [
    choice({ role: "assistant", content: "", refusal: null }, null),
    ...pieces.map((delta) => choice(delta, null)),
    choice({}, pieces.some((delta) => "tool_calls" in delta) ? "tool_calls" : "stop"),
    event({ choices: [], usage }),
    "data: [DONE]\n\n",
  ];
}

function eventStream(events: readonly string[], route: string): Reply {
  const isSingle = route === "written" || route === "paced";
  return {
    type: "text/event-stream",
    body: Buffer.from(events.join("")),
    events: isSingle ? events.map((text) => Buffer.from(text)) : undefined,
    interval: route === "paced" ? 1 : 0,
  };
}
