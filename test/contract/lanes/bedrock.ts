import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { bedrock } from "../../../src/providers/bedrock/index.ts";
import { frame } from "../../support/converse.ts";
import * as wire from "../../support/converse-server.ts";
import { status } from "../../support/fault-server.ts";
import { type Json, laneOf, type Said, secret, type Turn } from "../lane.ts";
import { openaiClient } from "./openai.ts";
import { cut, finishOf, listIn, merged, parsed, textIn, turn } from "./pieces.ts";

// Hand-written after https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.

const reasons = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "content_filtered",
} as const;

const exceptions: Readonly<Record<number, new (...args: never[]) => Error>> = {
  401: sdk.BedrockRuntimeServiceException,
  403: sdk.AccessDeniedException,
  404: sdk.ResourceNotFoundException,
  422: sdk.ValidationException,
  429: sdk.ThrottlingException,
  500: sdk.InternalServerException,
};

function contentOf({ text, thinking, toolCalls = [] }: Said): Json[] {
  const reasoningText = { text: thinking, signature: "c2ln" };
  return [
    ...(thinking === undefined ? [] : [{ reasoningContent: { reasoningText } }]),
    ...(text === undefined ? [] : [{ text }]),
    ...toolCalls.map(({ id, name, args }) => ({ toolUse: { toolUseId: id, name, input: parsed(args) } })),
  ];
}

function framesOf({ text, thinking, toolCalls = [] }: Said): Uint8Array[] {
  let index = 0;
  const frames: Uint8Array[] = [];
  if (thinking !== undefined) {
    for (const piece of cut(thinking)) frames.push(wire.delta(index, { reasoningContent: { text: piece } }));
    frames.push(wire.delta(index, { reasoningContent: { signature: "c2ln" } }), wire.stop(index++));
  }
  if (text !== undefined) {
    for (const piece of cut(text)) frames.push(wire.delta(index, { text: piece }));
    frames.push(wire.stop(index++));
  }
  for (const { id, name, args } of toolCalls) {
    frames.push(wire.start(index, { toolUse: { toolUseId: id, name } }));
    for (const input of cut(args, 5)) frames.push(wire.delta(index, { toolUse: { input } }));
    frames.push(wire.stop(index++));
  }
  return frames;
}

function turnsOf({ system, messages }: Json): Turn[] {
  const turns = listIn(messages).flatMap(({ role, content }) => {
    const blocks = listIn(content);
    const results = blocks.flatMap(({ toolResult }) => {
      const { toolUseId, content: given } = (toolResult ?? {}) as { toolUseId?: string; content?: unknown };
      return toolUseId === undefined ? [] : [{ id: toolUseId, text: textIn(given) }];
    });
    const calls = blocks.flatMap(({ toolUse }) => {
      const { toolUseId, name, input } = (toolUse ?? {}) as { toolUseId?: string; name?: string; input?: unknown };
      return name === undefined ? [] : [{ id: toolUseId ?? "", name, args: input }];
    });
    const said = turn(role as Turn["role"], { text: textIn(blocks), calls });
    if (results.length === 0) return [said];
    return [turn("tool", { results }), ...(said.text === "" ? [] : [said])];
  });
  return merged([...(system === undefined ? [] : [turn("system", { text: textIn(system) })]), ...turns]);
}

export const bedrockLane = laneOf(bedrock.call, bedrock.provider, {
  name: "bedrock",
  subpath: "bedrock",
  model: "us.anthropic.claude-sonnet-4-20250514-v1:0",
  id: "request-1",
  headers: { "x-amzn-requestid": "request-1" },
  client: (url) => wire.clientOf(url, 2, { credentials: { accessKeyId: "AKIA", secretAccessKey: secret } }),
  foreign: [openaiClient("http://127.0.0.1:9")],
  whole: (said) => ({
    output: { message: { role: "assistant", content: contentOf(said) } },
    stopReason: reasons[finishOf(said)],
    usage: wire.usage,
    metrics: { latencyMs: 1 },
  }),
  script: (said) => ({
    opening: [wire.opening],
    pieces: framesOf(said),
    closing: [wire.messageStop(reasons[finishOf(said)]), wire.metadata()],
  }),
  turns: turnsOf,
  error: (code, headers) => {
    const name = exceptions[code]?.name ?? "UnknownException";
    return status(code, { message: "no" }, { ...headers, "x-amzn-errortype": name });
  },
  errorClass: (code) => exceptions[code] ?? sdk.BedrockRuntimeServiceException,
  errorEvent: {
    event: frame("throttlingException", { message: "slow down" }, "exception"),
    errorClass: sdk.ThrottlingException,
  },
  // Over HTTP/2 the SDK takes a connection that breaks for the end of its stream.
  brokenAs: "stream_ended_early",
  badEvent: frame("contentBlockDelta", '{"contentBlockIndex":0,"del'),
  native: {
    user: (text) => ({ role: "user", content: [{ text }, { cachePoint: { type: "default" } }] }),
    params: { inferenceConfig: { maxTokens: 7 } },
    sent: { inferenceConfig: { maxTokens: 7 } },
  },
  traits: {
    parts: ["picture", "sound", "document", "cache mark"],
    common: ["temperature", "maxTokens", "topP", "stop"],
    json: "words",
    schema: "field",
    thinking: true,
    refusal: false,
    partialTools: true,
    resultParts: ["picture", "document"],
    errorResults: true,
    systemField: true,
    retryAfter: true,
  },
});
