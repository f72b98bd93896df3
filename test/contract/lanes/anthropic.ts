import Anthropic from "@anthropic-ai/sdk";
import { anthropic } from "../../../src/providers/anthropic/index.ts";
import * as wire from "../../support/anthropic-server.ts";
import { errorEvents, status } from "../../support/fault-server.ts";
import { type Json, laneOf, type Said, secret, type Turn } from "../lane.ts";
import { openaiClient } from "./openai.ts";
import { cut, finishOf, listIn, merged, parsed, textIn, turn } from "./pieces.ts";

// Hand-written after https://platform.claude.com/docs/en/api/messages.

// The SDK warns on the console of models that are about to end.
const model = "claude-haiku-4-5-20251001";
const start: Json = { ...wire.messageStart, message: { ...(wire.messageStart.message as Json), model } };

const reasons = { stop: "end_turn", length: "max_tokens", tool_calls: "tool_use", content_filter: "refusal" } as const;

const types: Readonly<Record<number, readonly [type: string, errorClass: new (...args: never[]) => Error]>> = {
  401: ["authentication_error", Anthropic.AuthenticationError],
  403: ["permission_error", Anthropic.PermissionDeniedError],
  404: ["not_found_error", Anthropic.NotFoundError],
  422: ["invalid_request_error", Anthropic.UnprocessableEntityError],
  429: ["rate_limit_error", Anthropic.RateLimitError],
  500: ["api_error", Anthropic.InternalServerError],
  529: ["overloaded_error", Anthropic.InternalServerError],
};

function blocksOf({ text, thinking, toolCalls = [] }: Said): Json[] {
  return [
    ...(thinking === undefined ? [] : [{ type: "thinking", thinking, signature: "c2ln" }]),
    ...(text === undefined ? [] : [{ type: "text", text }]),
    ...toolCalls.map(({ id, name, args }) => wire.toolUse(id, name, parsed(args))),
  ];
}

function eventsOf({ text, thinking, toolCalls = [] }: Said): Json[] {
  let index = 0;
  const events: Json[] = [];
  if (thinking !== undefined) {
    const deltas = cut(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece }));
    const block = { type: "thinking", thinking: "", signature: "" };
    events.push(...wire.blockEvents(index++, block, ...deltas, { type: "signature_delta", signature: "c2ln" }));
  }
  if (text !== undefined) events.push(...wire.textEvents(index++, ...cut(text)));
  for (const { id, name, args } of toolCalls) events.push(...wire.toolEvents(index++, id, name, ...cut(args, 5)));
  return events;
}

function turnsOf({ system, messages }: Json): Turn[] {
  const turns = listIn(messages).flatMap(({ role, content }) => {
    const blocks = listIn(content);
    const results = blocks.filter(({ type }) => type === "tool_result");
    const calls = blocks.filter(({ type }) => type === "tool_use");
    const text = textIn(content);
    const said = turn(role as Turn["role"], {
      text,
      calls: calls.map(({ id, name, input }) => ({ id: String(id), name: String(name), args: input })),
    });
    const given = results.map(({ tool_use_id, content: result }) => ({
      id: String(tool_use_id),
      text: textIn(result),
    }));
    if (given.length === 0) return [said];
    return [turn("tool", { results: given }), ...(text === "" ? [] : [said])];
  });
  return merged([...(system === undefined ? [] : [turn("system", { text: textIn(system) })]), ...turns]);
}

export const anthropicLane = laneOf(anthropic.call, anthropic.provider, {
  name: "anthropic",
  subpath: "anthropic",
  model,
  id: "msg_1",
  client: (baseURL) => new Anthropic({ apiKey: secret, baseURL, maxRetries: 0, logLevel: "off" }),
  foreign: [openaiClient("http://127.0.0.1:9")],
  whole: (said) => wire.answer({ model, content: blocksOf(said), stop_reason: reasons[finishOf(said)] }),
  script: (said) => ({
    opening: wire.eventStream(start),
    pieces: wire.eventStream(...eventsOf(said)),
    closing: wire.eventStream(...wire.endEvents(reasons[finishOf(said)])),
  }),
  turns: turnsOf,
  error: (code, headers) => {
    const [type = "api_error"] = types[code] ?? [];
    return status(code, { type: "error", error: { type, message: "no" } }, headers);
  },
  errorClass: (code) => types[code]?.[1] ?? Anthropic.APIError,
  errorEvent: { event: errorEvents.anthropic, errorClass: Anthropic.APIError },
  badEvent: 'event: content_block_delta\ndata: {"type":"content_blo\n\n',
  native: {
    user: (text) => ({ role: "user", content: [{ type: "text", text, citations: null }] }),
    params: { max_tokens: 7 },
    sent: { max_tokens: 7 },
  },
  traits: {
    parts: ["picture", "picture by address", "document", "cache mark"],
    common: ["temperature", "maxTokens", "topP", "stop"],
    json: "words",
    schema: "field",
    thinking: true,
    refusal: false,
    partialTools: true,
    resultParts: ["picture", "picture by address", "document"],
    errorResults: true,
    systemField: true,
    retryAfter: true,
  },
});
