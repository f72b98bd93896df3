import { chunk, completion, toolCall } from "../../support/chat-server.ts";
import { errorEvents, sse, status } from "../../support/fault-server.ts";
import type { Json, NetworkLane, Said, Script, Traits, Turn } from "../lane.ts";
import { cut, finishOf, listIn, merged, parsed, textIn, turn } from "./pieces.ts";

// Hand-written after https://platform.openai.com/docs/api-reference/chat: the wire that several providers share.

/** What differs between those who speak it. */
export interface ChatDialect {
  readonly model: string;
  /** What thoughts are called in a message. */
  readonly thinking?: "reasoning" | "reasoning_content";
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

/** What all lanes of this wire have in common. */
export function chatWire(dialect: ChatDialect) {
  return {
    model: dialect.model,
    id: "chatcmpl-1",
    whole: (said: Said) => completion({ ...messageOf(said, dialect), finish: finishOf(said) }, dialect.model) as Json,
    script: (said: Said) => scriptOf(said, dialect),
    turns: chatTurns,
    error: (code: number, headers?: Readonly<Record<string, string>>) =>
      status(code, { error: { message: "no", type: "some_error", code: null } }, headers),
    badEvent: 'data: {"choices":[{"del\n\n',
    native: {
      user: (content: string) => ({ role: "user", content, name: "Ann" }),
      params: { max_tokens: 7 },
      sent: { max_tokens: 7 },
    },
  } satisfies Partial<NetworkLane>;
}

/** An error event as OpenAI sends it. */
export const chatErrorEvent = errorEvents.openai;

/** What all providers of this wire can do. */
export const chatTraits = {
  common: ["temperature", "maxTokens", "topP", "stop", "seed", "frequencyPenalty", "presencePenalty"],
  json: "field",
  schema: "field",
  refusal: true,
  thinking: true,
  partialTools: true,
  resultParts: [],
  errorResults: false,
  systemField: false,
  retryAfter: true,
} satisfies Partial<Traits>;

function messageOf({ text, thinking, toolCalls, refusal }: Said, dialect: ChatDialect): Json {
  return {
    content: text ?? null,
    ...(refusal !== undefined && { refusal }),
    ...(thinking !== undefined && dialect.thinking && { [dialect.thinking]: thinking }),
    ...(toolCalls && { tool_calls: toolCalls.map(({ id, name, args }) => toolCall(name, args, id)) }),
  };
}

function scriptOf(said: Said, { model, thinking }: ChatDialect): Script {
  const event = (delta: object, finish: string | null = null) => chunk(delta, finish, { model });
  const deltas = [
    ...(thinking ? cut(said.thinking ?? "").map((piece) => ({ [thinking]: piece })) : []),
    ...cut(said.text ?? "").map((content) => ({ content })),
    ...cut(said.refusal ?? "").map((refusal) => ({ refusal })),
    ...(said.toolCalls ?? []).flatMap(({ id, name, args }, index) => [
      { tool_calls: [{ index, ...(toolCall(name, "", id) as object) }] },
      ...cut(args, 5).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
  ];
  return {
    opening: sse(event({ role: "assistant", content: "" })),
    pieces: sse(...deltas.map((delta) => event(delta))),
    closing: sse(event({}, finishOf(said)), { ...event({}), choices: [], usage }, "[DONE]"),
  };
}

/** The conversation in a request. Mistral's and Cohere's are of this form, too. */
export function chatTurns(body: Json): Turn[] {
  return merged(
    listIn(body.messages).map(({ role, content, tool_calls, tool_call_id }) => {
      const calls = listIn(tool_calls).map((call) => {
        const fn = call.function as { name: string; arguments: string };
        return { id: String(call.id), name: fn.name, args: parsed(fn.arguments) };
      });
      if (role !== "tool") return turn(role as Turn["role"], { text: textIn(content), calls });
      return turn("tool", { results: [{ id: String(tool_call_id), text: textIn(content) }] });
    }),
  );
}
