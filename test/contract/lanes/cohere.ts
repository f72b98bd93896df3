import { Cohere, CohereClientV2, CohereError } from "cohere-ai";
import { cohere } from "../../../src/providers/cohere/index.ts";
import * as wire from "../../support/cohere-server.ts";
import { status } from "../../support/fault-server.ts";
import { type Json, laneOf, type Said, secret } from "../lane.ts";
import { chatTurns } from "./chat-wire.ts";
import { openaiClient } from "./openai.ts";
import { cut, finishOf } from "./pieces.ts";

// Hand-written after https://docs.cohere.com/reference/chat.

const reasons = { stop: "COMPLETE", length: "MAX_TOKENS", tool_calls: "TOOL_CALL", content_filter: "ERROR" } as const;

const classes: Readonly<Record<number, new (...args: never[]) => Error>> = {
  401: Cohere.UnauthorizedError,
  403: Cohere.ForbiddenError,
  404: Cohere.NotFoundError,
  422: Cohere.UnprocessableEntityError,
  429: Cohere.TooManyRequestsError,
  500: Cohere.InternalServerError,
};

function messageOf({ text, thinking, toolCalls }: Said): Json {
  const content = [
    ...(thinking === undefined ? [] : [{ type: "thinking", thinking }]),
    ...(text === undefined ? [] : [{ type: "text", text }]),
  ];
  return {
    content: content.length > 0 ? content : undefined,
    ...(toolCalls && { tool_calls: toolCalls.map(({ id, name, args }) => wire.toolCall(id, name, args)) }),
  };
}

function eventsOf({ text, thinking, toolCalls = [] }: Said): Json[] {
  let index = 0;
  const events: Json[] = [];
  if (thinking !== undefined) events.push(...wire.blockEvents(index++, "thinking", ...cut(thinking)));
  if (text !== undefined) events.push(...wire.blockEvents(index++, "text", ...cut(text)));
  for (const [at, { id, name, args }] of toolCalls.entries()) {
    events.push(...wire.callEvents(at, id, name, ...cut(args, 5)));
  }
  return events;
}

// Without the mark that ends a whole stream.
const events = (...data: readonly Json[]) => wire.eventStream(...data).slice(0, -1);

export const cohereLane = laneOf(cohere.call, cohere.provider, {
  name: "cohere",
  subpath: "cohere",
  model: "command-a-03-2025",
  id: "chat-1",
  client: (baseUrl) => new CohereClientV2({ token: secret, baseUrl, maxRetries: 0 }),
  foreign: [openaiClient("http://127.0.0.1:9")],
  whole: (said) => wire.answer(messageOf(said), { finish_reason: reasons[finishOf(said)] }),
  script: (said) => ({
    opening: events(wire.messageStart),
    pieces: events(...eventsOf(said)),
    closing: wire.eventStream(wire.messageEnd(reasons[finishOf(said)])),
  }),
  turns: chatTurns,
  error: (code, headers) => status(code, { message: "no" }, headers),
  errorClass: (code) => classes[code] ?? CohereError,
  errorEvent: {
    event: events(wire.messageEnd("ERROR", { error: "failed" })).join(""),
    errorClass: CohereError,
  },
  badEvent: 'event: content-delta\ndata: {"type":"content-del\n\n',
  native: {
    user: (text) => ({ role: "user", content: [{ type: "text", text }] }),
    params: { maxTokens: 7 },
    sent: { max_tokens: 7 },
  },
  traits: {
    parts: ["picture", "picture by address"],
    common: ["temperature", "maxTokens", "topP", "stop", "seed", "frequencyPenalty", "presencePenalty"],
    json: "field",
    schema: "field",
    thinking: true,
    refusal: false,
    partialTools: true,
    resultParts: [],
    errorResults: false,
    systemField: false,
    retryAfter: true,
  },
});
