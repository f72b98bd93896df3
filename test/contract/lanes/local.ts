import { local } from "../../../src/providers/local/index.ts";
import type { LocalChunk, LocalDelta } from "../../../src/providers/local/types.ts";
import { sse } from "../../support/fault-server.ts";
import { bare, type Json, type Lane, type Said, type Turn } from "../lane.ts";
import { openaiClient } from "./openai.ts";
import { cut, finishOf, listIn, merged, parsed, turn } from "./pieces.ts";

// A stand-in for the model: what it says is scripted, so that the bodies of the other providers run here, too. What the
// real model does is in `local.test.ts` beside the provider, and its limits are in `../local.test.ts`.

const reasons = { stop: "stop", length: "length", tool_calls: "toolCalls", content_filter: "stop" } as const;
const head = { id: "local-1", model: "smollm2-135m-instruct", created: 1 };
const usage = { inputTokens: 10, outputTokens: 5 };

const chunk = (delta: LocalDelta, more: Partial<LocalChunk> = {}): LocalChunk => ({ ...head, delta, usage, ...more });

function piecesOf({ text, thinking, toolCalls = [] }: Said): LocalChunk[] {
  const deltas: LocalDelta[] = [
    ...cut(thinking ?? "").map((piece) => ({ thinking: piece })),
    ...cut(text ?? "").map((content) => ({ content })),
    ...toolCalls.flatMap(({ id, name, args }, index) => [
      { toolCall: { index, id, name } },
      ...cut(args, 5).map((piece) => ({ toolCall: { index, arguments: piece } })),
    ]),
  ];
  return deltas.map((delta) => chunk(delta));
}

const lastOf = (said: Said) => chunk({}, { finishReason: reasons[finishOf(said)] });

/** Gives what the server sends, as a `LocalModel` gives what its model writes: in events, for a stream or not. */
function standIn(url: string) {
  return {
    async generate(request: object, emit: (chunk: LocalChunk) => void, signal?: AbortSignal) {
      const answer = await fetch(url, { method: "POST", body: JSON.stringify(request), ...(signal && { signal }) });
      const text = await answer.text();
      const isStream = answer.headers.get("content-type")?.includes("event-stream");
      const events = isStream ? text.split("\n\n").filter((line) => line !== "") : [];
      for (const event of events) emit(JSON.parse(event.slice("data: ".length)) as LocalChunk);
      if (!isStream) for (const event of (JSON.parse(text) as { events: LocalChunk[] }).events) emit(event);
    },
  };
}

function turnsOf(body: Json): Turn[] {
  return merged(
    listIn(body.messages).map(({ role, content, toolCalls, toolCallId }) => {
      const text = String(content);
      if (role === "tool") return turn("tool", { results: [{ id: String(toolCallId), text }] });
      const calls = listIn(toolCalls).map(({ id, name, arguments: args }) => {
        return { id: String(id), name: String(name), args: parsed(String(args)) };
      });
      return turn(role as Turn["role"], { text, calls });
    }),
  );
}

export const localLane: Lane = {
  ...bare(local.call, local.provider),
  name: "local",
  subpath: "local",
  model: head.model,
  id: head.id,
  free: true,
  client: standIn,
  foreign: [openaiClient("http://127.0.0.1:9")],
  whole: (said) => ({ events: [chunk({}), ...piecesOf(said), lastOf(said)] }),
  script: (said) => ({
    opening: sse(chunk({})),
    pieces: sse(...piecesOf(said)),
    closing: sse(lastOf(said)),
  }),
  turns: turnsOf,
  native: {
    user: (content) => ({ role: "user", content }),
    params: { maxTokens: 7 },
    sent: { maxTokens: 7 },
  },
  traits: {
    parts: [],
    common: ["temperature", "maxTokens", "topP", "stop", "seed", "frequencyPenalty", "presencePenalty"],
    json: "field",
    schema: "field and words",
    thinking: true,
    refusal: false,
    partialTools: true,
    resultParts: [],
    errorResults: false,
    systemField: false,
    retryAfter: false,
  },
};
