import type OpenAI from "openai";
import { hostOf } from "../../contract/address.ts";
import type { Provider } from "../../contract/provider.ts";
import { defaultClient, missingSdk, staysHere, wrongClient } from "../../contract/sdk.ts";
import { toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import { mendChatTurn } from "../../dialects/chat-completions-mend.ts";
import type { ChatSupport } from "../../dialects/chat-completions-parts.ts";
import { chatMessageParam, readChat } from "../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../dialects/chat-completions-stream.ts";
import { chatSettings } from "../../dialects/chat-settings.ts";
import { openaiChatEvents } from "../../dialects/openai-sdk.ts";
import { readSdkEvents } from "../../dialects/sdk-events.ts";
import type { OpenAITypes } from "./types.ts";

const support: ChatSupport = {
  provider: "openai",
  kin: ["azure"],
  roles: ["developer", "system", "user", "assistant", "tool", "function"],
  parts: ["image", "audio", "document", "cache_control"],
  // https://platform.openai.com/docs/guides/prompt-caching: a breakpoint has no lifetime of its own.
  cacheMark: (ttl) => (ttl === undefined ? { prompt_cache_breakpoint: { mode: "explicit" } } : undefined),
  asksForUsage: true,
};

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
  const { OpenAI } = await import("openai").catch(missingSdk("openai", "openai"));
  return new OpenAI();
});

export const provider: Provider<OpenAITypes> = {
  name: "openai",
  kin: ["azure"],
  owned: ["model", "messages", "stream"],
  settings: chatSettings,
  hosts: /^api\.openai\.com$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as OpenAI;
    if (typeof client?.chat?.completions?.create === "function") return client;
    throw wrongClient("openai", "an OpenAI or AzureOpenAI instance", "chat.completions.create");
  },

  // At high detail 85 and 170 for each tile of 512 pixels, four of which a common picture has:
  // https://platform.openai.com/docs/guides/images-vision#calculating-costs
  mediaTokens: (part) => (part.type !== "image" ? undefined : part.detail === "low" ? 85 : 765),

  address: (client) => hostOf(client?.baseURL),

  params: (neutral) => toChatRequest(neutral, support),

  create(client, request, options) {
    return client.chat.completions.create(request as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, {
      ...options,
      ...staysHere,
    });
  },

  stream(client, request, options) {
    return client.chat.completions.create(request as OpenAI.Chat.ChatCompletionCreateParamsStreaming, {
      ...options,
      ...staysHere,
    });
  },

  readEvents: (events, http) => readSdkEvents(events, http, openaiChatEvents),

  read: (response) => readChat<OpenAITypes>("openai", response),

  readChunk: (chunk, draft) => readChatChunk<OpenAITypes>(chunk, draft),

  messageParam: (response) => chatMessageParam<OpenAITypes>(response),

  mendTurn: mendChatTurn,

  toolMessages: (results) => toChatToolMessages(results, support),
};
