import OpenAI from "openai";
import { openai } from "../../../src/providers/openai/index.ts";
import { errorEvents, status } from "../../support/fault-server.ts";
import * as wire from "../../support/responses-server.ts";
import { type Json, laneOf, type Said, type Turn } from "../lane.ts";
import { openaiClient, openaiError } from "./openai.ts";
import { cut, listIn, merged, parsed, textIn, turn } from "./pieces.ts";

// Hand-written after https://platform.openai.com/docs/api-reference/responses.

const { provider, call } = openai.responses;
const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };

function itemsOf({ text, thinking, toolCalls = [], refusal }: Said): Json[] {
  const said = refusal === undefined ? {} : { content: [{ type: "refusal", refusal }] };
  return [
    ...(thinking === undefined ? [] : [wire.reasoning([thinking])]),
    ...(text === undefined && refusal === undefined ? [] : [wire.message(text ?? "", said)]),
    ...toolCalls.map(({ id, name, args }) => wire.functionCall(id, name, args)),
  ];
}

function moreOf({ finish }: Said): Json {
  const cutOff = (reason: string) => ({ status: "incomplete", incomplete_details: { reason } });
  if (finish === "length") return { usage, ...cutOff("max_output_tokens") };
  return { usage, ...(finish === "content_filter" && cutOff("content_filter")) };
}

function piecesOf({ text, thinking, refusal, toolCalls = [] }: Said): Json[] {
  let index = 0;
  const events: Json[] = [];
  if (thinking !== undefined) events.push(...thoughtEvents(index++, thinking));
  if (text !== undefined) events.push(...wire.textEvents(index++, ...cut(text)));
  if (refusal !== undefined) events.push(...refusalEvents(index++, refusal));
  for (const { id, name, args } of toolCalls) {
    events.push(...wire.callEvents(index++, wire.functionCall(id, name, args), ...cut(args, 5)));
  }
  return events;
}

function thoughtEvents(output_index: number, text: string): Json[] {
  const place = { output_index, item_id: "rs_1" };
  const at = { ...place, summary_index: 0 };
  const part = { type: "summary_text", text: "" };
  return [
    { type: "response.output_item.added", ...place, item: wire.reasoning([]) },
    { type: "response.reasoning_summary_part.added", ...at, part },
    ...cut(text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...at, delta })),
    { type: "response.reasoning_summary_text.done", ...at, text },
    { type: "response.output_item.done", ...place, item: wire.reasoning([text]) },
  ];
}

function refusalEvents(output_index: number, refusal: string): Json[] {
  const place = { output_index, item_id: "msg_1" };
  const at = { ...place, content_index: 0 };
  const item = wire.message("", { content: [{ type: "refusal", refusal }] });
  return [
    { type: "response.output_item.added", ...place, item: { ...item, status: "in_progress", content: [] } },
    { type: "response.content_part.added", ...at, part: { type: "refusal", refusal: "" } },
    ...cut(refusal).map((delta) => ({ type: "response.refusal.delta", ...at, delta })),
    { type: "response.refusal.done", ...at, refusal },
    { type: "response.output_item.done", ...place, item },
  ];
}

function turnsOf(body: Json): Turn[] {
  return merged(
    listIn(body.input).flatMap((item) => {
      if (item.type === "reasoning") return [turn("assistant")];
      if (item.type === "function_call_output") {
        return [turn("tool", { results: [{ id: String(item.call_id), text: textIn(item.output) }] })];
      }
      if (item.type !== "function_call") return [turn(item.role as Turn["role"], { text: textIn(item.content) })];
      const args = parsed(String(item.arguments));
      return [turn("assistant", { calls: [{ id: String(item.call_id), name: String(item.name), args }] })];
    }),
  );
}

export const responsesLane = laneOf(call, provider, {
  name: "openai.responses",
  subpath: "openai",
  model: wire.answering,
  id: "resp_1",
  client: openaiClient,
  foreign: [{ messages: { create() {} } }],
  whole: (said) => wire.answer(itemsOf(said), moreOf(said)),
  script(said) {
    const [opening, rest, end] = [wire.begun, piecesOf(said), wire.ended(itemsOf(said), moreOf(said))];
    const last =
      said.finish === "length" || said.finish === "content_filter" ? { ...end, type: "response.incomplete" } : end;
    const events = wire.eventStream(...opening, ...rest, last);
    return {
      opening: events.slice(0, opening.length),
      pieces: events.slice(opening.length, -1),
      closing: events.slice(-1),
    };
  },
  turns: turnsOf,
  error: (code, headers) => status(code, { error: { message: "no", type: "some_error", code: null } }, headers),
  errorClass: openaiError,
  errorEvent: { event: errorEvents.openai, errorClass: OpenAI.APIError },
  badEvent: 'event: response.output_text.delta\ndata: {"type":"resp\n\n',
  native: {
    user: (text) => ({ type: "message", role: "user", content: [{ type: "input_text", text }], status: "completed" }),
    params: { max_output_tokens: 7 },
    sent: { max_output_tokens: 7 },
  },
  traits: {
    parts: ["picture", "picture by address", "document", "cache mark"],
    common: ["temperature", "maxTokens", "topP"],
    json: "field",
    schema: "field",
    thinking: true,
    refusal: true,
    partialTools: true,
    resultParts: ["picture", "picture by address", "document"],
    errorResults: false,
    systemField: false,
    retryAfter: true,
  },
});
