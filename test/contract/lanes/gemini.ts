import { ApiError, GoogleGenAI } from "@google/genai";
import type { Call } from "../../../src/call/types.ts";
import type { Provider } from "../../../src/contract/provider.ts";
import type { GenAITypes } from "../../../src/dialects/gemini-types.ts";
import { gemini } from "../../../src/providers/gemini/index.ts";
import { vertex } from "../../../src/providers/vertex/index.ts";
import { errorEvents, sse, status } from "../../support/fault-server.ts";
import * as wire from "../../support/gemini-server.ts";
import { type Json, laneOf, type NetworkLane, type Said, secret, type Turn } from "../lane.ts";
import { openaiClient } from "./openai.ts";
import { cut, finishOf, listIn, merged, parsed, textIn, turn } from "./pieces.ts";

// Hand-written after https://ai.google.dev/api/generate-content; the Gemini API and Vertex AI share it.

type Parts = Parameters<typeof wire.answer>[0] & object;

const words: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  422: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  529: "UNAVAILABLE",
};

function partsOf({ text, thinking, toolCalls = [] }: Said, pieces: (text: string) => string[]): Parts {
  return [
    ...pieces(thinking ?? "").map((piece) => ({ text: piece, thought: true })),
    ...pieces(text ?? "").map((piece) => ({ text: piece })),
    ...toolCalls.map(({ id, name, args }) => ({
      functionCall: { ...(id !== "" && { id }), name, args: parsed(args) as Record<string, unknown> },
    })),
  ];
}

// Google says STOP of an answer that calls tools, too.
const reasons = { stop: "STOP", length: "MAX_TOKENS", tool_calls: "STOP", content_filter: "SAFETY" } as const;
const reasonOf = (said: Said) => reasons[finishOf(said)];

function turnsOf({ systemInstruction, contents }: Json): Turn[] {
  const instruction = systemInstruction as Json | undefined;
  const turns = listIn(contents).map(({ role, parts }) => {
    const results = listIn(parts).flatMap(({ functionResponse }) => {
      const { id, response } = (functionResponse ?? {}) as { id?: string; response?: object };
      return response === undefined ? [] : [{ id: id ?? "", text: Object.values(response).map(String).join("") }];
    });
    if (results.length > 0) return turn("tool", { results });
    const calls = listIn(parts).flatMap(({ functionCall }) => {
      const { id = "", name, args } = (functionCall ?? {}) as { id?: string; name?: string; args?: object };
      return name === undefined ? [] : [{ id, name, args: args ?? {} }];
    });
    const text = textIn(listIn(parts).filter(({ thought }) => thought !== true));
    return turn(role === "model" ? "assistant" : "user", { text, calls });
  });
  return merged([...(instruction ? [turn("system", { text: textIn(instruction.parts) })] : []), ...turns]);
}

const shared = {
  model: wire.asked,
  id: "r1",
  whole: (said: Said) =>
    wire.answer(
      partsOf(said, (text) => (text === "" ? [] : [text])),
      {
        candidates: [
          {
            content: { role: "model", parts: partsOf(said, (text) => (text === "" ? [] : [text])) },
            finishReason: reasonOf(said),
            index: 0,
          },
        ],
      },
    ),
  script: (said: Said) => ({
    opening: sse(wire.event([{ text: "" }])),
    pieces: partsOf(said, cut).flatMap((part) => sse(wire.event([part]))),
    closing: sse(wire.event([{ text: "" }], reasonOf(said))),
  }),
  turns: turnsOf,
  error: (code: number, headers?: Readonly<Record<string, string>>) =>
    status(code, { error: { code, message: "no", status: words[code] ?? "UNKNOWN" } }, headers),
  errorClass: () => ApiError,
  errorEvent: { event: errorEvents.gemini, errorClass: ApiError },
  badEvent: 'data: {"candidates":[{"con\n\n',
  native: {
    user: (text: string) => ({ role: "user", parts: [{ text }, { text: "" }] }),
    params: { maxOutputTokens: 7 },
    sent: { generationConfig: { maxOutputTokens: 7 } },
  },
  traits: {
    parts: ["picture", "picture by address", "sound", "document"],
    common: ["temperature", "maxTokens", "topP", "stop", "seed", "frequencyPenalty", "presencePenalty"],
    json: "field",
    schema: "field",
    thinking: true,
    refusal: false,
    partialTools: false,
    resultParts: ["picture", "picture by address", "document"],
    errorResults: true,
    systemField: true,
    retryAfter: false,
  },
} satisfies Omit<NetworkLane, "name" | "subpath" | "call" | "provider" | "client" | "foreign">;

const googleLane = <P extends GenAITypes>(
  call: Call<P>,
  provider: Provider<P>,
  own: Pick<NetworkLane, "client" | "foreign">,
) => laneOf(call, provider, { ...shared, ...own, name: provider.name, subpath: provider.name });

const nowhere = "http://127.0.0.1:9";

export const geminiLane = googleLane(gemini.call, gemini.provider, {
  client: (baseUrl) => new GoogleGenAI({ enterprise: false, apiKey: secret, httpOptions: { baseUrl } }),
  foreign: [openaiClient(nowhere), wire.vertexClient(nowhere)],
});

export const vertexLane = googleLane(vertex.call, vertex.provider, {
  client: (baseUrl) => new GoogleGenAI({ enterprise: true, apiKey: secret, httpOptions: { baseUrl } }),
  foreign: [openaiClient(nowhere), wire.geminiClient(nowhere)],
});
