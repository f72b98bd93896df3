import type Groq from "groq-sdk";
import type {
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
} from "groq-sdk/resources/chat/completions";
import type { Provider, ProviderTypes } from "../../contract/provider.ts";
import { defaultClient, missingSdk, wrongClient } from "../../contract/sdk.ts";
import { type ChatSupport, toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import { groqMessageParam, readGroq, readGroqChunk } from "./read.ts";

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

// Usage comes unasked, and prompts are cached without a mark. Groq's `document` part holds JSON, not a file: it comes in
// a native message. https://console.groq.com/docs/api-reference#chat-create
const support: ChatSupport = {
  provider: "groq",
  roles: ["developer", "system", "user", "assistant", "tool", "function"],
  parts: ["image"],
  // "json mode cannot be combined with tool/function calling": https://console.groq.com/docs/structured-outputs
  formatsBesideTools: false,
};

// What the SDK's constructor reads, https://github.com/groq/groq-typescript.
const environment = ["GROQ_API_KEY", "GROQ_BASE_URL", "GROQ_LOG", "GROQ_CUSTOM_HEADERS"];

const ownClient = defaultClient(environment, async () => {
  const { Groq } = await import("groq-sdk").catch(missingSdk("groq-sdk", "groq"));
  return new Groq();
});

export const provider: Provider<GroqTypes> = {
  name: "groq",

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as Groq;
    // An OpenAI client has the same method, and would send the path of another service.
    if (typeof client?.chat?.completions?.create === "function" && !("responses" in client)) return client;
    throw wrongClient("groq", "a Groq instance", "chat.completions.create of its own");
  },

  params: (neutral) => toChatRequest(neutral, support),

  create(client, request, options) {
    return client.chat.completions.create(request as ChatCompletionCreateParamsNonStreaming, options);
  },

  stream(client, request, options) {
    return client.chat.completions.create(request as ChatCompletionCreateParamsStreaming, options);
  },

  read: readGroq,

  readChunk: readGroqChunk,

  messageParam: groqMessageParam,

  toolMessages: (results) => toChatToolMessages(results),
};
