import type { Cohere } from "cohere-ai";
import { brokenFetch, type FinishWords, finishWord, noSuchFailure } from "../../contract/fake.ts";
import type { FakeAnswer, FakeFailure, FakeUsage, FakeWire } from "../../contract/fake-answer.ts";
import { missingSdk } from "../../contract/sdk.ts";
import type { CohereTypes } from "./types.ts";

type Event = Cohere.V2ChatStreamResponse;

/** How answers are made up for tests, in the form of Cohere's SDK. https://docs.cohere.com/reference/chat */
export const fake: FakeWire<CohereTypes> = {
  whole(answer) {
    const { id, toolCalls, usage } = answer;
    const content = blocksOf(answer).map(([type, { text }]) => toBlock(type, text));
    const calls = toolCalls.map(({ id: callId, name, args }) => toCall(callId, name, args));
    return {
      id,
      finishReason: finishWord("cohere", answer, words),
      message: {
        role: "assistant",
        ...(content.length > 0 && { content }),
        ...(calls.length > 0 && { toolCalls: calls }),
      },
      usage: toUsage(usage),
    };
  },

  events(answer) {
    const { id, toolCalls, usage } = answer;
    const blocks = blocksOf(answer).flatMap(([type, { pieces }], index): Event[] => [
      { type: "content-start", index, delta: { message: { content: toBlock(type, "") } } },
      ...pieces.map(
        (text): Event => ({
          type: "content-delta",
          index,
          delta: { message: { content: type === "text" ? { text } : { thinking: text } } },
        }),
      ),
      { type: "content-end", index },
    ]);
    const calls = toolCalls.flatMap(({ id: callId, name, pieces }, index): Event[] => [
      { type: "tool-call-start", index, delta: { message: { toolCalls: toCall(callId, name, "") } } },
      ...pieces.map(
        (text): Event => ({
          type: "tool-call-delta",
          index,
          delta: { message: { toolCalls: { function: { arguments: text } } } },
        }),
      ),
      { type: "tool-call-end", index },
    ]);
    const finishReason = finishWord("cohere", answer, words);
    return [
      { type: "message-start", id, delta: { message: { role: "assistant" } } },
      ...blocks,
      ...calls,
      { type: "message-end", delta: { finishReason, usage: toUsage(usage) } },
    ];
  },

  async error(failure) {
    if (failure.kind === "content_filter") throw noSuchFailure("cohere", failure);
    const sdk = await import("cohere-ai").catch(missingSdk("cohere-ai", "cohere"));
    const { kind, status, headers } = failure;
    if (status !== undefined) return errorOf(sdk, failure, status, rawOf(status, headers));
    // What its SDK makes of a `fetch` that was too slow (run: its class for that is not used), was aborted, or failed.
    if (kind === "timeout") {
      return new sdk.CohereError({ message: '"timeout"', cause: "timeout", rawResponse: rawOf(0, {}, "error") });
    }
    const cause = kind === "aborted" ? new DOMException("This operation was aborted", "AbortError") : brokenFetch();
    if (kind === "aborted" || kind === "connection") {
      const rawResponse = rawOf(kind === "aborted" ? 499 : 0, {}, "error");
      return new sdk.CohereError({ message: cause.message, cause, rawResponse });
    }
    throw noSuchFailure("cohere", failure);
  },
};

const words: FinishWords<Cohere.ChatFinishReason> = {
  stop: "COMPLETE",
  length: "MAX_TOKENS",
  tool_calls: "TOOL_CALL",
  error: "ERROR",
};

type Said = NonNullable<FakeAnswer["text"]>;

function blocksOf({ text, thinking, refusal }: FakeAnswer): ["text" | "thinking", Said][] {
  const said = [text, refusal].flatMap((one): ["text", Said][] => (one === undefined ? [] : [["text", one]]));
  return thinking === undefined ? said : [["thinking", thinking], ...said];
}

function toBlock(type: "text" | "thinking", text: string): Cohere.AssistantMessageResponseContentItem {
  return type === "text" ? { type, text } : { type, thinking: text };
}

function toCall(id: string, name: string, args: string): Cohere.ToolCallV2 {
  return { id, type: "function", function: { name, arguments: args } };
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage): Cohere.Usage {
  const tokens = {
    inputTokens,
    outputTokens,
    ...(reasoningTokens !== undefined && { reasoning_tokens: reasoningTokens }),
  };
  return {
    billedUnits: { inputTokens, outputTokens },
    tokens,
    ...(cachedTokens !== undefined && { cachedTokens }),
  };
}

type Sdk = typeof import("cohere-ai");
type Raw = NonNullable<InstanceType<Sdk["CohereError"]>["rawResponse"]>;

function rawOf(status: number, headers: Readonly<Record<string, string>>, type: Raw["type"] = "default"): Raw {
  const shown = new Headers(headers);
  return { headers: shown, redirected: false, status, statusText: "", type, url: "https://api.cohere.com/v2/chat" };
}

const classes = {
  400: "BadRequestError",
  401: "UnauthorizedError",
  403: "ForbiddenError",
  404: "NotFoundError",
  422: "UnprocessableEntityError",
  429: "TooManyRequestsError",
  499: "ClientClosedRequestError",
  500: "InternalServerError",
  501: "NotImplementedError",
  503: "ServiceUnavailableError",
  504: "GatewayTimeoutError",
} as const;

function errorOf(sdk: Sdk, { kind, message }: FakeFailure, status: number, raw: Raw): Error {
  const said =
    kind === "context_overflow" ? `the number of tokens in the prompt cannot exceed the limit: ${message}` : message;
  const body = { message: said };
  const name = (classes as Readonly<Record<number, (typeof classes)[keyof typeof classes]>>)[status];
  if (name !== undefined) return new sdk.Cohere[name](body, raw);
  return new sdk.CohereError({ statusCode: status, body, rawResponse: raw });
}
