import Groq from "groq-sdk";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { groq } from "../../src/providers/groq/index.ts";
import type { GroqTypes } from "../../src/providers/groq/types.ts";
import { type ChatPlayer, differences, playRecording } from "../support/chat-player.ts";
import { type ChatTruth, chatTruth } from "../support/chat-replay.ts";
import { describeRecordings, type Exchange, type RecordedResponse } from "../support/recordings.ts";
import { isStream, type Json } from "../support/replay.ts";

/** The thoughts at the start of a text, by a plain reader of this test's own. */
function parted(text: string): { thought: string; content: string } {
  const start = text.trimStart();
  const end = start.indexOf("</think>");
  if (!start.startsWith("<think>")) return { thought: "", content: text };
  return end === -1
    ? { thought: start.slice(7), content: "" }
    : { thought: start.slice(7, end), content: start.slice(end + 8) };
}

/** Groq tells a stream's usage in `x_groq`, newer answers in both places; raw reasoning stands in the text. */
function truth(response: RecordedResponse): ChatTruth {
  const plain = chatTruth(response);
  const told = plain.events.map((event) => (event.x_groq as Json | undefined)?.usage).findLast(Boolean);
  const { thought, content } = parted(plain.content);
  return { ...plain, usage: plain.usage ?? (told as Json | undefined), content, reasoning: plain.reasoning + thought };
}

/** US dollars a million tokens, input and output (https://groq.com/pricing, seen 2026-11). */
const prices: Readonly<Record<string, readonly [number, number]>> = {
  "llama-3.3-70b-versatile": [0.59, 0.79],
};

const errorClasses: Readonly<Record<number, new (...args: never[]) => Error>> = {
  400: Groq.BadRequestError,
  401: Groq.AuthenticationError,
  403: Groq.PermissionDeniedError,
  404: Groq.NotFoundError,
  413: Groq.APIError,
  422: Groq.UnprocessableEntityError,
  429: Groq.RateLimitError,
  500: Groq.InternalServerError,
  503: Groq.InternalServerError,
};
const errorKinds: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "authentication",
  403: "permission",
  404: "not_found",
  413: "too_large",
  422: "invalid_request",
  429: "rate_limit",
  500: "server",
  503: "overloaded",
};

const isErrorStream = ({ response }: Exchange) =>
  isStream(response) && JSON.stringify(response).includes("event: error");

const player: ChatPlayer<GroqTypes> = {
  call: groq.call,
  client: (url) => new Groq({ apiKey: "test", baseURL: url, maxRetries: 0 }),
  expectedBody: differences.streamFlag,
  // The recorded client writes thoughts into the text as a `<think>` block, or leaves them out; we send them back as
  // they came. The rest of the turn is the same.
  turn: ({ role, content, tool_calls }) => ({
    role,
    content: typeof content === "string" ? parted(content).content.trim() : content,
    tool_calls,
  }),
  truth,
  fails: (exchange) => exchange.response.status >= 400 || isErrorStream(exchange),
  expectFailure(error, exchange) {
    const { status } = exchange.response;
    expect(error).toBeInstanceOf(errorClasses[status] ?? Groq.APIError);
    if (status >= 400) {
      // What the model itself wrote wrongly comes under a 400, too.
      const kind = String(error).includes("tool_use_failed") ? "malformed" : errorKinds[status];
      expect(classify(error)).toMatchObject({ status, kind });
      expect((error as { error?: unknown }).error).toEqual((exchange.response as { body: unknown }).body);
    } else expect(classify(error)).toMatchObject({ kind: "malformed", status: 400 });
  },
  expectMore(response, { model = "", usage }) {
    const price = prices[model];
    if (price !== undefined && usage !== undefined && response.tokens.cacheRead === undefined) {
      const counts = usage as { prompt_tokens: number; completion_tokens: number };
      const byHand = (counts.prompt_tokens * price[0] + counts.completion_tokens * price[1]) / 1e6;
      expect(response.cost).toBeCloseTo(byHand, 12);
    }
    // Agents run several models and tools at prices of their own.
    if (model.startsWith("groq/compound")) expect(response.cost).toBeUndefined();
    const details = usage?.completion_tokens_details as { reasoning_tokens?: number } | undefined;
    expect(response.tokens.reasoning).toBe(details?.reasoning_tokens);
  },
};

describeRecordings("groq", ({ exchanges }) => {
  test("replays through the SDK", () => playRecording(player, exchanges));
});
