import { Mistral } from "@mistralai/mistralai";
import * as errors from "@mistralai/mistralai/models/errors";
import { mistral } from "../../../src/providers/mistral/index.ts";
import { status } from "../../support/fault-server.ts";
import * as wire from "../../support/mistral-wire.ts";
import { type Json, laneOf, type Said, secret } from "../lane.ts";
import { chatTurns } from "./chat-wire.ts";
import { cut, finishOf } from "./pieces.ts";

// Hand-written after https://docs.mistral.ai/api.

const model = "mistral-small-2603";
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

const thought = (text: string) => [{ type: "thinking", thinking: [{ type: "text", text }] }];

function messageOf({ text, thinking, toolCalls }: Said): wire.Wire {
  const content = thinking === undefined ? (text ?? "") : [...thought(thinking), { type: "text", text: text ?? "" }];
  return {
    content,
    ...(toolCalls && {
      tool_calls: toolCalls.map(({ id, name, args }, index) => wire.toolCall(id, name, args, index)),
    }),
  };
}

// Calls come whole, in one event each: that is how the API streams them.
function deltasOf({ text, thinking, toolCalls = [] }: Said): wire.Wire[] {
  return [
    ...cut(thinking ?? "").map((piece) => ({ content: thought(piece) })),
    ...cut(text ?? "").map((content) => ({ content })),
    ...toolCalls.map(({ id, name, args }, index) => ({ tool_calls: [wire.toolCall(id, name, args, index)] })),
  ];
}

const event = (delta: wire.Wire, finish: string | null = null): wire.Wire => {
  return { ...wire.chunk(delta, finish), id: "c1", model, ...(finish && { usage }) };
};

// Without the mark that ends a whole stream.
const events = (...chunks: readonly wire.Wire[]) => wire.events(...chunks).slice(0, -1);

export const mistralLane = laneOf(mistral.call, mistral.provider, {
  name: "mistral",
  subpath: "mistral",
  model,
  id: "c1",
  client: (serverURL) => new Mistral({ apiKey: secret, serverURL, retryConfig: { strategy: "none" } }),
  foreign: [{ messages: { create() {} } }],
  whole: (said) => {
    const whole = wire.completion(messageOf(said), { model, usage });
    const [choice] = whole.choices as Json[];
    return { ...whole, choices: [{ ...choice, finish_reason: finishOf(said) }] };
  },
  script: (said) => ({
    opening: events(event({ role: "assistant", content: "" })),
    pieces: events(...deltasOf(said).map((delta) => event(delta))),
    closing: wire.events(event({ content: "" }, finishOf(said))),
  }),
  turns: chatTurns,
  error: (code, headers) =>
    status(code, code === 422 ? { detail: [] } : { message: "no", type: "some_error" }, headers),
  errorClass: (code) => (code === 422 ? errors.HTTPValidationError : errors.SDKError),
  // The SDK checks what comes against its own schema, and its content type before that.
  bodyErrors: {
    "{}": "ResponseValidationError",
    null: "ResponseValidationError",
    "[]": "ResponseValidationError",
    HTML: "SDKError",
  },
  // The SDK hands the signal to a cloned request, which Node drops with the next garbage collection:
  // https://github.com/nodejs/undici/issues/4068. The caller is told in time all the same.
  badEvent: 'data: {"choices":[{"del\n\n',
  native: {
    user: (text) => ({ role: "user", content: [{ type: "text", text }] }),
    params: { maxTokens: 7 },
    sent: { max_tokens: 7 },
  },
  traits: {
    parts: ["picture", "picture by address", "sound", "document"],
    common: ["temperature", "maxTokens", "topP", "stop", "seed", "frequencyPenalty", "presencePenalty"],
    json: "field",
    schema: "field",
    thinking: true,
    refusal: false,
    partialTools: false,
    resultParts: ["picture", "picture by address", "sound", "document"],
    errorResults: false,
    systemField: false,
    retryAfter: true,
  },
});
