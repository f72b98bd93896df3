import { answer, toolUse } from "./anthropic-server.ts";
import { toolChunks } from "./chat-server.ts";
import { answersOf, missingModel } from "./example-answers.ts";
import { sse } from "./fault-server.ts";
import { type Exchange, type RecordedResponse, recordings } from "./recordings.ts";
import { bodyOf, isStream, type Json } from "./replay.ts";
import type { Answer } from "./server.ts";

// What answers the examples by topic: OpenAI's recorded conversation about a book (a tool call, then the book as JSON),
// plain and streamed, a recorded text where neither tools nor JSON are asked for, and Anthropic's recorded text.

const bookTool = "get_book_info";

interface Conversation {
  readonly call: RecordedResponse;
  readonly book: RecordedResponse;
}

/** Chosen by what was recorded: two exchanges, the first of which calls the tool of the examples. */
function conversation(streamed: boolean): Conversation {
  const found = recordings("openai", ({ exchanges: [first, second, ...more] }) => {
    if (first === undefined || second === undefined || more.length > 0) return false;
    return isStream(first.response) === streamed && toolNames(first).includes(bookTool);
  })[0];
  const [call, book] = found?.exchanges ?? [];
  if (call === undefined || book === undefined) throw new Error(`No recording of openai calls ${bookTool}.`);
  return { call: call.response, book: book.response };
}

function toolNames(exchange: Exchange): unknown[] {
  const { tools } = bodyOf(exchange) as { tools?: { function?: { name?: unknown } }[] };
  return tools?.map((tool) => tool.function?.name) ?? [];
}

/** The handler of the server; `text` is what OpenAI's plain answer says. */
export function topicAnswers(): { readonly text: string; answer(request: Answer): void } {
  const openai = answersOf("openai");
  const anthropic = answersOf("anthropic");
  const [whole, streamed] = [conversation(false), conversation(true)];
  return {
    text: openai.text,
    answer(request) {
      const { path } = request.request;
      if (path.startsWith("/res/v1/web/search")) return send(request, searched);
      const body = request.request.body as Json & { messages: { role: string }[] };
      if (path.endsWith("/messages")) return asksForScan(body) ? send(request, scans) : anthropic.answer(request);
      if (body.model === missingModel) return openai.answer(request);
      const asked = body.stream === true ? streamed : whole;
      if (namesIn(body).includes(bookTool)) {
        return send(request, body.messages.some(({ role }) => role === "tool") ? asked.book : asked.call);
      }
      if (asksForElements(body)) return send(request, elements);
      if (body.tools !== undefined || body.response_format !== undefined) return send(request, asked.book);
      return body.stream === true ? send(request, streamed.book) : openai.answer(request);
    },
  };
}

// Written by hand, of the fields of Brave's search API that the example reads.
const searched: RecordedResponse = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: {
    web: {
      results: [{ title: "Brandon Sanderson", url: "https://example.org/sanderson", description: "Wrote Mistborn." }],
    },
  },
};

function namesIn({ tools }: Json): unknown[] {
  return ((tools ?? []) as { function: { name: unknown } }[]).map((tool) => tool.function.name);
}

const asksForScan = (body: Json) => {
  const text = JSON.stringify(body);
  return text.includes('"scan_shelf"') && !text.includes('"tool_result"');
};

// Written by hand: no recording of Anthropic calls the tool of this example.
const scans: RecordedResponse = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: answer({ content: [toolUse("toolu_1", "scan_shelf", { shelf: 3 })], stop_reason: "tool_use" }),
};

const asksForElements = (body: Json) => body.stream === true && JSON.stringify(body.tools ?? "").includes('"array"');

// Written by hand: no recording of OpenAI streams an array through a forced tool.
const elements: RecordedResponse = {
  status: 200,
  headers: { "content-type": "text/event-stream" },
  text: sse(
    ...toolChunks("answer", "call_1", ['{"value":[{"title":"Du', 'ne"},{"title"', ':"Emma"}]}']),
    "[DONE]",
  ).join(""),
};

function send(request: Answer, response: RecordedResponse): void {
  const text = "body" in response ? JSON.stringify(response.body) : "text" in response ? response.text : "";
  request.send(response.status, response.headers, text);
}
