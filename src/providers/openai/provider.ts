import type OpenAI from "openai";
import { toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import { chatMessageParam, readChat } from "../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../dialects/chat-completions-stream.ts";
import type { Provider, ProviderTypes } from "../../provider.ts";
import { defaultClient, loadSdk, wrongClient } from "../../sdk.ts";

type Chat = OpenAI.Chat.Completions.ChatCompletionCreateParams;

/** OpenAI's Chat Completions, as the official SDK types them. */
export interface OpenAITypes extends ProviderTypes {
  /** `OpenAI`, or `AzureOpenAI`, which is one. */
  Client: OpenAI;
  Params: Omit<Chat, "model" | "messages" | "stream">;
  Request: Chat;
  Message: OpenAI.ChatCompletionMessageParam;
  Response: OpenAI.ChatCompletion;
  Chunk: OpenAI.ChatCompletionChunk;
  FinishReason: OpenAI.ChatCompletion.Choice["finish_reason"];
  Usage: OpenAI.CompletionUsage;
  ToolCall: OpenAI.ChatCompletionMessageToolCall;
  AssistantMessage: OpenAI.ChatCompletionAssistantMessageParam;
  ToolMessage: OpenAI.ChatCompletionToolMessageParam;
}

const support = {
  provider: "openai",
  roles: ["developer", "system", "user", "assistant", "tool", "function"],
  parts: ["image", "audio", "document", "cache_control"],
} as const;

// What the SDK's constructor reads, https://github.com/openai/openai-node#configuration.
const environment = [
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "OPENAI_ORG_ID",
  "OPENAI_PROJECT_ID",
  "OPENAI_ADMIN_KEY",
  "OPENAI_CUSTOM_HEADERS",
];

const ownClient = defaultClient(environment, async () => {
  const { OpenAI } = await loadSdk(() => import("openai"), "openai", "openai");
  return new OpenAI();
});

export const provider: Provider<OpenAITypes> = {
  name: "openai",

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as OpenAI;
    if (typeof client?.chat?.completions?.create === "function") return client;
    throw wrongClient("openai", "an OpenAI or AzureOpenAI instance", "chat.completions.create");
  },

  params(neutral) {
    const { messages, request } = toChatRequest(neutral, support);
    // The converters build what the SDK's types describe, from structural types of their own.
    const native = request as Chat;
    if (neutral.stream && native.stream_options !== null) {
      native.stream_options = { include_usage: true, ...native.stream_options };
    }
    return { request: native, messages: messages as OpenAI.ChatCompletionMessageParam[] };
  },

  create(client, request, options) {
    return client.chat.completions.create(request as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, options);
  },

  stream(client, request, options) {
    return client.chat.completions.create(request as OpenAI.Chat.ChatCompletionCreateParamsStreaming, options);
  },

  read: (response) => readChat<OpenAITypes>("openai", response),

  readChunk: (chunk, draft) => readChatChunk<OpenAITypes>(chunk, draft),

  messageParam: (response) => chatMessageParam<OpenAITypes>(response),

  toolMessages: (results) => toChatToolMessages(results),
};
