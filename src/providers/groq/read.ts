import type Groq from "groq-sdk";
import type { ChunkReading, Draft, Reading } from "../../contract/provider.ts";
import { chatMessageParam, readChat } from "../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../dialects/chat-completions-stream.ts";
import { ResponseError } from "../../errors/errors.ts";
import { type Parted, ThoughtParter } from "./thoughts.ts";
import type { GroqTypes } from "./types.ts";

/** A completion; thoughts that stand in its text as a `<think>` block are parted from it. */
export function readGroq(response: Groq.Chat.ChatCompletion): Reading<GroqTypes> {
  const reading = readChat<GroqTypes>("groq", response);
  const { content, thought: text } = received.get(response) ?? partWhole(reading.content);
  const thinking =
    text.trim() === "" ? reading.thinking : [...(reading.thinking ?? []), { type: "thinking", text } as const];
  return { ...reading, tokens: reading.tokens, content, thinking };
}

function partWhole(text: string): Parted {
  const parter = new ThoughtParter();
  const { content, thought } = parter.push(text);
  const rest = parter.end();
  return { content: content + rest.content, thought: thought + rest.thought };
}

// One for each stream that is being read, gone with its draft.
const parters = new WeakMap<Draft<GroqTypes>, ThoughtParter>();

// The two sides of what was received of an answer: parting all of it anew at each event would be quadratic. What may still
// become a tag is on neither side before it is known what it is.
const received = new WeakMap<object, Parted>();

/** One event. Throws `ResponseError` for one that says the answer broke off. */
export function readGroqChunk(chunk: Groq.Chat.ChatCompletionChunk, draft: Draft<GroqTypes>): ChunkReading<GroqTypes> {
  const error = chunk.x_groq?.error;
  if (error) throw new ResponseError("groq", `groq broke off its answer: ${error}`, chunk);
  const reading = readChatChunk<GroqTypes>(withUsage(chunk), draft);
  const sides = received.get(draft.response as object) ?? { content: "", thought: "" };
  received.set(draft.response as object, sides);
  if (reading.content === "" && reading.finishReasons === undefined) return reading;
  const parter = parters.get(draft) ?? new ThoughtParter();
  parters.set(draft, parter);
  const { content, thought } = parter.push(reading.content);
  const rest = reading.finishReasons === undefined ? { content: "", thought: "" } : parter.end();
  sides.content += content + rest.content;
  sides.thought += thought + rest.thought;
  const thinking = (reading.thinking ?? "") + thought + rest.thought;
  return { ...reading, content: content + rest.content, thinking: thinking || undefined };
}

// A stream's usage stands in `x_groq`, in newer answers beside it too. https://console.groq.com/docs/api-reference
function withUsage(chunk: Groq.Chat.ChatCompletionChunk): Groq.Chat.ChatCompletionChunk {
  const usage = chunk.x_groq?.usage;
  return usage?.prompt_tokens === undefined || (chunk as { usage?: object | null }).usage
    ? chunk
    : Object.assign({}, chunk, { usage });
}

// What the API knows of an assistant's message; it refuses any other key.
const sentBack: readonly string[] = ["role", "content", "name", "reasoning", "function_call", "tool_calls"];

/** The assistant's turn, a `<think>` block in its text included. */
export function groqMessageParam(response: Groq.Chat.ChatCompletion): Groq.Chat.ChatCompletionAssistantMessageParam {
  const param = chatMessageParam<GroqTypes>(response);
  const known = Object.entries(param).filter(([key]) => sentBack.includes(key));
  return Object.fromEntries(known) as unknown as Groq.Chat.ChatCompletionAssistantMessageParam;
}
