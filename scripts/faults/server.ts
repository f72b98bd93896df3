import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

// A server that speaks OpenAI's chat completions and fails in one way at a time. Hand-written; each fault is one that
// services and the proxies before them are known for.

/** One way to fail: what is asked, and what comes. */
export interface Fault {
  readonly name: string;
  /** What the page calls it. */
  readonly title: string;
  readonly asks: "text" | "stream" | "value";
  respond(response: ServerResponse, asked: Asked): void;
}

/** What the fault must know of the request. */
export interface Asked {
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const base = { id: "chatcmpl-1", created: 1, model: "gpt-4o-mini" };

function whole(message: object, finish: string): object {
  const choice = { index: 0, message: { role: "assistant", content: null, refusal: null, ...message } };
  return { ...base, object: "chat.completion", choices: [{ ...choice, finish_reason: finish, logprobs: null }], usage };
}

function event(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish, logprobs: null }];
  return `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", choices })}\n\n`;
}

function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Two words, and whatever comes then. */
function begin(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event({ role: "assistant", content: "Take two " }));
  response.write(event({ content: "tablets, " }));
}

/** A value as it is asked for: by the tool that is offered, else as text. */
function value({ tools }: Asked, text: string, finish: string): object {
  const name = tools?.[0]?.function.name;
  if (name === undefined) return whole({ content: text }, finish);
  const call = { id: "call_1", type: "function", function: { name, arguments: text } };
  return whole({ tool_calls: [call] }, finish === "stop" ? "tool_calls" : finish);
}

/** The faults, in the order of the page. */
export const faults: readonly Fault[] = [
  {
    name: "cut",
    title: "A stream whose connection breaks after two words",
    asks: "stream",
    respond(response) {
      begin(response);
      setTimeout(() => response.destroy(), 50);
    },
  },
  {
    name: "early",
    title: "A stream that ends early, without a word: no finish reason, no `[DONE]`",
    asks: "stream",
    respond(response) {
      begin(response);
      response.end();
    },
  },
  {
    name: "error-event",
    title: "An error in the middle of a stream",
    asks: "stream",
    respond(response) {
      begin(response);
      response.end(
        `data: ${JSON.stringify({ error: { message: "Overloaded", type: "server_error", code: null } })}\n\n`,
      );
    },
  },
  {
    name: "length-stream",
    title: "A stream that the token limit cut",
    asks: "stream",
    respond(response) {
      begin(response);
      response.end(`${event({}, "length")}data: [DONE]\n\n`);
    },
  },
  {
    name: "page",
    title: "An error page under status 200",
    asks: "text",
    respond: (response) =>
      void response.writeHead(200, { "content-type": "text/html" }).end("<html><h1>Bad gateway</h1></html>"),
  },
  {
    name: "empty",
    title: "An empty object under status 200",
    asks: "text",
    respond: (response) => json(response, {}),
  },
  {
    name: "rate-limit",
    title: "Status 429 again and again, `retry-after: 1`",
    asks: "text",
    respond: (response) =>
      json(response, { error: { message: "Slow down", type: "requests", code: "rate_limit_exceeded" } }, 429, {
        "retry-after": "1",
      }),
  },
  {
    name: "filter",
    title: "An answer that a filter emptied",
    asks: "text",
    respond: (response) => json(response, whole({ content: "" }, "content_filter")),
  },
  {
    name: "length-value",
    title: "A structured answer that the token limit cut",
    asks: "value",
    respond: (response, asked) => json(response, value(asked, '{"name":"Ada","dose":20', "length")),
  },
  {
    name: "invalid",
    title: "A structured answer of the wrong type",
    asks: "value",
    respond: (response, asked) => json(response, value(asked, '{"name":"Ada","dose":"twenty"}', "stop")),
  },
];

/** A server with one fault. */
export async function startFault(fault: Fault): Promise<{ url: string; requests(): number; close(): Promise<void> }> {
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests++;
    const text = Buffer.concat(await request.toArray()).toString();
    fault.respond(response, JSON.parse(text) as Asked);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests: () => requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
