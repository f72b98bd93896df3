import type OpenAI from "openai";
import { type FinishWords, finishWord } from "../../../contract/fake.ts";
import type { FakeAnswer, FakeUsage, FakeWire } from "../../../contract/fake-answer.ts";
import { missingSdk } from "../../../contract/sdk.ts";
import { generatedError, openaiErrorBody } from "../../../dialects/fake-sdk-error.ts";
import { providerName } from "./content.ts";
import type { OpenAIResponsesTypes as P } from "./types.ts";

type Item = P["Response"]["output"][number];
type Event = P["Chunk"];

/** How answers are made up for tests, in the form of the `openai` package's Responses API. */
export const fake: FakeWire<P> = {
  whole: (answer) =>
    toResponse(
      answer,
      itemsOf(answer).map(({ whole }) => whole),
      endOf(answer),
    ),

  events(answer) {
    const items = itemsOf(answer);
    const response = toResponse(
      answer,
      items.map(({ whole }) => whole),
      endOf(answer),
    );
    const begun = toResponse(answer, [], { status: "in_progress" });
    const last = response.status === "incomplete" ? "response.incomplete" : "response.completed";
    const events = [
      { type: "response.created", response: begun },
      { type: "response.in_progress", response: begun },
      ...items.flatMap(({ whole, begun: item, pieces }, output_index) => [
        { type: "response.output_item.added", output_index, item },
        ...pieces.map((piece) => ({ ...piece, output_index, item_id: whole.id })),
        { type: "response.output_item.done", output_index, item: whole },
      ]),
      { type: last, response },
    ];
    // Each of its own type, which a list of literals does not say.
    return events.map((event, index) => ({ ...event, sequence_number: index })) as unknown as Event[];
  },

  async error(failure) {
    const { OpenAI } = await import("openai").catch(missingSdk("openai", "openai"));
    return generatedError(providerName, OpenAI, failure, openaiErrorBody(failure));
  },
};

// This API has no reason but a status: an answer that ends in calls is completed like any other.
const words: FinishWords<string> = {
  stop: "completed",
  tool_calls: "completed",
  length: "max_output_tokens",
  content_filter: "content_filter",
};

function endOf(answer: FakeAnswer): object {
  const reason = finishWord(providerName, answer, words);
  const usage = toUsage(answer.usage);
  if (reason === "completed") return { status: "completed", usage };
  if (reason !== "max_output_tokens" && reason !== "content_filter") return { status: reason, usage };
  return { status: "incomplete", incomplete_details: { reason }, usage };
}

function toResponse({ id, created, model, requestId }: FakeAnswer, output: readonly Item[], more: object) {
  const response = {
    id,
    object: "response",
    created_at: created,
    error: null,
    incomplete_details: null,
    instructions: null,
    model,
    output,
    output_text: output.flatMap(textsOf).join(""),
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: [],
    temperature: 1,
    top_p: 1,
    metadata: {},
    usage: null,
    ...more,
  };
  // The SDK notes the id of the request on its object, unseen. What the type demands beside is absent in most answers.
  return Object.defineProperty(response, "_request_id", {
    value: requestId,
    enumerable: false,
  }) as unknown as OpenAI.Responses.Response;
}

function textsOf(item: Item): string[] {
  if (item.type !== "message") return [];
  return item.content.flatMap((part) => (part.type === "output_text" ? [part.text] : []));
}

interface MadeItem {
  readonly whole: Item & { readonly id?: string };
  readonly begun: object;
  readonly pieces: readonly object[];
}

function itemsOf({ id, text, thinking, refusal, toolCalls }: FakeAnswer): MadeItem[] {
  const items: MadeItem[] = [];
  if (thinking !== undefined) {
    const item = { id: `rs_${id}`, type: "reasoning", summary: [] } as const;
    const at = { summary_index: 0 };
    const part = { type: "summary_text", text: thinking.text } as const;
    items.push({
      whole: { ...item, summary: [part] },
      begun: item,
      pieces: [
        { type: "response.reasoning_summary_part.added", ...at, part: { ...part, text: "" } },
        ...thinking.pieces.map((delta) => ({ type: "response.reasoning_summary_text.delta", ...at, delta })),
        { type: "response.reasoning_summary_text.done", ...at, text: thinking.text },
        { type: "response.reasoning_summary_part.done", ...at, part },
      ],
    });
  }
  if (text !== undefined) items.push(textItem(id, text));
  if (refusal !== undefined) items.push(refusalItem(id, refusal));
  for (const { id: call_id, name, args, pieces } of toolCalls) {
    const item = { id: `fc_${call_id}`, type: "function_call", call_id, name } as const;
    items.push({
      whole: { ...item, arguments: args, status: "completed" },
      begun: { ...item, arguments: "", status: "in_progress" },
      pieces: [
        ...pieces.map((delta) => ({ type: "response.function_call_arguments.delta", delta })),
        { type: "response.function_call_arguments.done", name, arguments: args },
      ],
    });
  }
  return items;
}

type Said = NonNullable<FakeAnswer["text"]>;

const at = { content_index: 0 };

function messageOf(id: string) {
  return { id: `msg_${id}`, type: "message", role: "assistant", content: [] } as const;
}

function textItem(id: string, { text, pieces }: Said): MadeItem {
  const part = { type: "output_text", text, annotations: [], logprobs: [] } as const;
  return {
    whole: { ...messageOf(id), content: [{ ...part, annotations: [], logprobs: [] }], status: "completed" },
    begun: { ...messageOf(id), status: "in_progress" },
    pieces: [
      { type: "response.content_part.added", ...at, part: { ...part, text: "" } },
      ...pieces.map((delta) => ({ type: "response.output_text.delta", ...at, delta, logprobs: [] })),
      { type: "response.output_text.done", ...at, text, logprobs: [] },
      { type: "response.content_part.done", ...at, part },
    ],
  };
}

function refusalItem(id: string, { text: refusal, pieces }: Said): MadeItem {
  const part = { type: "refusal", refusal } as const;
  return {
    whole: { ...messageOf(id), content: [part], status: "completed" },
    begun: { ...messageOf(id), status: "in_progress" },
    pieces: [
      { type: "response.content_part.added", ...at, part: { ...part, refusal: "" } },
      ...pieces.map((delta) => ({ type: "response.refusal.delta", ...at, delta })),
      { type: "response.refusal.done", ...at, refusal },
      { type: "response.content_part.done", ...at, part },
    ],
  };
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage) {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens ?? 0, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
