import type Groq from "groq-sdk";
import type { ChatCompletionCreateParams } from "groq-sdk/resources/chat/completions";
import type { ProviderTypes } from "../../contract/provider.ts";

/** Groq's Chat Completions, as its SDK types them. */
export interface GroqTypes extends ProviderTypes {
  /** `Groq`. Its own time limit is one minute, where other SDKs have ten. */
  Client: Groq;
  Params: Omit<ChatCompletionCreateParams, "model" | "messages" | "stream">;
  Request: ChatCompletionCreateParams;
  Message: Groq.Chat.ChatCompletionMessageParam;
  Response: Groq.Chat.ChatCompletion;
  Chunk: Groq.Chat.ChatCompletionChunk;
  FinishReason: Groq.Chat.ChatCompletion.Choice["finish_reason"];
  Usage: Groq.CompletionUsage;
  ToolCall: Groq.Chat.ChatCompletionMessageToolCall;
  AssistantMessage: Groq.Chat.ChatCompletionAssistantMessageParam;
  ToolMessage: Groq.Chat.ChatCompletionToolMessageParam;
}
