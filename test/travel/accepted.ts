import { recordings } from "../support/recordings.ts";
import { bodyOf, type Json } from "../support/replay.ts";
import type { Lane } from "./lanes.ts";

// What a provider has been seen to accept: every place in the messages of recorded requests that were answered with
// success, and the kind of value that stood there. Statements such as `assistant.tool_calls[function].id: string`.

/** Subtrees whose keys are the tool's own. */
const free: readonly string[] = ["input", "args", "response", "json", "arguments"];

/** The messages of a request body, each under the name of what it is. */
function piecesOf(body: Json): (readonly [name: string, value: unknown])[] {
  const pieces: (readonly [string, unknown])[] = [];
  for (const key of ["system", "systemInstruction"]) if (body[key] !== undefined) pieces.push(["system", body[key]]);
  for (const key of ["messages", "contents", "input"]) {
    if (!Array.isArray(body[key])) continue;
    // A content of Google's without a role is the user's.
    for (const item of body[key] as Json[]) pieces.push([String(item.role ?? item.type ?? "user"), item]);
  }
  return pieces;
}

function* statements(value: unknown, place: string, key: string): Generator<string> {
  if (free.includes(key) && typeof value === "object") yield `${place}: free`;
  else if (Array.isArray(value)) {
    if (value.length === 0) yield `${place}: empty`;
    for (const item of value) {
      const { type } = (item ?? {}) as Json;
      yield* statements(item, `${place}[${typeof type === "string" ? type : ""}]`, "");
    }
  } else if (typeof value === "object" && value !== null) {
    yield `${place}: object`;
    for (const [inner, item] of Object.entries(value)) yield* statements(item, `${place}.${inner}`, inner);
  } else yield `${place}: ${value === null ? "null" : typeof value}`;
}

/** Every statement about the messages of a request body. */
export function placesIn(body: Json): Set<string> {
  return new Set(piecesOf(body).flatMap(([name, value]) => [...statements(value, name, name)]));
}

/** What the recordings of a provider show to be accepted. */
export function learn(lane: Lane): Set<string> {
  const learned = new Set<string>();
  for (const folder of lane.folders) {
    for (const { exchanges } of recordings(folder, (one) => lane.speaks?.(one) ?? true)) {
      for (const exchange of exchanges) {
        if (exchange.request === null || exchange.response.status >= 300) continue;
        for (const place of placesIn(bodyOf(exchange))) learned.add(place);
      }
    }
  }
  return learned;
}

/** Places that are documented, or that the provider writes itself, and that no recorded request happens to have. */
const documented: { readonly [name: string]: readonly RegExp[] } = {
  // https://platform.openai.com/docs/api-reference/responses/create#responses-create-input: text or a list of parts; and
  // an item of an answer goes back as it came, "phase" included.
  "openai-responses": [
    /^(system|assistant)\.content: string$/,
    /^assistant\.content\[output_text\]\./,
    /^assistant\.phase: /,
  ],
  // https://docs.mistral.ai/api/endpoint/chat: a tool message names its tool; a thought says whether it is `closed`.
  mistral: [/^tool\.name: string$/, /^assistant\.content\[thinking\]\.closed: boolean$/],
  // https://ai.google.dev/api/caching#Part: a thought goes back as it came, with `thought: true`.
  gemini: [/^model\.parts\[\]\.thought: boolean$/],
  // The same, and https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content#FunctionCall.
  vertex: [/^model\.parts\[\]\.thought: boolean$/, /^model\.parts\[\]\.functionCall\.id: string$/],
  // https://console.groq.com/docs/api-reference#chat-create: no content is needed beside tool calls; a turn may have its
  // reasoning.
  groq: [/^assistant\.content: null$/, /^assistant\.reasoning: string$/],
  // https://docs.cohere.com/reference/chat#request.body.messages: text or a list of parts, thoughts and citations.
  cohere: [/^assistant\.content: string$/, /^assistant\.content\[thinking\]/, /^assistant\.citations\[TEXT_CONTENT\]/],
  // https://learn.microsoft.com/azure/ai-foundry/openai/latest: no content is needed beside tool calls. Some models of
  // other makers number their calls.
  azure: [/^assistant\.content: null$/, /^assistant\.tool_calls\[function\]\.index: number$/],
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ReasoningContentBlock.html
  bedrock: [/^assistant\.content\[\]\.reasoningContent/],
};

/** The places of a body where the provider has never been seen to accept what stands there, nor documents it. */
export function unseenIn(body: Json, { name }: Lane, learned: ReadonlySet<string>): string[] {
  const allowed = documented[name] ?? [];
  return [...placesIn(body)].filter((place) => !learned.has(place) && !allowed.some((one) => one.test(place)));
}
